// §7.31-38: what LogoutRequests say, and leave out.

import test from 'ava';
import { encryptedData } from '../saml/encryption/encrypt.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { openWire, said, type Wire } from './wire.ts';
import { SHAPES, type Name } from './shapes.ts';

const MINUTE = 60_000;
const SAML1 = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:nameid-format:';
const at = (wire: Wire, ms: number): string => new Date(wire.scene.clock.now() + ms).toISOString();

/** Refused although signed: its sender hears Requester, and is not told why. */
const requester = async (
  t: { deepEqual: (a: unknown, b: unknown, what: string) => void },
  wire: Wire,
  what: string,
  code: string,
  xml: () => string,
) => t.deepEqual(wire.said(await wire.leaves(what, code, () => wire.form(xml()))), ['Requester'], what);

test('§7.31 without NotOnOrAfter IssueInstant bounds a message; with it both do, within the clock skew', async (t) => {
  const wire = await openWire(t);
  const until = (ms: number) => (xml: string) => xml.replace(/NotOnOrAfter="[^"]*"/, `NotOnOrAfter="${at(wire, ms)}"`);
  const issued = (ms: number) => (xml: string) => xml.replace(/IssueInstant="[^"]*"/, `IssueInstant="${at(wire, ms)}"`);
  await wire.ends('none', () => wire.form(wire.signed({}, (xml) => xml.replace(/ NotOnOrAfter="[^"]*"/, ''))));
  await wire.ends('a minute, by a clock two minutes behind (Keycloak)', () =>
    wire.form(wire.signed({}, (xml) => until(-MINUTE)(issued(-2 * MINUTE)(xml)))),
  );
  await requester(t, wire, 'over', 'SAML_EXPIRED', () => wire.signed({}, until(-3 * MINUTE)));
  await requester(t, wire, 'no time', 'SAML_EXPIRED', () =>
    wire.signed({}, (xml) => xml.replace(/NotOnOrAfter="[^"]*"/, 'NotOnOrAfter="soon"')),
  );
  await requester(t, wire, 'of the past', 'SAML_ISSUE_INSTANT', () => wire.signed({}, issued(-9 * MINUTE)));
  await requester(t, wire, 'of the future', 'SAML_ISSUE_INSTANT', () => wire.signed({}, issued(4 * MINUTE)));
});

test('§7.32 Destination is our address in any case of scheme and host, and no other', async (t) => {
  const wire = await openWire(t, SHAPES.adfs);
  const to = (change: (url: string) => string) => ({ destination: change(`${wire.scene.url}/saml/slo`) });
  await wire.ends('upper case', () => wire.form(wire.signed(to((url) => url.replace('http://login', 'HTTP://LOGIN')))));
  for (const [what, change] of [
    ['a slash behind', (url: string) => `${url}/`],
    ['another port', (url: string) => url.replace(/:\d+/, ':1')],
    ['https', (url: string) => url.replace('http:', 'https:')],
    ['a query', (url: string) => `${url}?x=1`],
    ['none', () => ''],
    ['another service', () => 'https://other.test/slo'],
  ] as const)
    await requester(t, wire, what, 'SAML_DESTINATION_MISMATCH', () => wire.signed(to(change)));
});

test('§7.32 behind a proxy that ends TLS the Destination is the public address, not the one of the connection', async (t) => {
  const wire = await openWire(t, SHAPES.wso2, { publicUrl: 'https://login.example.com' });
  const answer = await wire.form(wire.signed());
  t.deepEqual([answer.reason, wire.said(answer)], ['OK', ['Success']]);
  for (const destination of [
    'http://login.example.com/saml/slo',
    `http://127.0.0.1:${wire.scene.running.http.port}/saml/slo`,
  ])
    t.is((await wire.form(wire.signed({ destination }))).reason, 'SAML_DESTINATION_MISMATCH');
});

test('§7.33 an Issuer is the identity provider’s entityID or an alias that is configured, and nobody else', async (t) => {
  const alias = 'https://login.microsoftonline.com/tenant/';
  const wire = await openWire(t, SHAPES.entra, { idp: `    issuers: ["${alias}"]` });
  await wire.ends('its own', () => wire.form(wire.signed()));
  await wire.ends('the alias', () => wire.form(wire.signed({ issuer: alias })));
  await wire.ends('white space around', () => wire.form(wire.signed({ issuer: `\n  ${wire.scene.idp.entityId}\n` })));
  await wire.leaves('another tenant', 'SAML_ISSUER', () =>
    wire.form(wire.signed({ issuer: alias.replace('tenant', 'other') })),
  );
  await wire.leaves('another Format', 'SAML_ISSUER', () =>
    wire.form(wire.signed({}, (xml) => xml.replace('<Issuer ', `<Issuer Format="${SAML1}emailAddress" `))),
  );
});

test('§7.34 a NameID is the person’s by value, Format and qualifiers, where one leaves out what the other may (saml-core §3.3.4)', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const named = (change: (name: Name) => Name) => () =>
    wire.form(wire.signed({ name: change(wire.facts().name), sessionIndexes: [] }));
  await wire.ends(
    'as issued',
    named((name) => name),
  );
  await wire.ends(
    'without qualifiers',
    named(({ value, format }) => ({ value, ...(format && { format }) })),
  );
  await wire.ends(
    'without Format',
    named(({ value }) => ({ value })),
  );
  await wire.ends(
    'white space around',
    named((name) => ({ ...name, value: `\n ${name.value} ` })),
  );
  // The value of somebody's name under another Format may be that person or not: nobody is ended, and nothing is said to be over (P1).
  const doubtful = ['Responder', 'PartialLogout'];
  for (const [what, said, change] of [
    ['another case', ['Success'], (name: Name) => ({ ...name, value: name.value.toUpperCase() })],
    ['another Format', doubtful, (name: Name) => ({ ...name, format: `${SAML2}persistent` })],
    ['another NameQualifier', doubtful, (name: Name) => ({ ...name, nameQualifier: 'https://other.test' })],
    ['another SPNameQualifier', doubtful, (name: Name) => ({ ...name, spNameQualifier: 'https://other.test' })],
    ['CAS’s own protocol', ['Success'], () => ({ value: '@NOT_USED@' })],
  ] as const) {
    await wire.signedIn();
    t.deepEqual(wire.said(await named(change)()), said, what);
    t.true(await wire.isIn(), what);
  }
});

test('§7.35 an EncryptedID for one of our keys is read (Shibboleth’s default); one for another, and a BaseID, are refused', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const [ours] = wire.scene.configuration.saml.keys;
  const stranger = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  const encrypted = (certificate: string) => () => {
    const [nameId = ''] = /<saml2:NameID .*<\/saml2:NameID>/.exec(wire.xml()) ?? [];
    const identifier = `<saml2:EncryptedID xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${encryptedData(nameId, { for: { certificate } })}</saml2:EncryptedID>`;
    return wire.form(wire.signed({ identifier }));
  };
  await wire.ends('for us', encrypted(ours?.cert ?? ''));
  await wire.leaves('for somebody else', 'SAML_ENCRYPTED', encrypted(stranger.certificate));
  const baseId = '<saml2:BaseID xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">x</saml2:BaseID>';
  const answer = await wire.leaves('BaseID', 'SAML_NAME_ID', () => wire.form(wire.signed({ identifier: baseId })));
  t.deepEqual(wire.said(answer), ['Requester', 'RequestUnsupported']);
});

test('§7.36 one SessionIndex, several, none: each ends what it names, and an empty one nothing (P3, saml-core §3.7.3.1)', async (t) => {
  const wire = await openWire(t);
  await wire.ends('one', (index) => wire.form(wire.signed({ sessionIndexes: [index] })));
  await wire.ends('several', (index) => wire.form(wire.signed({ sessionIndexes: ['unknown', index, 'another'] })));
  await wire.ends('none', () => wire.form(wire.signed({ sessionIndexes: [] })));
  await wire.signedIn();
  t.deepEqual(wire.said(await wire.form(wire.signed({ sessionIndexes: ['unknown'] }))), ['Success']);
  t.true(await wire.isIn());
  await requester(t, wire, 'empty', 'SAML_SESSION_INDEX', () => wire.signed({ sessionIndexes: [''] }));
  await requester(t, wire, 'sixty-five', 'SAML_SESSION_INDEX', () =>
    wire.signed({ sessionIndexes: Array.from({ length: 65 }, String) }),
  );
});

test('§7.36 WSO2’s front channel names the person as the service that began knows them: no Success, or the session by its index', async (t) => {
  const initiator = { name: { value: 'PRIMARY/alice', format: `${SAML1}emailAddress` } };
  const strict = await openWire(t);
  await strict.signedIn();
  const answer = await strict.get(strict.query(strict.xml(initiator)));
  t.deepEqual(strict.said(answer), ['Responder', 'PartialLogout']);
  t.true(await strict.isIn());
  const wire = await openWire(t, SHAPES.wso2, { idp: '    logout: { match: sessionIndex }' });
  await wire.ends('by its index', () => wire.get(wire.query(wire.xml(initiator))));
  await wire.leaves('by its index, unsigned', 'SAML_UNSIGNED', () =>
    wire.get(wire.query(wire.xml(initiator), { algorithm: 'none' })),
  );
});

test('§7.37 Extensions, Consent, any Reason and attributes of others’ are no obstacle (saml-core §3.2.1)', async (t) => {
  const wire = await openWire(t);
  const aslo =
    '<saml2p:Extensions><aslo:Asynchronous xmlns:aslo="urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"/></saml2p:Extensions>';
  await wire.ends('Extensions', () =>
    wire.form(wire.signed({}, (xml) => xml.replace('</saml2:Issuer>', `</saml2:Issuer>${aslo}`))),
  );
  for (const reason of ['admin', 'global-timeout', 'sp-timeout'])
    await wire.ends(reason, () => wire.form(wire.signed({}, (xml) => xml.replace('logout:user', `logout:${reason}`))));
  await wire.ends('no Reason', () => wire.form(wire.signed({}, (xml) => xml.replace(/ Reason="[^"]*"/, ''))));
  await wire.ends('Consent and others', () =>
    wire.form(wire.signed({}, (xml) => xml.replace(' Version=', ' Consent="urn:x" xmlns:x="urn:x" x:y="1" Version='))),
  );
});

test('§7.38 another Version is answered VersionMismatch, where it was signed (saml-core §3.2.2.2)', async (t) => {
  const wire = await openWire(t);
  const older = (xml: string): string => xml.replace('Version="2.0"', 'Version="1.1"');
  const answer = await wire.leaves('signed', 'SAML_VERSION', () => wire.form(wire.signed({}, older)));
  t.deepEqual(wire.said(answer), ['VersionMismatch']);
  const stranger = await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.form(wire.xml({}, older)));
  t.throws(() => said(wire.scene, stranger));
});
