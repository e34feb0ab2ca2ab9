import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { logoutRequestXml } from '../../demo/identity-provider/messages.ts';
import { DIGEST, SIGNATURE, STATUS } from '../../demo/identity-provider/names.ts';
import { parseXml, readMessage } from '../../demo/identity-provider/read.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import type { Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { ask, idpKeys, posted, responseIn, signIn, stage } from './stage.ts';

const run = promisify(execFile);

async function xmlsecAccepts(t: ExecutionContext, xml: string, certificate: string, holder: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-idp-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'message.xml'), xml);
  await writeFile(join(folder, 'idp.crt'), certificate);
  const arguments_ = ['--verify', '--pubkey-cert-pem', join(folder, 'idp.crt'), '--id-attr:ID', holder];
  try {
    await run('xmlsec1', [...arguments_, join(folder, 'message.xml')]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return false;
  }
}

const isInstalled = await run('xmlsec1', ['--version']).then(
  () => true,
  () => false,
);
const withXmlsec = isInstalled || process.env['CI'] ? test : test.skip;
if (!isInstalled) console.warn('xmlsec1 is not installed: its tests are skipped');

withXmlsec('the assertion of a Response verifies with xmlsec1 (saml-core §5.4)', async (t) => {
  const on = await stage(t);
  const xml = responseIn(await signIn(on));
  const verifies = (text: string) => xmlsecAccepts(t, text, on.idp.keys.certificate, 'Assertion');
  t.true(await verifies(xml));
  t.false(await verifies(xml.replace('alice@', 'bob@')));
});

withXmlsec('every variation of a signature verifies with xmlsec1', async (t) => {
  const keys = await idpKeys;
  const xml = logoutRequestXml({ id: '_1', issuer: 'idp', nameId: { value: 'a&b<c>\r\n"é"' } });
  const variations = [
    {},
    { keyInfo: 'none' },
    { prefix: '' },
    { prefix: 'dsig', keyInfo: '<dsig:KeyName>kid</dsig:KeyName>' },
    { signatureAlgorithm: SIGNATURE.rsaSha512, digestAlgorithm: DIGEST.sha512 },
    { javaLines: true },
  ];
  for (const options of variations) {
    const signed = signEnveloped(xml, '_1', keys, options);
    t.true(await xmlsecAccepts(t, signed, keys.certificate, 'LogoutRequest'), JSON.stringify(options));
  }
});

test('a Response answers the AuthnRequest at the address in the metadata, with the RelayState (saml-profiles §4.1.4.2)', async (t) => {
  const on = await stage(t);
  const login = await on.browser.visit(ask(on, { id: '_asked' }));
  const page = await on.browser.submitForm(login, { username: 'alice', password: 'alicepw' });
  const xml = responseIn(page);
  t.is(formsIn(page.body, page.url)[0]?.action, on.sp.assertionConsumer);
  t.is(posted(page, 'RelayState'), 'relay');
  t.true(xml.includes(`Destination="${on.sp.assertionConsumer}" InResponseTo="_asked"`));
  t.true(xml.includes(`Recipient="${on.sp.assertionConsumer}" InResponseTo="_asked"`));
  t.true(xml.includes(`<saml:Audience>${on.sp.entityId}</saml:Audience>`));
  t.true(xml.includes('<saml:AttributeValue>Alice Möller</saml:AttributeValue>'));
  t.true(xml.includes(`SessionIndex="${on.idp.sessions()[0]?.sessionIndex ?? 'none'}"`));
});

test('whoever is signed in already gets a Response at once, with the same SessionIndex', async (t) => {
  const on = await stage(t);
  const index = (page: Page) => /SessionIndex="([^"]+)"/.exec(responseIn(page))?.[1];
  const first = index(await signIn(on));
  t.truthy(first);
  t.is(index(await on.browser.visit(ask(on))), first);
});

test('a passive AuthnRequest shows no login form (saml-core §3.4.1)', async (t) => {
  const on = await stage(t);
  const xml = responseIn(await on.browser.visit(ask(on, { isPassive: true })));
  t.true(xml.includes(STATUS.noPassive));
  t.false(xml.includes('<saml:Assertion'));
});

test('a wrong password begins no session', async (t) => {
  const on = await stage(t);
  const page = await on.browser.submitForm(await on.browser.visit(ask(on)), { username: 'alice', password: 'bobpw' });
  t.is(page.status, 403);
  t.is(on.idp.sessions().length, 0);
});

test('an AuthnRequest that is not signed is refused', async (t) => {
  const on = await stage(t);
  t.is((await on.browser.visit(ask(on))).status, 200);
  const page = await on.browser.visit(ask(on, { signed: false }));
  t.is(page.status, 400);
  t.regex(page.body, /not signed/);
});

test('an AuthnRequest signed by somebody else’s key is refused', async (t) => {
  const on = await stage(t);
  const stranger = { ...on, sp: { ...on.sp, keys: await idpKeys } };
  t.regex((await on.browser.visit(ask(stranger))).body, /No certificate/);
});

test('a query signature covers the octets as they came (saml-bindings §3.4.4.1)', async (t) => {
  const on = await stage(t);
  t.regex(ask(on), /&SigAlg=http%3A%2F%2F[^&]*&Signature=/);
  const likeEntra = ask(on, { lowerCase: true, signatureFirst: true });
  t.regex(likeEntra, /&Signature=[^&]*%3d&SigAlg=http%3a%2f%2f/);
  t.is((await on.browser.visit(likeEntra)).status, 200);
  t.is((await on.browser.visit(ask(on).replace('RelayState=relay', 'RelayState=other'))).status, 400);
});

test('a message whose signature covers another element is refused (saml-core §5.4.2)', async (t) => {
  const keys = await idpKeys;
  const signed = signEnveloped(logoutRequestXml({ id: '_1', issuer: 'a' }), '_1', keys);
  t.is(signedRoot(signed, [keys.certificate]).localName, 'LogoutRequest');
  const wrapped = logoutRequestXml({ id: '_2', issuer: 'a', extensions: signed });
  t.throws(() => signedRoot(wrapped, [keys.certificate]), { message: /right after its Issuer/ });
  t.throws(() => signedRoot(signed.replace('ID="_1"', 'ID="_2"'), [keys.certificate]));
});

test('a value comes back from XML as it went in, line ends and all (XML 1.0 §2.11, §3.3.3)', (t) => {
  const value = 'a&b<c>"d\'\r\n\té';
  const request = readMessage(
    parseXml(
      logoutRequestXml({
        id: '_1',
        version: '2.0',
        issueInstant: 'now',
        issuer: value,
        nameId: { value, format: value },
      }),
    ),
  );
  t.like(request, { issuer: value, nameId: { value, format: value } });
});
