// §7.1-15: how LogoutRequests travel, in the bytes that identity providers send, and for each the twin that must not get through.

import test from 'ava';
import { BROWSER, enveloped, openWire, said, type Wire } from './wire.ts';
import { SHAPES } from './shapes.ts';

const KEYCLOAK = '&BACK_CHANNEL_LOGOUT=BACK_CHANNEL_LOGOUT';
const ACTION = 'SOAPAction: http://www.oasis-open.org/committees/security';
const UTF8_AS_LATIN1 = 'Content-Type: text/xml; charset=ISO-8859-1';

const forged = (xml: string): string => xml.replace('<saml2p:SessionIndex>', '<saml2p:SessionIndex>x');

test('§7.1 a form posted by a server with SAMLRequest and nothing else is carried out (WSO2)', async (t) => {
  const wire = await openWire(t);
  await wire.ends('genuine', () => wire.form(wire.signed()));
  await wire.leaves('changed on the way', 'SAML_SIGNATURE_INVALID', () => wire.form(forged(wire.signed())));
});

test('§7.2 a cookie named JSESSIONID=null comes along and means nothing (WSO2)', async (t) => {
  const wire = await openWire(t);
  await wire.ends('genuine', () => wire.form(wire.signed(), '', ['Cookie: JSESSIONID=null']));
  await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.form(wire.xml(), '', ['Cookie: JSESSIONID=null']));
});

test('§7.3 a field BACK_CHANNEL_LOGOUT comes along and means nothing (Keycloak)', async (t) => {
  const wire = await openWire(t, SHAPES.keycloak);
  await wire.ends('genuine', () => wire.form(wire.signed(), KEYCLOAK));
  await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.form(wire.xml(), KEYCLOAK));
});

test('§7.4 an envelope inside the form field is opened, with SOAPAction and without (WSO2)', async (t) => {
  const wire = await openWire(t);
  const inside = (): string => enveloped(wire.signed());
  await wire.ends('with SOAPAction', () => wire.form(inside(), '', [ACTION]));
  await wire.ends('without', () => wire.form(inside()));
  await wire.leaves('two messages', 'SAML_SOAP', () =>
    wire.form(enveloped(wire.xml() + wire.signed().replace(/<\?xml.*?\?>/, ''))),
  );
});

test('§7.5 SOAPAction may be there, empty, quoted or absent (bindings §3.2.3.1)', async (t) => {
  const wire = await openWire(t, SHAPES.keycloak);
  for (const action of [ACTION, 'SOAPAction:', 'SOAPAction: ""', 'SOAPAction: urn:anything', 'X-None: 1']) {
    const answer = await wire.ends(action, () =>
      wire.soap(enveloped(wire.signed({ destination: `${wire.scene.url}/saml/slo/soap` })), [
        'Content-Type: text/xml; charset=utf-8',
        action,
      ]),
    );
    t.regex(answer.header('content-type') ?? '', /^text\/xml/, action);
  }
});

const toSoap = (wire: Wire) => ({ destination: `${wire.scene.url}/saml/slo/soap` });

test('§7.6 SOAP as application/xml without SOAPAction is answered 200 (LemonLDAP)', async (t) => {
  const wire = await openWire(t, SHAPES.lemonldap);
  const headers = ['Content-Type: application/xml', 'Accept: application/xml'];
  await wire.ends('genuine', () => wire.soap(enveloped(wire.signed(toSoap(wire)), 's'), headers));
  await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.soap(enveloped(wire.xml(toSoap(wire)), 's'), headers));
});

test('§7.7 Content-Encoding: UTF-8 is no coding, and no 415 (Shibboleth)', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const headers = ['Content-Type: text/xml', 'Content-Encoding: UTF-8', ACTION];
  await wire.ends('genuine', () => wire.soap(enveloped(wire.signed(toSoap(wire)), 'soap11'), headers));
  await wire.leaves('really gzip', 'SAML_PARAMETER', () => wire.soap('\x1f\x8b\x08', headers));
});

test('§7.8 a charset that is not that of the bytes changes nothing: UTF-8 is read and verified', async (t) => {
  const named = { ...SHAPES.shibboleth, name: () => ({ value: 'aliçe-Ω@example.test' }) };
  const wire = await openWire(t, named);
  await wire.ends('genuine', () => wire.soap(enveloped(wire.signed(toSoap(wire))), [UTF8_AS_LATIN1]));
});

test('§7.9 any prefix and any header may stand in the envelope, but one that must be understood (SOAP 1.1 §4.2.3)', async (t) => {
  const wire = await openWire(t, SHAPES.shibboleth);
  const header = '<x:Y xmlns:x="urn:x">1</x:Y>';
  for (const [prefix, within] of [
    ['S', undefined],
    ['soap11', header],
    ['SOAP-ENV', ''],
  ] as const)
    await wire.ends(prefix, () => wire.soap(enveloped(wire.signed(toSoap(wire)), prefix, within)));
  for (const [what, envelope] of [
    ['mustUnderstand', enveloped(wire.signed(), 'S', '<x:Y xmlns:x="urn:x" S:mustUnderstand="1"/>')],
    [
      'SOAP 1.2',
      enveloped(wire.signed()).replace(
        'http://schemas.xmlsoap.org/soap/envelope/',
        'http://www.w3.org/2003/05/soap-envelope',
      ),
    ],
  ] as const) {
    const answer = await wire.leaves(what, 'SAML_SOAP', () => wire.soap(envelope));
    t.is(answer.status, 500, what);
    t.regex(answer.body, /<S:Fault>/, what);
  }
});

test('§7.10 two messages in a Body, or another element before the message, are a Fault (bindings §3.2.2.1)', async (t) => {
  const wire = await openWire(t);
  for (const body of [wire.xml() + wire.xml(), `<a/>${wire.xml()}`, '']) {
    const answer = await wire.leaves(body.slice(0, 20), 'SAML_SOAP', () =>
      wire.soap(enveloped(body.replaceAll(/<\?xml.*?\?>/g, ''))),
    );
    t.is(answer.status, 500);
  }
});

test('§7.11 one address takes Redirect, form and SOAP, told apart by what arrives', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  await wire.ends('GET', () => wire.get(wire.query(wire.xml())));
  await wire.ends('form', () => wire.form(wire.signed()));
  await wire.ends('SOAP', () => wire.soap(enveloped(wire.signed()), ['Content-Type: text/xml'], '/saml/slo'));
  await wire.ends('SOAP that says it is a form', () =>
    wire.soap(enveloped(wire.signed()), ['Content-Type: application/x-www-form-urlencoded'], '/saml/slo'),
  );
});

test('§7.12 LogoutRequests come to the ACS address by form and by Redirect (WSO2), a Response never by Redirect', async (t) => {
  const wire = await openWire(t);
  const destination = `${wire.scene.url}/saml/acs`;
  await wire.ends('form', () => wire.form(wire.signed({ destination }), '', [], '/saml/acs'));
  await wire.ends('Redirect', () => wire.get(wire.query(wire.xml({ destination })), '/saml/acs'));
  await wire.leaves('for the other address', 'SAML_DESTINATION_MISMATCH', () =>
    wire.form(wire.signed(), '', [], '/saml/acs'),
  );
  const response = wire.xml({ destination }, (xml) => xml.replaceAll('LogoutRequest', 'Response'));
  for (const query of [
    wire.query(response, { field: 'SAMLResponse' }),
    `SAMLResponse=${encodeURIComponent(Buffer.from(response).toString('base64'))}`,
  ])
    t.regex((await wire.get(query, '/saml/acs')).reason ?? '', /^SAML_(?:WRONG_KIND|UNSIGNED)$/);
});

test('§7.13 a request and a response in one query are refused', async (t) => {
  const wire = await openWire(t);
  await wire.leaves('both', 'SAML_PARAMETER', () => wire.get(`${wire.query(wire.xml())}&SAMLResponse=x`));
});

test('§7.14 what is too much is refused before it costs anything', async (t) => {
  const wire = await openWire(t, SHAPES.auth0);
  await wire.leaves('a query of 17 KiB', 'SAML_TOO_LARGE', () => wire.get(`SAMLRequest=${'A'.repeat(17 * 1024)}`));
  await wire.leaves('a bomb', 'SAML_DEFLATE', () => wire.get(wire.query(`<a>${' '.repeat(5_000_000)}</a>`)));
  const answer = await wire.send('POST', '/saml/slo', [], `SAMLRequest=${'A'.repeat(300 * 1024)}`);
  t.is(answer.status, 413);
});

test('§7.14 an undeflated Redirect message with its signature inside is judged as a form and answered by one (Auth0’s library)', async (t) => {
  const wire = await openWire(t, SHAPES.auth0);
  const plain = (xml: string): string =>
    `SAMLRequest=${encodeURIComponent(Buffer.from(xml).toString('base64'))}&RelayState=h4`;
  const answer = await wire.ends('genuine', () => wire.get(plain(wire.signed())));
  t.like(said(wire.scene, answer), { binding: 'post', relayState: 'h4' });
  await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.get(plain(wire.xml())));
  await wire.leaves('another name', 'SAML_SIGNATURE_INVALID', () =>
    wire.get(plain(wire.signed().replace('auth0|alice', 'auth0|alicf'))),
  );
  await wire.leaves('a query signature that is none', 'SAML_SIGNATURE_INVALID', () =>
    wire.get(
      `${plain(wire.signed())}&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA`,
    ),
  );
  t.is((await wire.get(plain(wire.xml()).replace('SAMLRequest', 'SAMLResponse'))).reason, 'SAML_WRONG_KIND');
});

test('§7.15 a query that something on the way has written anew is refused: the signature is over the octets', async (t) => {
  const wire = await openWire(t, SHAPES.adfs);
  await wire.leaves('rewritten', 'SAML_SIGNATURE_INVALID', () =>
    wire.get(wire.query(wire.xml(), { escape: 'dotnet' }).replace(/%[0-9a-f]{2}/g, (code) => code.toUpperCase())),
  );
  await wire.ends('as it was', () => wire.get(wire.query(wire.xml(), { escape: 'dotnet' }), '/saml/slo', BROWSER));
});
