import { deflateRawSync, deflateSync } from 'node:zlib';
import test from 'ava';
import { signedQuery } from '../../../demo/identity-provider/sign.ts';
import {
  arrivedByPost,
  arrivedByRedirect,
  MAX_BODY_BYTES,
  MAX_QUERY_BYTES,
} from '../../../gateway/saml/bindings/receive.ts';
import { lawsOf } from '../laws.ts';
import { codeOf, openBench, replaced, SLO } from '../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const xml = bench.logoutRequestXml();
const plain = bench.logoutRequestXml({ signs: false });
const post = (body: string) => arrivedByPost(Buffer.from(body), SLO);
const query = (relayState?: string, options = {}) => signedQuery('SAMLRequest', plain, relayState, bench.keys, options);
const form = `SAMLRequest=${encodeURIComponent(Buffer.from(xml).toString('base64'))}`;

test('what arrives tells form and SOAP apart, not its headers (Shibboleth, LemonLDAP)', (t) => {
  t.is(post(form).binding, 'post');
  for (const start of ['<', '\ufeff<', ' \r\n<', '<?xml version="1.0"?><']) t.is(post(`${start}x/>`).binding, 'soap');
});
accepts('a form with a field of Keycloak’s own beside it is accepted', () =>
  post(`${form}&BACK_CHANNEL_LOGOUT=BACK_CHANNEL_LOGOUT`),
);
accepts('base64 in lines of 76 characters is accepted (bindings §3.5.4)', () =>
  post(
    `SAMLRequest=${encodeURIComponent(
      (
        Buffer.from(xml)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\r\n'),
    )}`,
  ),
);
refuses('SAML_TOO_LARGE', 'a body over the limit is refused unread', () =>
  post(`${form}&x=${'a'.repeat(MAX_BODY_BYTES)}`),
);
refuses('SAML_PARAMETER', 'a form without a message is refused', () => post('x=1'));
refuses('SAML_PARAMETER', 'an empty body is refused', () => post(''));
refuses('SAML_PARAMETER', 'a form with two messages is refused', () => post(`${form}&${form}`));
refuses('SAML_PARAMETER', 'a form with a request and a response is refused (bindings §3.5.4)', () =>
  post(`${form}&SAMLResponse=YQ==`),
);
refuses('SAML_BASE64', 'a form whose message is no base64 is refused (bindings §3.5.4)', () =>
  post('SAMLRequest=%3Cxml/%3E'),
);
refuses('SAML_RELAY_STATE', 'a form with a long RelayState is refused (bindings §3.5.3)', () =>
  post(`${form}&RelayState=${'a'.repeat(1025)}`),
);

accepts('upper-case hex in the order of the standard is accepted (bindings §3.4.4.1)', () =>
  arrivedByRedirect(query('r'), SLO),
);
accepts('lower-case hex with Signature before SigAlg is accepted (Entra, AD FS)', () =>
  arrivedByRedirect(query('a/b', { lowerCase: true, signatureFirst: true }), SLO),
);
accepts('an empty RelayState is part of what was signed (bindings §3.4.4.1)', () => arrivedByRedirect(query(''), SLO));
accepts('parameters of the endpoint’s own are no part of what was signed', () =>
  arrivedByRedirect(`x=1&${query()}&y=SAMLRequest`, SLO),
);
accepts('parameters in any order are put into the order that was signed (bindings §3.4.4.1)', () =>
  arrivedByRedirect(query('r').split('&').toReversed().join('&'), SLO),
);
accepts('SAMLEncoding may say DEFLATE (bindings §3.4.4.1)', () =>
  arrivedByRedirect(
    `${query()}&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE`,
    SLO,
  ),
);
refuses('SAML_PARAMETER', 'another SAMLEncoding is refused (bindings §3.4.4)', () =>
  arrivedByRedirect(`${query()}&SAMLEncoding=urn%3Ax`, SLO),
);
refuses('SAML_SIGNATURE_INVALID', 'an empty RelayState that was not signed is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(`${query()}&RelayState=`, SLO),
);
refuses('SAML_SIGNATURE_INVALID', 'a RelayState that was changed is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(replaced(query('aaa'), 'RelayState=aaa', 'RelayState=bbb'), SLO),
);
refuses('SAML_SIGNATURE_INVALID', 'a RelayState that was left out is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(replaced(query('aaa'), '&RelayState=aaa', ''), SLO),
);
refuses(
  'SAML_SIGNATURE_INVALID',
  'the same message in other octets is refused: it is octets that are signed (bindings §3.4.4.1)',
  () => arrivedByRedirect(replaced(query(), /%2F|%2B|%3D/, '%2f'), SLO),
);
refuses('SAML_SIGNATURE_INVALID', 'another message under a signature is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(
    replaced(
      query(),
      /SAMLRequest=[^&]+/,
      `SAMLRequest=${encodeURIComponent(deflateRawSync(plain.replace('alice', 'victim')).toString('base64'))}`,
    ),
    SLO,
  ),
);
refuses('SAML_SIGNATURE_INVALID', 'a signed request that is sent as a response is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(replaced(query(), 'SAMLRequest', 'SAMLResponse'), SLO),
);
for (const name of ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature']) {
  refuses('SAML_PARAMETER', `a Redirect with ${name} twice is refused`, () =>
    arrivedByRedirect(`${query('r')}&${name}=x`, SLO),
  );
  refuses('SAML_PARAMETER', `a Redirect with a second, percent-disguised ${name} is refused`, () =>
    arrivedByRedirect(`${query('r')}&${name.replace('S', '%53').replace('R', '%52')}=x`, SLO),
  );
}
refuses('SAML_PARAMETER', 'a Redirect with a request and a response is refused (bindings §3.4.4)', () =>
  arrivedByRedirect(`${query()}&SAMLResponse=x`, SLO),
);
refuses('SAML_PARAMETER', 'a Signature without SigAlg is refused (bindings §3.4.4.1)', () =>
  arrivedByRedirect(replaced(query(), /&SigAlg=[^&]+/, ''), SLO),
);
refuses(
  'SAML_PARAMETER',
  'a SigAlg without Signature is refused: it is not taken for unsigned (bindings §3.4.4.1)',
  () => arrivedByRedirect(replaced(query(), /&Signature=.+/, ''), SLO),
);
refuses('SAML_BASE64', 'an empty Signature is refused, not taken for none (bindings §3.4.4.1)', () =>
  arrivedByRedirect(replaced(query(), /&Signature=.+/, '&Signature='), SLO),
);
refuses('SAML_TOO_LARGE', 'a query over the limit is refused unread', () =>
  arrivedByRedirect(`${query()}&x=${'a'.repeat(MAX_QUERY_BYTES)}`, SLO),
);

test('a Redirect message stays deflated until its signature is known to be good (bindings §3.4.4.1)', async (t) => {
  const bomb = deflateRawSync(Buffer.alloc(100_000)).toString('base64');
  const forged = replaced(query(), /SAMLRequest=[^&]+/, `SAMLRequest=${encodeURIComponent(bomb)}`);
  t.is(await bench.verdict(arrivedByRedirect(forged, SLO)), 'SAML_SIGNATURE_INVALID');
});

test('a message in a wrapping of zlib is refused: DEFLATE is raw (RFC 1951)', async (t) => {
  const { sign } = await import('node:crypto');
  const octets = `SAMLRequest=${encodeURIComponent(deflateSync(plain).toString('base64'))}&SigAlg=${encodeURIComponent('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')}`;
  const signature = sign('sha256', Buffer.from(octets), bench.keys.privateKey).toString('base64');
  t.is(
    await bench.verdict(arrivedByRedirect(`${octets}&Signature=${encodeURIComponent(signature)}`, SLO)),
    'SAML_DEFLATE',
  );
});

test('RelayState is handed on as it was sent, by every binding that has one', (t) => {
  t.is(arrivedByRedirect(query('a b+ü'), SLO).relayState, 'a b+ü');
  t.is(arrivedByRedirect(query(''), SLO).relayState, '');
  t.is(post(`${form}&RelayState=a+b%2B%C3%BC`).relayState, 'a b+ü');
  t.is(post(form).relayState, undefined);
});

test('a query that does not decode is refused', (t) => {
  t.is(
    codeOf(() => arrivedByRedirect('SAMLRequest=%E0%A4%A', SLO)),
    'SAML_PARAMETER',
  );
});
