// LogoutRequests of products that nobody here has run, over every binding, each also unsigned, changed and sent again; and the HTTP they may come in.

import test from 'ava';
import { raw } from '../journeys/raw.ts';
import { enveloped, openWire, said, type RawAnswer, type Wire } from './wire.ts';
import { LIBRARIES } from './libraries.ts';
import { SHAPES, type Shape } from './shapes.ts';

const BINDINGS: readonly (readonly [
  what: string,
  path: string,
  sending: (wire: Wire, xml: string) => Promise<RawAnswer>,
])[] = [
  ['form', '/saml/slo', (wire, xml) => wire.form(xml, '&RelayState=token')],
  ['SOAP', '/saml/slo/soap', (wire, xml) => wire.soap(enveloped(xml, 'soapenv', ''), ['Content-Type: text/xml; charset="utf-8"', 'SOAPAction: ""'])], // prettier-ignore
];

for (const [library, shape] of Object.entries<Shape>(LIBRARIES)) {
  test(`${library}: its LogoutRequest ends the session; unsigned, changed or once more it ends nothing (P1, P4, P5)`, async (t) => {
    const wire = await openWire(t, shape);
    for (const [what, path, sending] of BINDINGS) {
      const to = { destination: `${wire.scene.url}${path}` };
      let sent = '';
      await wire.ends(what, () => sending(wire, (sent = wire.signed(to))));
      await wire.leaves(`${what}, unsigned`, 'SAML_UNSIGNED', () => sending(wire, wire.xml(to)));
      await wire.leaves(`${what}, changed`, 'SAML_SIGNATURE_INVALID', () =>
        sending(wire, wire.signed(to).replace(/(NameID[^>]*>\s*)/, '$1x')),
      );
      t.deepEqual(wire.said(await sending(wire, sent)), ['Success'], `${what}, again`);
      t.true(await wire.isIn(), `${what}, again`);
    }
    const answer = await wire.ends('Redirect', () => wire.get(wire.query(wire.xml(), { relayState: 'token', escape: 'dotnet' }))); // prettier-ignore
    t.is(said(wire.scene, answer).relayState, 'token');
    await wire.leaves('Redirect, unsigned', 'SAML_UNSIGNED', () =>
      wire.get(wire.query(wire.xml(), { algorithm: 'none' })),
    );
  });
}

/** A whole request as its bytes, with what our own client would never write. */
async function spoken(wire: Wire, lines: readonly string[], body: string): Promise<string> {
  const { port } = wire.scene.running.http;
  const host = `Host: ${new URL(wire.scene.url).host}`;
  return raw(port, `${[lines[0], host, ...lines.slice(1), 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const chunked = (body: string): string =>
  `${(body.match(/[^]{1,700}/g) ?? []).map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
const formOf = (xml: string): string => `SAMLRequest=${encodeURIComponent(Buffer.from(xml).toString('base64'))}`;

test('however HTTP carries a form or an envelope, it is the same message (RFC 9110 §10.1.1, RFC 9112 §7.1)', async (t) => {
  const wire = await openWire(t, SHAPES.keycloak);
  const over = async (what: string, lines: readonly string[], body: (xml: string) => string, path = '/saml/slo') => {
    await wire.signedIn();
    const bytes = body(wire.signed({ destination: `${wire.scene.url}${path}` }));
    const length = lines.some((line) => line.startsWith('Transfer')) ? [] : [`Content-Length: ${bytes.length}`];
    const answer = await spoken(wire, [...lines, ...length], bytes);
    t.regex(answer, /^x-curfew: OK/im, what);
    t.false(await wire.isIn(), what);
  };
  const post = 'POST /saml/slo HTTP/1.1';
  await over('chunked', [post, FORM, 'Transfer-Encoding: chunked'], (xml) => chunked(formOf(xml)));
  await over('Expect: 100-continue', [post, FORM, 'Expect: 100-continue'], formOf);
  await over('HTTP/1.0', ['POST /saml/slo HTTP/1.0', FORM], formOf);
  await over('no Content-Type', [post], formOf);
  await over('SOAP in chunks', ['POST /saml/slo/soap HTTP/1.1', 'Content-Type: text/xml; charset="utf-8"', 'SOAPAction: ""', 'Transfer-Encoding: chunked'], (xml) => chunked(enveloped(xml)), '/saml/slo/soap'); // prettier-ignore
});

test('no other method of an SLO address does anything: neither a look, nor a question before a form (RFC 9110 §9.3)', async (t) => {
  const wire = await openWire(t);
  await wire.signedIn();
  const query = wire.query(wire.xml());
  for (const [method, headers] of [
    ['HEAD', []],
    ['OPTIONS', ['Origin: https://idp.test', 'Access-Control-Request-Method: POST']],
    ['PUT', []],
  ] as const) {
    for (const target of ['/saml/slo', `/saml/slo?${query}`]) {
      const answer = await wire.send(method, target, headers);
      t.is(answer.header('access-control-allow-origin'), undefined, method);
      if (method !== 'HEAD') t.is(answer.status, 404, `${method} ${target}`);
    }
  }
  t.true(await wire.isIn(), 'a link that something looks at before the person does ends nothing');
});

test('whatever a form has around its message, it is read once and whole (bindings §3.5.4)', async (t) => {
  const wire = await openWire(t, SHAPES.wso2);
  const sent = (body: string, type = FORM) => wire.send('POST', '/saml/slo', [type], body);
  const base64 = (xml: string): string => Buffer.from(xml).toString('base64');
  const lines = (xml: string): string => base64(xml).replaceAll(/.{76}/g, '$&\r\n');
  await wire.ends('lines', () => sent(`SAMLRequest=${encodeURIComponent(lines(wire.signed()))}`));
  await wire.ends('a plus that is none', () => sent(`SAMLRequest=${base64(wire.signed())}`));
  await wire.ends('RelayState first', () => sent(`RelayState=a+b&${formOf(wire.signed())}&submit=Continue`));
  await wire.ends('an empty RelayState', () => sent(`${formOf(wire.signed())}&RelayState=`));
  for (const [what, body] of [
    ['both kinds', (xml: string) => `${formOf(xml)}&SAMLResponse=${encodeURIComponent(base64(xml))}`],
    ['twice', (xml: string) => `${formOf(xml)}&${formOf(xml)}`],
    ['two RelayStates', (xml: string) => `RelayState=a&${formOf(xml)}&RelayState=b`],
    ['an artifact beside it', (xml: string) => `${formOf(xml)}&SAMLart=AAQAAA`],
    ['none', () => 'RelayState=a'],
  ] as const)
    await wire.leaves(what, 'SAML_PARAMETER', () => sent(body(wire.signed())));
  const part = (xml: string) =>
    `--x\r\nContent-Disposition: form-data; name="SAMLRequest"\r\n\r\n${base64(xml)}\r\n--x--\r\n`;
  await wire.leaves('multipart', 'SAML_PARAMETER', () => sent(part(wire.signed()), 'Content-Type: multipart/form-data; boundary=x')); // prettier-ignore
  await wire.leaves('base64url', 'SAML_BASE64', () => sent(`SAMLRequest=${base64(wire.signed()).replaceAll('+', '-').replaceAll('/', '_').replace(/=*$/, '')}-`)); // prettier-ignore
});

test('a query may have its parameters in any order and say its encoding; half a signature is none (bindings §3.4.4.1)', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  const DEFLATE = 'SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE';
  const query = (relayState?: string): string => wire.query(wire.xml(), { relayState });
  await wire.ends('its encoding', () => wire.get(`${query()}&${DEFLATE}`));
  const order = ['Signature', 'RelayState', 'SigAlg', 'SAMLRequest'] as const;
  await wire.ends('backwards', () => wire.get(wire.query(wire.xml(), { relayState: 'r', order })));
  await wire.leaves('another encoding', 'SAML_PARAMETER', () => wire.get(`${query()}&SAMLEncoding=urn%3Ax`));
  await wire.leaves('no SigAlg', 'SAML_PARAMETER', () => wire.get(query('r').replace(/&SigAlg=[^&]*/, '')));
  await wire.leaves('no Signature', 'SAML_PARAMETER', () => wire.get(query('r').replace(/&Signature=[^&]*/, '')));
  await wire.leaves('an empty Signature', 'SAML_BASE64', () => wire.get(query().replace(/&Signature=[^&]*/, '&Signature='))); // prettier-ignore
  await wire.leaves('RelayState added', 'SAML_SIGNATURE_INVALID', () => wire.get(`${query()}&RelayState=x`));
  await wire.leaves('RelayState emptied', 'SAML_SIGNATURE_INVALID', () => wire.get(query('r').replace('=r&', '=&')));
});

test('an envelope may have headers, IDs and time stamps of web services; what must be understood, or SOAP 1.2, is a Fault (SOAP 1.1 §4.2.3)', async (t) => {
  const wire = await openWire(t, LIBRARIES['OpenAM, ForgeRock AM']);
  const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
  const to = () => ({ destination: `${wire.scene.url}/saml/slo/soap` });
  const header = `<u:Timestamp xmlns:u="${WSU}" u:Id="TS-1" S:mustUnderstand="0"><u:Created>2026-01-01T00:00:00Z</u:Created></u:Timestamp>`;
  await wire.ends('a time stamp', () => wire.soap(enveloped(wire.signed(to()), 'S', header)));
  await wire.ends('an ID at the Body', () =>
    wire.soap(enveloped(wire.signed(to()), 'S').replace('<S:Body', `<S:Body xmlns:u="${WSU}" u:Id="B-1"`)),
  );
  await wire.ends('no Destination (saml-core §3.2.1)', () =>
    wire.soap(enveloped(wire.signed({}, (xml) => xml.replace(/ Destination="[^"]*"/, '')))),
  );
  const twelve = await wire.leaves(
    'SOAP 1.2',
    'SAML_SOAP',
    () =>
    wire.soap(enveloped(wire.signed(to())).replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'), ['Content-Type: application/soap+xml']), // prettier-ignore
  );
  t.regex(twelve.body, /<faultcode>S:VersionMismatch<\/faultcode>/, 'its sender learns that SOAP 1.1 is spoken');
  const understood = await wire.leaves('mustUnderstand', 'SAML_SOAP', () =>
    wire.soap(enveloped(wire.signed(to()), 'S', header.replace('="0"', '="1"'))),
  );
  t.regex(understood.body, /<faultcode>S:MustUnderstand<\/faultcode>/);
});

test('five at the same moment are one: one death, one answer for each, and one that was changed among them is refused (P5)', async (t) => {
  const wire = await openWire(t, SHAPES.wso2);
  await wire.signedIn();
  const message = wire.signed();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => wire.form(message)));
  for (const answer of answers) t.deepEqual(wire.said(answer), ['Success']);
  t.false(await wire.isIn());
  const ended = wire.scene.audit.filter(({ event }) => event === 'session-ended');
  t.is(ended.length, 1);
  t.is((await wire.form(message.replace('Reason=', 'Consent="x" Reason='))).reason, 'SAML_SIGNATURE_INVALID');
});

test('a name in another case is another person’s: with a SessionIndex no Success and the log says what to set, without one nobody is meant (P1)', async (t) => {
  const wire = await openWire(t, SHAPES.pingfederate);
  const name = { value: 'Alice@Example.test' };
  const index = await wire.signedIn();
  t.deepEqual(wire.said(await wire.form(wire.signed({ name, sessionIndexes: [index] }))), [
    'Responder',
    'PartialLogout',
  ]);
  t.deepEqual(wire.said(await wire.form(wire.signed({ name, sessionIndexes: [] }))), ['Success']);
  t.true(await wire.isIn());
  const lines = wire.scene.audit.flatMap((line) => (line.event === 'logout-request' ? [[line.nameId, line.sessionsEnded, line.status]] : [])); // prettier-ignore
  t.deepEqual(lines, [[name.value, 0, 'partial'], [name.value, 0, 'success']]); // prettier-ignore
});
