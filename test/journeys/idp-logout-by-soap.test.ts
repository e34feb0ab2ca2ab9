// The identity provider signs a person out server to server, by SOAP: no browser, no cookie.

import test, { type ExecutionContext } from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import {
  logoutRequestXml,
  type LogoutRequestFields,
  type NameIdFields,
} from '../../demo/identity-provider/messages.ts';
import { FORMAT } from '../../demo/identity-provider/names.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import type { Browser } from '../support/browser.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { fieldsFor, post, postSoap, signed, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';

const pageStatus = async (scene: Stage, browser: Browser, host = 'wiki'): Promise<number> =>
  (await browser.request(scene.at(host))).status;

for (const path of ['/saml/slo', '/saml/slo/soap'])
  for (const [what, headers] of [
    [
      'text/xml',
      { 'content-type': 'text/xml; charset=utf-8', soapaction: '"http://www.oasis-open.org/committees/security"' },
    ],
    ['application/xml', { 'content-type': 'application/xml' }],
    ['Content-Encoding: UTF-8', { 'content-type': 'text/xml', 'content-encoding': 'UTF-8' }],
    ['no Content-Type', {}],
    ['a form’s Content-Type', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['Expect: 100-continue', { 'content-type': 'text/xml', expect: '100-continue' }],
    [
      'an offer of HTTP/2',
      {
        'content-type': 'text/xml',
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAEAAEAAAAIAAAAA',
      },
    ],
  ] as const) {
    test(`a LogoutRequest by SOAP with ${what} at ${path} ends the session and is answered Success, signed (P1, P2)`, async (t) => {
      const scene = await stage(t);
      const browser = await scene.signedIn('alice', scene.at('wiki'));
      await browser.visit(scene.at('chat'));
      const body = soapFor(scene, 'alice', [scene.idp.sessions()[0]?.sessionIndex ?? ''], path);
      const answer = await post(`${scene.url}${path}`, body, headers);
      t.is(answer.status, 200);
      t.regex(answer.headers['content-type'] ?? '', /^text\/xml/);
      t.regex(answer.headers['cache-control'] ?? '', /no-store/);
      t.deepEqual(soapCodes(scene, answer), SUCCESS);
      t.deepEqual([await pageStatus(scene, browser), await pageStatus(scene, browser, 'chat')], [303, 303]);
      const login = await browser.request(`${scene.url}/saml/login?app=wiki`);
      t.true(login.headers.location?.startsWith(scene.idp.url), 'the gateway’s own host still knows the person');
      t.is(await scene.running.parts.doors.sessions.count(), 0);
    });
  }

/** Faults that SOAP has a word of its own for (SOAP 1.1 §4.4.1). */
const UNLIKE_CLIENT: ReadonlyMap<string, string> = new Map([['with a header to be understood', 'MustUnderstand']]);

test('what is neither read nor trusted changes nothing: after each refusal the person is still signed in (P4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const fields = (changed: LogoutRequestFields = {}): LogoutRequestFields => ({
    ...fieldsFor(scene, 'alice'),
    ...changed,
  });
  const sent = (changed: LogoutRequestFields = {}): string => soapEnvelope(signed(scene, fields(changed)));
  const stranger = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  const own = fields();
  const mallory = fields({ nameId: { value: 'mallory@example.test' } });
  const genuine = signed(scene, mallory);
  const isoOf = (ms: number): string => new Date(scene.clock.now() + ms).toISOString();
  const refusals: Record<string, [code: string, status: number, body: string]> = {
    unsigned: ['SAML_UNSIGNED', 403, soapEnvelope(logoutRequestXml(fields()))],
    'signed by a stranger': [
      'SAML_SIGNATURE_INVALID',
      403,
      soapEnvelope(signEnveloped(logoutRequestXml(own), own.id ?? '', stranger)),
    ],
    'altered after it was signed': ['SAML_SIGNATURE_INVALID', 403, soapEnvelope(genuine.replace('mallory@', 'alice@'))],
    'with a comment inside the NameID': [
      'SAML_FORBIDDEN_MARKUP',
      403,
      soapEnvelope(genuine.replace('mallory@', 'alice@example.test<!-- -->mallory@')),
    ],
    expired: ['SAML_EXPIRED', 200, sent({ notOnOrAfter: isoOf(-200_000) })],
    'of an hour ago': ['SAML_ISSUE_INSTANT', 200, sent({ issueInstant: isoOf(-3_600_000) })],
    'of tomorrow': ['SAML_ISSUE_INSTANT', 200, sent({ issueInstant: isoOf(86_400_000) })],
    'for another address': ['SAML_DESTINATION_MISMATCH', 200, sent({ destination: 'https://elsewhere.test/slo' })],
    'for another address of ours': ['SAML_DESTINATION_MISMATCH', 200, sent({ destination: `${scene.url}/saml/acs` })],
    'from an unknown Issuer': ['SAML_ISSUER', 403, sent({ issuer: 'https://stranger.test' })],
    'without a NameID': ['SAML_NAME_ID', 200, sent({ nameId: undefined })],
    'with a doctype': ['SAML_FORBIDDEN_MARKUP', 500, `<!DOCTYPE x [<!ENTITY a "b">]>${sent()}`],
    'with two messages': ['SAML_SOAP', 500, soapEnvelope(signed(scene, own) + signed(scene, fields()))],
    'with a header to be understood': [
      'SAML_SOAP',
      500,
      soapEnvelope(signed(scene, own), { header: '<x:Y xmlns:x="urn:x" SOAP-ENV:mustUnderstand="1"/>' }),
    ],
    'cut off': ['SAML_NOT_XML', 500, sent().slice(0, -20)],
    ...wrappings(genuine, logoutRequestXml(fields())),
  };
  for (const [what, [code, status, body]] of Object.entries(refusals)) {
    const answer = await postSoap(scene, body);
    t.is(answer.headers['x-curfew'], code, what);
    if (code !== 'SAML_FORBIDDEN_MARKUP') t.is(answer.status, status, what);
    if (answer.status === 200) t.deepEqual(soapCodes(scene, answer), ['Requester'], what);
    else t.true(answer.body.includes(`<faultcode>S:${UNLIKE_CLIENT.get(what) ?? 'Client'}</faultcode>`), what);
    t.is(await pageStatus(scene, browser), 200, what);
    t.true(
      scene.audit.some((line) => line.event === 'refused' && line.code === code),
      what,
    );
  }
  t.false(scene.audit.some(({ event }) => event === 'session-ended' || event === 'logout-request'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, sent())), SUCCESS, 'the good one is refused as well');
  t.is(await pageStatus(scene, browser), 303);
});

/** A genuine message for mallory, moved to where it is verified but not read (saml-core §5.4.2). */
function wrappings(genuine: string, forged: string): Record<string, [code: string, status: number, body: string]> {
  const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(genuine)?.[0] ?? '';
  const bare = genuine.replace(signature, '');
  const id = / ID="([^"]*)"/.exec(genuine)?.[1] ?? '';
  const inside = (end: string, content: string): string => forged.replace(end, `${content}${end}`);
  const afterIssuer = (content: string): string => forged.replace('</saml:Issuer>', `</saml:Issuer>${content}`);
  return {
    'wrapped: the genuine one inside the forged': [
      'SAML_NESTED',
      403,
      soapEnvelope(inside('</samlp:LogoutRequest>', genuine)),
    ],
    'wrapped: the genuine one in Extensions': [
      'SAML_NESTED',
      403,
      soapEnvelope(afterIssuer(`${signature}<samlp:Extensions>${bare}</samlp:Extensions>`)),
    ],
    'wrapped: the genuine one in the signature’s Object': [
      'SAML_NESTED',
      403,
      soapEnvelope(afterIssuer(signature.replace('</ds:Signature>', `<ds:Object>${bare}</ds:Object></ds:Signature>`))),
    ],
    'wrapped: the same ID twice': [
      'SAML_SIGNATURE_INVALID',
      403,
      soapEnvelope(afterIssuer(signature).replace(/ ID="[^"]*"/, ` ID="${id}"`)),
    ],
    'wrapped: a signature that refers to another ID': [
      'SAML_SIGNATURE_SHAPE',
      403,
      soapEnvelope(afterIssuer(signature)),
    ],
    'wrapped: the genuine one in the SOAP Header': ['SAML_NESTED', 403, soapEnvelope(forged, { header: genuine })],
  };
}

test('a person nobody knows is signed out with Success: there is nothing left to end (P1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const answer = await postSoap(scene, soapFor(scene, 'nobody'));
  t.deepEqual(soapCodes(scene, answer), SUCCESS);
  t.is(await pageStatus(scene, browser), 200);
});

test('a NameID is compared as XML reads it: white space around it is no difference, its case is one', async (t: ExecutionContext) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const named = (value: string): string =>
    soapEnvelope(signed(scene, { ...fieldsFor(scene, 'alice'), nameId: { value } }));
  await postSoap(scene, named('ALICE@example.test'));
  t.is(await pageStatus(scene, browser), 200);
  await postSoap(scene, named('\n  alice@example.test '));
  t.is(await pageStatus(scene, browser), 303);
});

test('a NameID of another Format or qualifier is another person, one that leaves them out is the same (saml-core §3.3.4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const named = (nameId: NameIdFields): string =>
    soapEnvelope(signed(scene, { ...fieldsFor(scene, 'alice'), nameId: { value: 'alice@example.test', ...nameId } }));
  for (const other of [
    { format: FORMAT.persistent },
    { format: FORMAT.emailAddress, nameQualifier: 'https://other.test' },
    { format: FORMAT.emailAddress, spNameQualifier: 'https://other.test' },
  ]) {
    await postSoap(scene, named(other));
    t.is(await pageStatus(scene, browser), 200, JSON.stringify(other));
  }
  await postSoap(scene, named({}));
  t.is(await pageStatus(scene, browser), 303);
});

test('the identity provider of the demonstration gets Success by itself', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const reports = await scene.idp.signOutEverywhere('alice');
  t.deepEqual(
    reports.map(({ codes, problem }) => [codes.map((code) => code.split(':').at(-1)), problem]),
    [[['Success'], undefined]],
  );
  t.is(await pageStatus(scene, browser), 303);
  const line = scene.audit.find((one) => one.event === 'logout-request');
  t.like(line, {
    idp: 'corp',
    nameId: 'alice@example.test',
    binding: 'soap',
    repeated: false,
    sessionsEnded: 1,
    status: 'success',
  });
});
