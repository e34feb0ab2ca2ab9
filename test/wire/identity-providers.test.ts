// Each identity provider in its own words, over every way it is known to send a LogoutRequest, and what it expects back. How the person is named at
// sign-in is its way, too.

import test from 'ava';
import { BROWSER, enveloped, openWire, said, type RawAnswer, type Wire } from './wire.ts';
import { SHAPES, type Shape } from './shapes.ts';

/** Sends the message of the moment, unsigned where it is the twin; the binding our answer must come by. */
interface Way {
  readonly what: string;
  readonly send: (wire: Wire, isSigned: boolean) => Promise<RawAnswer>;
  readonly back: 'redirect' | 'post' | 'bare' | 'soap';
  /** RelayState that has to come back. */
  readonly relayState?: string;
}

const APACHE = [
  'Connection: Keep-Alive',
  'User-Agent: Apache-HttpClient/4.5.14 (Java/21)',
  'Accept-Encoding: gzip,deflate',
];
const IFRAME = [...BROWSER, 'Sec-Fetch-Dest: iframe', 'Sec-Fetch-Site: cross-site'];
const DOTNET = { escape: 'dotnet', order: ['SAMLRequest', 'RelayState', 'Signature', 'SigAlg'] } as const;

const message = (wire: Wire, isSigned: boolean, path = '/saml/slo'): string => {
  const to = { destination: `${wire.scene.url}${path}` };
  return isSigned ? wire.signed(to) : wire.xml(to);
};

const redirect = (what: string, query: Parameters<Wire['query']>[1] = {}, headers = BROWSER): Way => ({
  what,
  back: 'redirect',
  ...(query.relayState === undefined ? {} : { relayState: query.relayState }),
  send: (wire, isSigned) =>
    wire.get(wire.query(wire.xml(), isSigned ? query : { ...query, algorithm: 'none' }), '/saml/slo', headers),
});

const form = (what: string, relayState?: string, headers = BROWSER): Way => ({
  what,
  back: 'post',
  ...(relayState === undefined ? {} : { relayState }),
  send: (wire, isSigned) =>
    wire.form(
      message(wire, isSigned),
      relayState === undefined ? '' : `&RelayState=${encodeURIComponent(relayState)}`,
      headers,
    ),
});

const server = (what: string, more = '', headers: readonly string[] = APACHE, path = '/saml/slo'): Way => ({
  what,
  // WSO2 takes any page for Success, and a page is what everybody else can use.
  back: 'post',
  send: (wire, isSigned) => wire.form(message(wire, isSigned, path), more, headers, path),
});

const soap = (what: string, prefix: string, headers: readonly string[]): Way => ({
  what,
  back: 'soap',
  send: (wire, isSigned) => wire.soap(enveloped(message(wire, isSigned, '/saml/slo/soap'), prefix), headers),
});

const ACTION = 'SOAPAction: http://www.oasis-open.org/committees/security';
const WAYS: Readonly<Record<keyof typeof SHAPES, readonly Way[]>> = {
  wso2: [
    server('back channel', '', [...APACHE, 'Cookie: JSESSIONID=null']),
    server('back channel to the ACS address', '', APACHE, '/saml/acs'),
    redirect('front channel by Redirect', { escape: 'java' }),
    form('front channel by POST'),
  ],
  keycloak: [
    server('back channel by form', '&BACK_CHANNEL_LOGOUT=BACK_CHANNEL_LOGOUT'),
    soap('back channel by SOAP', 'SOAP-ENV', [
      'Content-Type: text/xml; charset=utf-8',
      'SOAPAction: ""',
      'Accept: text/xml, multipart/related',
    ]),
    form('front channel by POST'),
    redirect('front channel by Redirect'),
  ],
  shibboleth: [
    soap('SOAP', 'soap11', ['Content-Type: text/xml', 'Content-Encoding: UTF-8', ACTION]),
    redirect('frame by Redirect', { relayState: 'e1s1', escape: 'java' }, IFRAME),
    form('frame by POST', 'e1s1', IFRAME),
  ],
  auth0: [
    form('POST', 'h4T-x_9Zq1w'),
    form('POST with an empty RelayState', ''),
    redirect('Redirect', { relayState: 'h4T-x_9Zq1w' }),
  ],
  salesforce: [redirect('Redirect', { relayState: 'a b' }), form('POST')],
  simplesamlphp: [
    redirect('chain', {
      relayState: '_f00d:http://idp.test/simplesaml/saml2/idp/SSOService.php?spentityid=x',
      escape: 'java',
    }),
    redirect('frame', { escape: 'java' }, IFRAME),
    form('chain by POST', '_f00d'),
  ],
  lemonldap: [
    soap('SOAP', 's', ['Content-Type: application/xml', 'Accept: application/xml']),
    redirect('frame by Redirect', {}, IFRAME),
    form('frame by POST', undefined, IFRAME),
  ],
  adfs: [
    redirect('Redirect', DOTNET),
    redirect('Redirect with RelayState', { ...DOTNET, relayState: 'a/b' }),
    form('POST'),
  ],
  entra: [redirect('Redirect', DOTNET), redirect('frame', DOTNET, IFRAME)],
  okta: [redirect('Redirect', { relayState: 'okta' }), form('POST', 'okta')],
  pingfederate: [
    soap('SOAP', 'S', ['Content-Type: text/xml;charset=UTF-8', ACTION]),
    redirect('Redirect', { relayState: 'ping' }),
    form('POST'),
  ],
  onelogin: [redirect('Redirect', { relayState: 'one' })],
  authentik: [
    server('back channel by form', '', [
      'User-Agent: python-requests/2.32',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
    ]),
    form('frame by POST', 'x', IFRAME),
    redirect('Redirect'),
  ],
};

for (const [name, ways] of Object.entries(WAYS) as [keyof typeof SHAPES, readonly Way[]][]) {
  test(`${name}: ${ways.map(({ what }) => what).join(', ')}: each ends the session and gets what is expected back (P1, P2)`, async (t) => {
    const shape: Shape = SHAPES[name];
    const wire = await openWire(t, shape);
    for (const { what, send, back, relayState } of ways) {
      const answer = await wire.ends(what, () => send(wire, true));
      t.is(answer.status, back === 'redirect' ? 302 : 200, what);
      const { scene } = wire;
      const onConnection = back === 'bare' || back === 'soap';
      const response = said(scene, answer);
      t.like(response, { binding: back, issuer: `${scene.url}/saml/metadata` }, what);
      // Entra and others leave their names to us; what is answered is what was asked.
      const [, id = ''] = scene.audit
        .flatMap((line) => (line.event === 'logout-request' ? ['', line.messageId] : []))
        .slice(-2);
      t.is(response.inResponseTo, id, what);
      if (!onConnection) t.is(response.relayState, relayState, what);
      if (back === 'redirect' || back === 'post') t.is(response.destination, `${scene.idp.url}/slo`, what);
      t.is(answer.header('x-frame-options'), undefined, what);
      t.is(answer.header('set-cookie'), undefined, what);
      t.true(answer.body !== '' || answer.status === 302, what);
      await wire.leaves(`${what}, unsigned`, 'SAML_UNSIGNED', () => send(wire, false));
    }
  });
}
