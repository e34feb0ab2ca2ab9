// §7.46-50: what we answer and what we ask.

import test, { type ExecutionContext } from 'ava';
import { inflateRawSync } from 'node:zlib';
import { logoutResponseFields } from '../../demo/identity-provider/fields.ts';
import { logoutResponseXml, type LogoutResponseFields } from '../../demo/identity-provider/messages.ts';
import { STATUS } from '../../demo/identity-provider/names.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { BROWSER, enveloped, openWire, said, type Wire } from './wire.ts';
import { SHAPES, type Shape } from './shapes.ts';

test('§7.46 WSO2 gets 200 with a body, never 204 and never a redirect: a page for Success alone, otherwise the bare message; refused, it hears no Success', async (t) => {
  const wire = await openWire(t);
  const answer = await wire.ends('carried out', () => wire.form(wire.signed()));
  t.is(answer.status, 200);
  t.is(answer.header('location'), undefined);
  t.like(said(wire.scene, answer), { binding: 'post', codes: ['Success'] });
  // What WSO2 does with it: the whole body as base64, and Success where that is no LogoutResponse.
  t.false(Buffer.from(answer.body, 'base64').toString().includes('LogoutResponse'));
  const refused = await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.form(wire.xml()));
  t.is(refused.status, 403, 'anything but 2xx, 302 and 303 is tried again');
  const page = await wire.ends('a browser', () => wire.form(wire.signed(), '', BROWSER));
  t.is(said(wire.scene, page).binding, 'post');
});

test('§7.47 a SOAP caller gets 200 with a signed LogoutResponse that is ours, to its request, and not to be kept', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const facts = { id: wire.shape.id(), destination: `${wire.scene.url}/saml/slo/soap` };
  const answer = await wire.ends('genuine', () => wire.soap(enveloped(wire.signed(facts), 'soap11')));
  t.is(answer.status, 200);
  t.regex(answer.header('content-type') ?? '', /^text\/xml/);
  t.regex(answer.header('cache-control') ?? '', /no-store/);
  t.like(said(wire.scene, answer), {
    inResponseTo: facts.id,
    issuer: `${wire.scene.url}/saml/metadata`,
    destination: undefined,
  });
});

test('§7.47 whatever was wrong, a stranger’s Fault is the same, and no detail leaves the house (bindings §3.2.3.3)', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const bodies = new Set<string>();
  for (const [what, code, xml] of [
    ['unsigned', 'SAML_UNSIGNED', () => wire.xml()],
    ['changed', 'SAML_SIGNATURE_INVALID', () => wire.signed().replace('AAdz', 'AAdy')],
    ['another Issuer', 'SAML_ISSUER', () => wire.signed({ issuer: 'https://stranger.test' })],
    ['a comment', 'SAML_FORBIDDEN_MARKUP', () => wire.signed().replace('AAdz', '<!--x-->')],
  ] as const) {
    bodies.add((await wire.leaves(what, code, () => wire.soap(enveloped(xml())))).body);
    const form = await wire.leaves(what, code, () => wire.form(xml(), '', ['Accept: application/json']));
    t.deepEqual(Object.keys(JSON.parse(form.body) as object), ['error', 'message', 'requestId']);
  }
  t.is(bodies.size, 1);
});

test('every refusal’s audit line has the message, the identity provider it names, whether that signed it, and the check', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const line = async (xml: () => string) => {
    await wire.form(xml());
    return wire.scene.audit.at(-1);
  };
  const id = wire.shape.id();
  const about = { event: 'refused', what: 'SAMLRequest', idp: 'corp', messageId: id };
  t.deepEqual(await line(() => wire.xml({ id })), { ...about, code: 'SAML_UNSIGNED', signed: false } as never);
  t.deepEqual(await line(() => wire.signed({ id, sessionIndexes: [''] })), {
    ...about,
    code: 'SAML_SESSION_INDEX',
    signed: true,
  } as never);
  t.deepEqual(
    await line(() =>
      wire.signed({ id }, (xml) => xml.replace('</saml2:Issuer>', '</saml2:Issuer><saml2p:LogoutRequest/>')),
    ),
    {
      ...{ ...about, code: 'SAML_NESTED', signed: false },
    } as never,
  );
  t.deepEqual(
    wire.scene.audit.some((one) => JSON.stringify(one).includes('AAdzZWNyZXQx')),
    false,
    'a refused line names nobody',
  );
});

test('§7.48 a browser carries the answer to ResponseLocation, signed, with RelayState as it came (saml-metadata §2.2.2)', async (t) => {
  const wire = await openWire(t, SHAPES.salesforce, {
    metadata: (xml) =>
      xml.replace(
        /(SingleLogoutService[^>]*HTTP-(?:Redirect|POST)"[^>]*?)\/>/g,
        '$1 ResponseLocation="https://idp.test/answers?x=1"/>',
      ),
  });
  const redirect = await wire.ends('Redirect', () => wire.get(wire.query(wire.xml(), { relayState: 'ä b+c' })));
  const location = redirect.header('location') ?? '';
  t.true(location.startsWith('https://idp.test/answers?x=1&SAMLResponse='), location);
  t.notRegex(location, /%[0-9]?[a-f]/);
  t.like(said(wire.scene, redirect), { relayState: 'ä b+c', destination: 'https://idp.test/answers?x=1' });
  const form = await wire.ends('form', () => wire.form(wire.signed(), '&RelayState=', BROWSER));
  t.regex(form.body, /action="https:\/\/idp\.test\/answers\?x=1"/);
  t.is(said(wire.scene, form).relayState, '', 'a form gives an empty one back');
  const none = await wire.ends('form', () => wire.form(wire.signed(), '', BROWSER));
  t.is(said(wire.scene, none).relayState, undefined);
});

test('§7.48 a signed request that is refused is answered, so that the next service is asked; RelayState leads nowhere', async (t) => {
  const wire = await openWire(t, SHAPES.simplesamlphp);
  const answer = await wire.leaves('expired', 'SAML_ISSUE_INSTANT', () =>
    wire.get(
      wire.query(
        wire.xml({}, (xml) => xml.replace(/IssueInstant="[^"]*"/, 'IssueInstant="2020-01-01T00:00:00Z"')),
        { relayState: 'https://evil.test/' },
      ),
    ),
  );
  t.like(said(wire.scene, answer), { codes: ['Requester'], relayState: 'https://evil.test/' });
  t.true((answer.header('location') ?? '').startsWith(`${wire.scene.idp.url}/slo?`));
});

/** Signs alice in and out again, and answers our LogoutRequest with these fields. */
async function answered(wire: Wire, change: Partial<LogoutResponseFields>, path = '/saml/slo', isSigned = true) {
  const { scene } = wire;
  scene.clock.advance(1000);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const left = await browser.request(scene.at('wiki', '/.curfew/logout'));
  const { xml } = requestIn(left.headers.location ?? '');
  const [, inResponseTo = ''] = / ID="([^"]+)"/.exec(xml) ?? [];
  const valid = logoutResponseFields({
    issuer: scene.idp.entityId,
    destination: `${scene.url}${path}`,
    inResponseTo,
    now: scene.clock.now(),
  });
  const fields = { ...valid, ...change };
  const text = logoutResponseXml(fields);
  const body = new URLSearchParams({
    SAMLResponse: Buffer.from(isSigned ? signEnveloped(text, fields.id ?? '', scene.idp.keys) : text).toString(
      'base64',
    ),
  });
  return wire.send('POST', path, [...BROWSER, 'Content-Type: application/x-www-form-urlencoded'], body.toString());
}

const requestIn = (location: string): { xml: string } => ({
  xml: inflateRawSync(Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64')).toString(),
});

const CONFIRMED = /has signed you out as well/;
const PARTLY = /could not reach every other/;
const FAILED = /did not confirm/;

test('§7.49 a LogoutResponse is understood wherever it says PartialLogout, without Destination, and at the ACS address', async (t) => {
  const wire = await openWire(t);
  const unknown = 'urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal';
  for (const [what, change, path, told] of [
    ['Success', {}, '/saml/slo', CONFIRMED],
    ['at the ACS address (WSO2)', {}, '/saml/acs', CONFIRMED],
    ['no Destination (Entra)', { destination: undefined }, '/saml/slo', CONFIRMED],
    ['Partial on top (Auth0)', { status: { codes: [STATUS.partialLogout] } }, '/saml/slo', PARTLY],
    [
      'Partial under Success (SimpleSAMLphp)',
      { status: { codes: [STATUS.success, STATUS.partialLogout] } },
      '/saml/slo',
      PARTLY,
    ],
    ['Partial under Responder', { status: { codes: [STATUS.responder, STATUS.partialLogout] } }, '/saml/slo', PARTLY],
    ['UnknownPrincipal (Shibboleth)', { status: { codes: [STATUS.requester, unknown] } }, '/saml/slo', FAILED],
    ['Requester (AD FS)', { status: { codes: [STATUS.requester] } }, '/saml/slo', FAILED],
  ] as const) {
    const page = await answered(wire, change, path);
    t.is(page.status, 200, what);
    t.regex(page.body, told, what);
  }
});

test('§7.49 a LogoutResponse that answers nothing, nobody signed, or is for others is refused, and the person is out all the same (P9)', async (t) => {
  const wire = await openWire(t);
  for (const [what, change, isSigned, code] of [
    ['no InResponseTo', { inResponseTo: undefined }, true, 'SAML_UNAWAITED'],
    ['another InResponseTo', { inResponseTo: '_other' }, true, 'SAML_UNAWAITED'],
    ['unsigned', {}, false, 'SAML_UNSIGNED'],
    ['another Destination', { destination: 'https://other.test' }, true, 'SAML_DESTINATION_MISMATCH'],
    ['another Issuer', { issuer: 'https://other.test' }, true, 'SAML_ISSUER'],
  ] as const) {
    t.is((await answered(wire, change, '/saml/slo', isSigned)).reason, code, what);
    t.false(await wire.isIn(), what);
  }
  const lax = await openWire(t, SHAPES.onelogin, { idp: '    allow: { unsignedLogoutResponse: true }' });
  t.regex((await answered(lax, {}, '/saml/slo', false)).body, CONFIRMED, 'OneLogin signs none');
});

async function asked(t: ExecutionContext, shape: Shape) {
  const wire = await openWire(t, shape);
  const { scene } = wire;
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const index = scene.idp.sessions()[0]?.sessionIndex ?? '';
  const left = await browser.request(scene.at('wiki', '/.curfew/logout'));
  const url = new URL(left.headers.location ?? '');
  return { wire, index, url, xml: requestIn(url.href).xml, done: await browser.visit(url.href) };
}

for (const name of ['wso2', 'shibboleth', 'simplesamlphp', 'auth0', 'pingfederate', 'adfs'] as const) {
  test(`§7.50 our LogoutRequest gives ${name}’s NameID and SessionIndex back byte for byte and adds nothing (saml-core §3.3.4)`, async (t) => {
    const { wire, index, url, xml, done } = await asked(t, SHAPES[name]);
    const { value, format, nameQualifier, spNameQualifier } = wire.facts().name;
    const [, attributes = '', text] = /<saml:NameID([^>]*)>([^<]*)</.exec(xml) ?? [];
    const got: Record<string, string> = {};
    for (const [, key = '', is = ''] of attributes.matchAll(/ (\w+)="([^"]*)"/g)) got[key] = is;
    t.is(text, value);
    t.deepEqual(got, {
      ...(format !== undefined && { Format: format }),
      ...(nameQualifier !== undefined && { NameQualifier: nameQualifier }),
      ...(spNameQualifier !== undefined && { SPNameQualifier: spNameQualifier }),
    });
    t.true(xml.includes(`<samlp:SessionIndex>${index}</samlp:SessionIndex>`));
    t.true(xml.length < 5000);
    t.true(url.searchParams.has('Signature'));
    t.false(url.searchParams.has('RelayState'), 'ours has none');
    t.regex(xml, /NotOnOrAfter="[^"]+Z"/);
    t.notRegex(/<saml:Issuer[^>]*>([^<]*)/.exec(xml)?.[1] ?? '@', /@/);
    t.regex(done.body, CONFIRMED);
  });
}
