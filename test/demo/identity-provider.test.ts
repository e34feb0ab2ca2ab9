import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { postFields, soapEnvelope, readSoap } from '../../demo/identity-provider/bindings.ts';
import { instant, logoutRequestFields, logoutResponseFields, newId } from '../../demo/identity-provider/fields.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { logoutRequestXml, logoutResponseXml } from '../../demo/identity-provider/messages.ts';
import { DIGEST, SIGNATURE, STATUS } from '../../demo/identity-provider/names.ts';
import { parseXml, readMessage } from '../../demo/identity-provider/read.ts';
import { startIdentityProvider, type IdentityProvider } from '../../demo/identity-provider/server.ts';
import { signEnveloped, signedQuery, type QueryOptions } from '../../demo/identity-provider/sign.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import { openBrowser, type Browser, type Page } from '../support/browser.ts';
import { manualClock, type ManualClock } from '../support/clock.ts';
import { formsIn } from '../support/forms.ts';
import { pretendServiceProvider, type PretendServiceProvider } from '../support/service-provider.ts';
import { startUpstream } from '../support/upstream.ts';

const run = promisify(execFile);
const idpKeys = newKeys('test identity provider', new Date('2026-01-01T00:00:00Z'));
const spKeys = newKeys('test service provider', new Date('2026-01-01T00:00:00Z'));

interface Stage {
  readonly idp: IdentityProvider;
  readonly sp: PretendServiceProvider;
  readonly browser: Browser;
  readonly clock: ManualClock;
}

async function stage(t: ExecutionContext, spOrigin?: string): Promise<Stage> {
  const clock = manualClock();
  const sp = pretendServiceProvider(await spKeys, spOrigin);
  const idp = await startIdentityProvider({ port: 0, clock, keys: await idpKeys, sp: [sp.metadata] });
  const browser = openBrowser({ clock });
  t.teardown(async () => {
    browser.close();
    await idp.close();
  });
  return { idp, sp, browser, clock };
}

function ask({ idp, sp, clock }: Stage, how: QueryOptions & { isPassive?: boolean; id?: string } = {}): string {
  const xml = sp.authnRequest({
    id: how.id ?? newId(),
    destination: `${idp.url}/sso`,
    issueInstant: instant(clock.now()),
    ...(how.isPassive === undefined ? {} : { isPassive: how.isPassive }),
  });
  return `${idp.url}/sso?${signedQuery('SAMLRequest', xml, 'relay', sp.keys, how)}`;
}

const signIn = async (on: Stage, username = 'alice'): Promise<Page> =>
  on.browser.submitForm(await on.browser.visit(ask(on)), { username, password: `${username}pw` });

const posted = (page: Page, name: string): string | undefined =>
  formsIn(page.body, page.url)[0]?.fields.find((field) => field.name === name)?.value;

const responseIn = (page: Page): string => Buffer.from(posted(page, 'SAMLResponse') ?? '', 'base64').toString();

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

test('an SP’s LogoutRequest by SOAP ends the sessions it means and is answered in SOAP (saml-bindings §3.2)', async (t) => {
  const on = await stage(t);
  await signIn(on);
  const [session] = on.idp.sessions();
  const destination = `${on.idp.url}/slo/soap`;
  const send = (sessionIndexes: readonly string[]) => {
    const id = newId();
    const nameId = { value: 'alice@example.test' };
    const fields = logoutRequestFields({
      issuer: on.sp.entityId,
      destination,
      now: on.clock.now(),
      nameId,
      sessionIndexes,
    });
    const xml = signEnveloped(logoutRequestXml({ ...fields, id }), id, on.sp.keys);
    return on.browser.request(destination, { method: 'POST', body: soapEnvelope(xml) });
  };
  t.is((await send(['_other'])).status, 200);
  t.is(on.idp.sessions().length, 1);
  const answer = readMessage(
    signedRoot(readSoap((await send([session?.sessionIndex ?? ''])).body).xml, [on.idp.keys.certificate]),
  );
  t.like(answer, { kind: 'LogoutResponse', codes: [STATUS.success], issuer: on.idp.entityId });
  t.is(on.idp.sessions().length, 0);
});

test('signing out everywhere sends one SOAP LogoutRequest without a cookie and reports the signed answer (P2)', async (t) => {
  const keys = await spKeys;
  const upstream = await startUpstream((_request, response, { body }) => {
    const request = readMessage(signedRoot(readSoap(body.toString()).xml, [on.idp.keys.certificate]));
    const facts = { issuer: on.sp.entityId, destination: undefined, inResponseTo: request.id, now: on.clock.now() };
    const fields = logoutResponseFields(facts);
    response.end(soapEnvelope(signEnveloped(logoutResponseXml(fields), fields.id ?? '', keys)));
  });
  const on: Stage = await stage(t, upstream.url);
  t.teardown(() => upstream.close());
  await signIn(on);
  const home = await on.browser.visit(`${on.idp.url}/`);
  const page = await on.browser.submitForm(home, {}, { form: 'soap', button: 'soap' });
  t.regex(page.body, /class="good">Success</);
  t.is(upstream.requests.length, 1);
  t.false(upstream.requests[0]?.rawHeaders.some((name) => name.toLowerCase() === 'cookie'));
  t.is(on.idp.sessions().length, 0);
});

test('an answer that the service provider did not sign is reported as none', async (t) => {
  const upstream = await startUpstream((_request, response) => {
    const fields = logoutResponseFields({
      issuer: 'x',
      destination: undefined,
      inResponseTo: '_1',
      now: on.clock.now(),
    });
    response.end(soapEnvelope(logoutResponseXml(fields)));
  });
  const on: Stage = await stage(t, upstream.url);
  t.teardown(() => upstream.close());
  await signIn(on);
  const [report] = await on.idp.signOutEverywhere('alice');
  t.deepEqual(report?.codes, []);
  t.regex(report?.problem ?? '', /not signed/);
});

test('a front-channel sign-out waits for the LogoutResponse and demands its RelayState back (saml-bindings §3.4.3)', async (t) => {
  const on = await stage(t);
  await signIn(on);
  const answer = on.idp.signOutInBrowser('alice', 'redirect');
  const query = new URL(answer.headers['location'] ?? '').searchParams;
  t.is(on.idp.sessions().length, 0);
  const asked = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const id = /ID="(_[^"]+)"/.exec(asked)?.[1] ?? '';
  const fields = logoutResponseFields({
    issuer: on.sp.entityId,
    destination: `${on.idp.url}/slo`,
    inResponseTo: id,
    now: on.clock.now(),
  });
  const reply = (relayState: string) =>
    `${on.idp.url}/slo?${signedQuery('SAMLResponse', logoutResponseXml(fields), relayState, on.sp.keys)}`;
  t.regex((await on.browser.visit(reply('lost'))).body, /RelayState/);
  t.regex((await on.browser.visit(reply(query.get('RelayState') ?? ''))).body, /class="good">Success</);
});

test('several service providers are asked one after the other, whatever becomes of one (saml-core §3.7.3.2)', async (t) => {
  const on = await stage(t);
  const second = pretendServiceProvider(await spKeys, 'http://second.test');
  on.idp.registerServiceProvider(second.metadata);
  await signIn(on);
  await on.browser.visit(ask({ ...on, sp: second }));
  const answer = on.idp.signOutInBrowser('alice', 'post');
  const reply = async (sp: PretendServiceProvider, page: Pick<Page, 'body'>, codes: readonly string[]) => {
    const [form] = formsIn(page.body, on.idp.url);
    t.is(form?.action, `${new URL(sp.entityId).origin}/slo`);
    const fieldOf = (name: string) => form?.fields.find((field) => field.name === name)?.value ?? '';
    const request = readMessage(
      signedRoot(Buffer.from(fieldOf('SAMLRequest'), 'base64').toString(), [on.idp.keys.certificate]),
    );
    const facts = { issuer: sp.entityId, destination: `${on.idp.url}/slo`, inResponseTo: request.id };
    const fields = logoutResponseFields({ ...facts, now: on.clock.now(), codes });
    const xml = signEnveloped(logoutResponseXml(fields), fields.id ?? '', sp.keys);
    const body = new URLSearchParams(postFields('SAMLResponse', xml, fieldOf('RelayState'))).toString();
    return on.browser.request(`${on.idp.url}/slo`, { method: 'POST', body });
  };
  const next = await reply(on.sp, answer, [STATUS.responder, STATUS.partialLogout]);
  const last = await reply(second, next, [STATUS.success]);
  t.regex(last.body, /class="bad">Responder, PartialLogout</);
  t.regex(last.body, /class="good">Success</);
});

test('a LogoutRequest posted by the server as a form is answered by bare base64 or by a page', async (t) => {
  const keys = await spKeys;
  const upstream = await startUpstream((_request, response, { body }) => {
    const asked = Buffer.from(new URLSearchParams(body.toString()).get('SAMLRequest') ?? '', 'base64').toString();
    const request = readMessage(signedRoot(asked, [on.idp.keys.certificate]));
    const facts = { issuer: on.sp.entityId, destination: undefined, inResponseTo: request.id, now: on.clock.now() };
    const fields = logoutResponseFields(facts);
    const value = Buffer.from(signEnveloped(logoutResponseXml(fields), fields.id ?? '', keys)).toString('base64');
    const isFirst = upstream.requests.length === 1;
    response.end(isFirst ? value : `<form><input type="hidden" name="SAMLResponse" value="${value}"></form>`);
  });
  const on: Stage = await stage(t, upstream.url);
  t.teardown(() => upstream.close());
  for (let round = 0; round < 2; round += 1) {
    on.browser.forget();
    await signIn(on);
    const reports = await on.idp.signOutEverywhere('alice', { binding: 'form' });
    t.deepEqual(
      reports.map(({ codes, httpStatus }) => [codes, httpStatus]),
      [[[STATUS.success], 200]],
    );
  }
});

test('two browsers of one person have a SessionIndex each and get one LogoutRequest with both (P3)', async (t) => {
  const upstream = await startUpstream();
  const on = await stage(t, upstream.url);
  t.teardown(() => upstream.close());
  await signIn(on);
  on.browser.forget();
  await signIn(on);
  const indexes = on.idp.sessions().map(({ sessionIndex }) => sessionIndex);
  t.is(new Set(indexes).size, 2);
  const [report, more] = await on.idp.signOutEverywhere('alice');
  t.is(more, undefined);
  t.like(readMessage(signedRoot(readSoap(report?.sent?.body ?? '').xml, [on.idp.keys.certificate])), {
    sessionIndexes: indexes,
    nameId: { value: 'alice@example.test' },
  });
});
