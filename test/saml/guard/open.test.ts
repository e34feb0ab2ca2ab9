import test from 'ava';
import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { soapEnvelope } from '../../../demo/identity-provider/bindings.ts';
import type { Arrived } from '../../../gateway/saml/arrived.ts';
import { arrivedByPost, arrivedByRedirect } from '../../../gateway/saml/bindings/receive.ts';
import { lawsOf } from '../laws.ts';
import { ACS, allowing, byPost, keysCalled, openBench, OTHER_IDP, replaced, SLO, trusted } from '../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const second = await keysCalled('second');
const WRONG = 'SAML_WRONG_KIND';

// What is awaited where.
accepts('a LogoutRequest at the ACS address is accepted (WSO2)', () => bench.logoutRequest({ endpoint: ACS }));
accepts('a LogoutResponse at the ACS address is accepted (WSO2)', () => bench.logoutResponse({ endpoint: ACS }));
for (const endpoint of [SLO, ACS]) {
  const where = endpoint === SLO ? 'logout' : 'ACS';
  refuses(WRONG, `a signed Response sent as a SAMLRequest to the ${where} address is no LogoutRequest`, () =>
    byPost('SAMLRequest', bench.responseXml({ signs: 'both' }), endpoint),
  );
  refuses(WRONG, `a signed LogoutResponse sent as a SAMLRequest to the ${where} address is no LogoutRequest`, () =>
    byPost('SAMLRequest', bench.logoutResponseXml({ endpoint }), endpoint),
  );
  refuses(WRONG, `a signed LogoutRequest sent as a SAMLResponse to the ${where} address is no answer`, () =>
    byPost('SAMLResponse', bench.logoutRequestXml({ endpoint }), endpoint),
  );
  for (const other of ['AuthnRequest', 'ManageNameIDRequest', 'ArtifactResolve', 'logoutRequest']) {
    refuses(WRONG, `a signed ${other} at the ${where} address is no LogoutRequest`, () =>
      bench.logoutRequest({ endpoint, before: (xml) => xml.replaceAll('samlp:LogoutRequest', `samlp:${other}`) }),
    );
  }
}
refuses(WRONG, 'a LogoutRequest of another namespace is no LogoutRequest (saml-core §3.7.1)', () =>
  bench.logoutRequest({
    before: (xml) =>
      xml.replace(
        'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"',
        'xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol"',
      ),
  }),
);
refuses(WRONG, 'a bare Assertion is no Response (profiles §4.1.4.2)', () =>
  byPost('SAMLResponse', /<saml:Assertion.*<\/saml:Assertion>/s.exec(bench.responseXml())?.[0] ?? '', ACS),
);
refuses(WRONG, 'a Response by Redirect is refused (profiles §4.1.2)', () =>
  bench.response({ binding: 'redirect', signs: 'both' }),
);
refuses(WRONG, 'a Response by SOAP is refused (profiles §4.1.2)', () =>
  bench.response({ binding: 'soap', signs: 'both' }),
);
refuses(WRONG, 'signed metadata is no message', () =>
  bench.logoutRequest({
    before: (xml) =>
      xml
        .replaceAll('samlp:LogoutRequest', 'md:EntityDescriptor')
        .replace(' ID=', ' xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID='),
  }),
);

// SOAP (bindings §3.2).
const soap = (envelope: string) => arrivedByPost(Buffer.from(envelope), SLO);
const signed = bench.logoutRequestXml();
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
for (const prefix of ['S', 'soap11', 'SOAP-ENV']) {
  accepts(`an envelope with the prefix ${prefix} is accepted (bindings §3.2)`, () =>
    bench.logoutRequest({ binding: 'soap', soap: { prefix } }),
  );
}
accepts('an empty Header is accepted (Keycloak)', () => soap(soapEnvelope(signed, { header: '' })));
accepts('a Header that need not be understood is accepted (SOAP 1.1 §4.2.3)', () =>
  soap(soapEnvelope(signed, { header: '<x:y xmlns:x="urn:x" SOAP-ENV:mustUnderstand="0"/>' })),
);
for (const value of ['1', 'true']) {
  refuses('SAML_SOAP', `a Header that must be understood ("${value}") is refused (SOAP 1.1 §4.2.3)`, () =>
    soap(soapEnvelope(signed, { header: `<x:y xmlns:x="urn:x" SOAP-ENV:mustUnderstand="${value}"/>` })),
  );
}
accepts('white space, an XML declaration and a byte order mark around the message are accepted', () =>
  soap(`\ufeff<?xml version="1.0"?>\n${soapEnvelope(`\n  ${signed}\n`)}\n`),
);
accepts('WSO2’s envelope inside a form is accepted', () => byPost('SAMLRequest', soapEnvelope(signed), SLO));
refuses('SAML_SOAP', 'a bare message in a SOAP call is refused (bindings §3.2.2)', () => soap(signed));
refuses('SAML_SOAP', 'two messages in one Body are refused (bindings §3.2.2.1)', () =>
  soap(soapEnvelope(signed + bench.logoutRequestXml({ fields: { id: '_second' } }))),
);
refuses('SAML_SOAP', 'a second element in the Body is refused (bindings §3.2.2.1)', () =>
  soap(soapEnvelope(`${signed}<x/>`)),
);
refuses('SAML_SOAP', 'an empty Body is refused (bindings §3.2.2.1)', () => soap(soapEnvelope('')));
refuses('SAML_SOAP', 'an envelope without Body is refused (SOAP 1.1 §4)', () =>
  soap('<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"/>'),
);
refuses('SAML_SOAP', 'two Bodies are refused (SOAP 1.1 §4)', () =>
  soap(replaced(soapEnvelope(signed), '</SOAP-ENV:Envelope>', '<SOAP-ENV:Body/></SOAP-ENV:Envelope>')),
);
refuses('SAML_SOAP', 'two Headers are refused (SOAP 1.1 §4)', () =>
  soap(replaced(soapEnvelope(signed, { header: '' }), '<SOAP-ENV:Body>', '<SOAP-ENV:Header/><SOAP-ENV:Body>')),
);
refuses('SAML_SOAP', 'an element beside Header and Body is refused (SOAP 1.1 §4)', () =>
  soap(replaced(soapEnvelope(signed), '</SOAP-ENV:Envelope>', '<x/></SOAP-ENV:Envelope>')),
);
refuses('SAML_SOAP', 'SOAP 1.2 is refused (bindings §3.2)', () =>
  soap(soapEnvelope(signed).replace('http://schemas.xmlsoap.org/soap/envelope/', SOAP12)),
);
refuses('SAML_SOAP', 'SOAP 1.2 inside a form is refused', () =>
  byPost('SAMLRequest', soapEnvelope(signed).replace('http://schemas.xmlsoap.org/soap/envelope/', SOAP12), SLO),
);
refuses(WRONG, 'an envelope inside an envelope is refused', () => soap(soapEnvelope(soapEnvelope(signed))));
refuses('SAML_NESTED', 'a second message in the Header is refused', () =>
  soap(soapEnvelope(signed, { header: bench.logoutRequestXml({ fields: { id: '_second' } }) })),
);
refuses('SAML_NESTED', 'an unsigned message in the Body with the signed one in the Header is refused', () =>
  soap(soapEnvelope(bench.logoutRequestXml({ signs: false, fields: { id: '_evil' } }), { header: signed })),
);

// The query's signature, before anything is inflated.
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
function queryBy(algorithm: string, hash: string, keys = bench.keys): ReturnType<typeof arrivedByRedirect> {
  const message = deflateRawSync(bench.logoutRequestXml({ signs: false })).toString('base64');
  const octets = `SAMLRequest=${encodeURIComponent(message)}&SigAlg=${encodeURIComponent(algorithm)}`;
  const value = sign(hash, Buffer.from(octets), keys.privateKey).toString('base64');
  return arrivedByRedirect(`${octets}&Signature=${encodeURIComponent(value)}`, SLO);
}
for (const bits of ['256', '384', '512']) {
  accepts(`a Redirect signed with RSA-SHA${bits} is accepted`, () =>
    queryBy(`http://www.w3.org/2001/04/xmldsig-more#rsa-sha${bits}`, `sha${bits}`),
  );
}
for (const algorithm of [
  'constructor',
  '__proto__',
  'toString',
  'none',
  '',
  'rsa-sha256',
  `${RSA_SHA256} `,
  'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
  'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
  'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
  'http://www.w3.org/2007/05/xmldsig-more#sha224-rsa-MGF1',
]) {
  refuses('SAML_SIGNATURE_ALGORITHM', `SigAlg "${algorithm}" is refused, though a trusted key signed`, () =>
    queryBy(algorithm, 'sha256'),
  );
}
refuses('SAML_SIGNATURE_ALGORITHM', 'a Redirect signed with SHA-1 is refused', () =>
  queryBy('http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'sha1'),
);
const lenient = trusted([bench.keys], allowing('sha1'));
accepts(
  'a Redirect signed with SHA-1 is accepted where the operator allows it',
  () => queryBy('http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'sha1'),
  { idps: [lenient] },
);
refuses(
  'SAML_ISSUER',
  'what one identity provider is allowed another is not: SHA-1',
  () => queryBy('http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'sha1'),
  {
    idps: [trusted([bench.keys]), { ...lenient, name: 'lenient', entityId: OTHER_IDP }],
  },
);
refuses('SAML_SIGNATURE_INVALID', 'a SigAlg other than the one signed with is refused', () =>
  queryBy(RSA_SHA256, 'sha512'),
);
refuses('SAML_SIGNATURE_INVALID', 'a SigAlg for elliptic curves does not verify by an RSA key', () =>
  queryBy('http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', 'sha256'),
);
refuses('SAML_SIGNATURE_INVALID', 'a key nobody trusts signs nothing', () => queryBy(RSA_SHA256, 'sha256', second));
accepts(
  'a Redirect signed by the second certificate of a rollover is accepted',
  () => queryBy(RSA_SHA256, 'sha256', second),
  { idps: [trusted([bench.keys, second])] },
);

// Whose key, whose name.
const other = trusted([second], { name: 'other', entityId: OTHER_IDP });
for (const binding of ['post', 'soap'] as const) {
  refuses(
    'SAML_SIGNATURE_INVALID',
    `a key of one identity provider does not speak for another by ${binding} (P4)`,
    () => bench.logoutRequest({ binding, keys: second }),
    { idps: [bench.idp, other] },
  );
}
refuses(
  'SAML_ISSUER',
  'a key of one identity provider does not speak for another by redirect (P4)',
  () => bench.logoutRequest({ binding: 'redirect', keys: second }),
  { idps: [bench.idp, other] },
);
test('of two identity providers with one certificate, the Issuer tells which one it is', async (t) => {
  const twin = trusted([bench.keys], { name: 'twin', entityId: OTHER_IDP });
  for (const binding of ['post', 'redirect', 'soap'] as const) {
    const one = await bench.judge(bench.logoutRequest({ binding }), {}, [twin, bench.idp]);
    const two = await bench.judge(bench.logoutRequest({ binding, fields: { issuer: OTHER_IDP } }), {}, [
      bench.idp,
      twin,
    ]);
    t.is(one.kind === 'LogoutRequest' && one.idp.name, 'corp');
    t.is(two.kind === 'LogoutRequest' && two.idp.name, 'twin');
  }
});
refuses(
  'SAML_ISSUER',
  'permission for one identity provider to be unsigned is none for an unknown one',
  () => bench.logoutResponse({ binding: 'redirect', signs: false, fields: { issuer: 'urn:nobody' } }),
  {
    idps: [trusted([bench.keys], allowing('unsignedLogoutResponse'))],
  },
);
refuses(
  'SAML_UNSIGNED',
  'permission for one identity provider to be unsigned is none for another',
  () => bench.logoutResponse({ binding: 'redirect', signs: false }),
  {
    idps: [bench.idp, { ...other, ...allowing('unsignedLogoutResponse') }],
  },
);

/** An unsigned LogoutRequest as it is fetched for an artifact. */
const fetched = (idp: string, isSigned: boolean) => (): Arrived => {
  const arrived = bench.logoutRequest({ signs: false });
  return arrived.binding === 'redirect' ? arrived : { ...arrived, resolvedBy: { idp, isSigned } };
};
const both = { idps: [bench.idp, other] };
accepts('what was fetched inside what its identity provider signed is signed (P4)', fetched('corp', true), both);
refuses(
  'SAML_ISSUER',
  'what another identity provider answered is nobody else’s message',
  fetched('other', true),
  both,
);
refuses('SAML_UNSIGNED', 'what was fetched in an answer without signature is unsigned', fetched('corp', false), both);

refuses('SAML_TOO_COMPLEX', 'a logout message over 64 KiB is refused', () =>
  bench.logoutRequest({ after: (xml) => xml + ' '.repeat(64 * 1024) }),
);
refuses('SAML_DEFLATE', 'a signed Redirect message that inflates to over 64 KiB is refused', () =>
  bench.logoutRequest({ binding: 'redirect', after: (xml) => xml + ' '.repeat(64 * 1024) }),
);
refuses('SAML_ENCODING', 'a message in UTF-16 is refused', () =>
  arrivedByPost(
    Buffer.from(
      `SAMLRequest=${encodeURIComponent(Buffer.from(signed, 'utf16le').subarray(0, 4000).toString('base64'))}`.replace(
        'PABz',
        '%2F%2F5z',
      ),
    ),
    SLO,
  ),
);
