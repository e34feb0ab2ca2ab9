import { inflateRawSync } from 'node:zlib';
import test from 'ava';
import { postFields, soapEnvelope, readSoap } from '../../demo/identity-provider/bindings.ts';
import { logoutRequestFields, logoutResponseFields, newId } from '../../demo/identity-provider/fields.ts';
import { logoutRequestXml, logoutResponseXml } from '../../demo/identity-provider/messages.ts';
import { STATUS } from '../../demo/identity-provider/names.ts';
import { readMessage } from '../../demo/identity-provider/read.ts';
import { signEnveloped, signedQuery } from '../../demo/identity-provider/sign.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import type { Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { pretendServiceProvider, type PretendServiceProvider } from '../support/service-provider.ts';
import { startUpstream } from '../support/upstream.ts';
import { ask, signIn, spKeys, stage, type Stage } from './stage.ts';

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
