// §7.39-45: what was before and what comes at the same time.

import test from 'ava';
import { certificateBase64, newKeys } from '../../demo/identity-provider/keys.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { OPEN, postResponse } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';
import { BROWSER, enveloped, openWire, type RawAnswer } from './wire.ts';
import { SHAPES } from './shapes.ts';

test('§7.39 the same message five times in four minutes ends once and is answered Success each time (WSO2’s retries; P5)', async (t) => {
  const wire = await openWire(t);
  await wire.signedIn();
  const message = wire.signed();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const answer = await wire.form(message);
    t.is(answer.status, 200);
    t.deepEqual(wire.said(answer), ['Success']);
    wire.scene.clock.advance(60_000);
  }
  t.is(wire.scene.audit.filter(({ event }) => event === 'session-ended').length, 1);
  t.deepEqual(
    wire.scene.audit.flatMap((line) => (line.event === 'logout-request' ? [line.repeated] : [])),
    [false, true, true, true, true],
  );
  t.false(await wire.isIn());
});

test('§7.39 a retry ends no session that began meanwhile, and other content under the same ID is refused (P5)', async (t) => {
  const wire = await openWire(t);
  const index = await wire.signedIn();
  const id = wire.shape.id();
  const message = wire.signed({ id, sessionIndexes: [] });
  await wire.form(message);
  await wire.signedIn();
  t.deepEqual(wire.said(await wire.form(message)), ['Success']);
  t.true(await wire.isIn());
  const answer = await wire.leaves('other content', 'SAML_ID_REUSED', () =>
    wire.form(wire.signed({ id, sessionIndexes: [index] })),
  );
  t.deepEqual(wire.said(answer), ['Requester']);
});

test('§7.40 an assertion that comes after the logout of its session begins nothing, one of another session does (P6)', async (t) => {
  const wire = await openWire(t);
  const { scene } = wire;
  for (const [what, indexes, begins] of [
    ['its index', 'its own', false],
    ['every session', [], false],
    ['another index', ['_other'], true],
  ] as const) {
    const browser = scene.browser();
    const form = await browser.visit(scene.at('wiki'));
    const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
    const own = scene.idp.sessions().at(-1)?.sessionIndex ?? '';
    await wire.form(wire.signed({ sessionIndexes: indexes === 'its own' ? [own] : indexes }));
    const page = await postResponse(browser, response);
    t.is(page.headers['x-curfew'], begins ? 'OK' : 'SAML_LOGGED_OUT', what);
    scene.clock.advance(20 * 60_000);
  }
});

test('§7.41 a session that is gone, or a person who never was, is answered Success (P1)', async (t) => {
  const wire = await openWire(t);
  await wire.ends('living', () => wire.form(wire.signed()));
  for (const change of [{}, { name: { value: 'nobody@example.test' } }])
    t.deepEqual(wire.said(await wire.form(wire.signed(change))), ['Success']);
});

test('§7.42 while our own LogoutRequest waits for its answer the identity provider’s is carried out, and ours is still answered', async (t) => {
  const wire = await openWire(t, SHAPES.entra);
  const { scene } = wire;
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const asked = await browser.request(scene.at('wiki', '/.curfew/logout'));
  t.deepEqual(wire.said(await wire.get(wire.query(wire.xml()))), ['Success']);
  const answered = await browser.visit(asked.headers.location ?? '');
  t.is(answered.status, 200);
  t.regex(answered.body, /Your identity provider has signed you out as well/);
});

test('§7.43 the same NameID at another identity provider is another person', async (t) => {
  const stranger = await newKeys('other', new Date('2026-01-01T00:00:00Z'));
  const other = '    issuers: []\n  - name: other\n    metadata: other.xml\n';
  const wire = await openWire(t, SHAPES.keycloak, {
    idp: other,
    files: {
      'other.xml':
        `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://other.test"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>CERTIFICATE</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://other.test/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`.replace(
          'CERTIFICATE',
          certificateBase64(stranger.certificate),
        ),
    },
    apps: { wiki: `${OPEN('wiki')}identityProvider: corp\n` },
  });
  const { scene } = wire;
  await wire.signedIn();
  const theirs = wire.facts({ issuer: 'https://other.test' });
  const sent = (keys: typeof stranger) =>
    wire.form(signEnveloped(wire.shape.write(theirs), theirs.id, keys, { prefix: 'dsig' }));
  t.deepEqual(wire.said(await sent(stranger)), ['Success']);
  t.true(await wire.isIn());
  await wire.leaves('its name with our key', 'SAML_SIGNATURE_INVALID', () => sent(scene.idp.keys));
  await wire.ends('its own', () => wire.form(wire.signed()));
});

test('§7.44 an application that hangs at its goodbye holds the answer up for its deadline, and not for WSO2’s or Keycloak’s patience', async (t) => {
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/hang') return;
    response.setHeader('Set-Cookie', 'SID=1').end('ok');
  });
  t.teardown(() => upstream.close());
  const call = 'signOut: { call: { method: GET, path: /hang }, deadline: 200ms, required: true }\n';
  const wire = await openWire(t, SHAPES.wso2, { upstream, apps: { wiki: OPEN('wiki') + call } });
  await wire.signedIn();
  const begun = performance.now();
  const answer = await wire.form(wire.signed());
  t.true(performance.now() - begun < 5000);
  t.deepEqual(wire.said(answer), ['Responder', 'PartialLogout'], 'a server hears that an application was not told');
  t.regex(answer.body, /^[A-Za-z0-9+/]+={0,2}$/, 'by the bare message: WSO2 would take a page for Success (P1)');
  t.false(await wire.isIn());
});

test('§7.45 no cookie is needed, none is believed, and nothing forbids a frame (P2)', async (t) => {
  const wire = await openWire(t, SHAPES.simplesamlphp);
  const iframe = [
    ...BROWSER.slice(0, 1),
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: iframe',
    'Sec-Fetch-Site: cross-site',
  ];
  const unframed = (answer: RawAnswer, what: string): void => {
    t.is(answer.header('x-frame-options'), undefined, what);
    t.notRegex(answer.header('content-security-policy') ?? '', /frame-ancestors/, what);
    t.is(answer.header('set-cookie'), undefined, what);
  };
  for (const cookies of [[], ['Cookie: __Host-curfew=stolen; curfew=stolen; curfew-browser=x']]) {
    unframed(
      await wire.ends('Redirect', () => wire.get(wire.query(wire.xml()), '/saml/slo', [...iframe, ...cookies])),
      'Redirect',
    );
    unframed(await wire.ends('form', () => wire.form(wire.signed(), '&RelayState=', [...iframe, ...cookies])), 'form');
  }
  const own = await openWire(t, SHAPES.lemonldap);
  await own.ends('SOAP', () => own.soap(enveloped(own.signed({ destination: `${own.scene.url}/saml/slo/soap` }))));
});

test('§7.12 a Response that is meant for the SLO address signs in there, one for the ACS address does not', async (t) => {
  const wire = await openWire(t);
  const { scene } = wire;
  const slo = `${scene.url}/saml/slo`;
  const issued = scene.idp.vary.response;
  const brought = async (recipient: string): Promise<string | undefined> => {
    scene.idp.vary.response = (fields) => {
      const { assertion, ...rest } = issued?.(fields) ?? fields;
      const confirmations = assertion?.confirmations?.map((one) => ({ ...one, recipient }));
      return { ...rest, destination: recipient, assertion: { ...assertion, confirmations } };
    };
    const browser = scene.browser();
    const form = await browser.visit(scene.at('wiki'));
    const page = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
    const response = { ...page, body: page.body.replace(`${scene.url}/saml/acs`, slo) };
    const answer = await postResponse(browser, response);
    t.true(answer.url.startsWith(slo));
    return answer.headers['x-curfew']?.toString();
  };
  t.is(await brought(slo), 'OK');
  t.is(await brought(`${scene.url}/saml/acs`), 'SAML_DESTINATION_MISMATCH');
});
