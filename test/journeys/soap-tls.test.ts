// SOAP calls to an identity provider with authorities of its own, that lets nobody in without a certificate (bindings §3.2.2.3).

import test, { type ExecutionContext } from 'ava';
import { startArtifactResolver } from '../support/artifact-resolver.ts';
import { newSigner } from '../support/certificates.ts';
import { formsIn } from '../support/forms.ts';
import { stage } from '../support/gateway.ts';

const signer = newSigner();
const [server, client] = [signer.sign(['localhost'], 2, 'serverAuth'), signer.sign(['curfew'], 2, 'clientAuth')];
const another = newSigner('another').sign(['localhost']);
const FILES = { 'idp-ca.crt': signer.cert, 'client.crt': client.cert, 'client.key': client.key };

/** Signs alice in by an artifact that is resolved over TLS. Answers with the reason code, and the ArtifactResolves that came through. */
async function signedInOver(t: ExecutionContext, soapTls: string, { cert, key } = server) {
  const resolver = await startArtifactResolver(t, { cert, key, ca: signer.cert, requestCert: true });
  const service = `<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" index="3" Location="${resolver.url}"/>`;
  const scene = await stage(t, {
    idp: `    signOn: { responseBinding: artifact }\n${soapTls}`,
    files: FILES,
    metadata: (xml) => xml.replace('<md:SingleLogoutService', `${service}<md:SingleLogoutService`),
  });
  resolver.usual = { issuer: scene.idp.entityId, keys: scene.idp.keys, now: () => scene.clock.now() };
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki'));
  const page = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const value = formsIn(page.body, page.url)[0]?.fields.find(({ name }) => name === 'SAMLResponse')?.value ?? '';
  const artifact = resolver.keep(Buffer.from(value, 'base64').toString());
  const answer = await browser.request(`${scene.url}/saml/acs?SAMLart=${encodeURIComponent(artifact)}`);
  return { code: answer.headers['x-curfew'], asked: resolver.asked.length };
}

test('with soapTls an artifact is resolved at an identity provider with authorities of its own, that wants a certificate', async (t) => {
  const tls = '    soapTls: { ca: idp-ca.crt, cert: client.crt, key: client.key }';
  t.deepEqual(await signedInOver(t, tls), { code: 'OK', asked: 1 });
});

for (const [what, tls, shown] of [
  ['without soapTls, whose authorities nobody knows', '', server],
  ['that wants a certificate, without one', '    soapTls: { ca: idp-ca.crt }', server],
  [
    'that shows a certificate of somebody else',
    '    soapTls: { ca: idp-ca.crt, cert: client.crt, key: client.key }',
    another,
  ],
  [
    'under another name than its certificate has',
    '    soapTls: { ca: idp-ca.crt, cert: client.crt, key: client.key, serverName: idp.test }',
    server,
  ],
] as const)
  test(`nothing is told to an identity provider ${what}, and nobody is signed in`, async (t) => {
    t.deepEqual(await signedInOver(t, tls, shown), { code: 'SAML_ARTIFACT_UNRESOLVED', asked: 0 });
  });
