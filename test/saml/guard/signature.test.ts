import test from 'ava';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { soapEnvelope } from '../../../demo/identity-provider/bindings.ts';
import { DIGEST, SIGNATURE, TRANSFORM } from '../../../demo/identity-provider/names.ts';
import { signEnveloped, type SigningOptions } from '../../../demo/identity-provider/sign.ts';
import { arrivedByPost } from '../../../gateway/saml/bindings/receive.ts';
import { signedElement } from '../../../gateway/saml/guard/signature.ts';
import { children, plainText } from '../../../gateway/saml/xml/elements.ts';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import { lawsOf } from '../laws.ts';
import { allowing, keysCalled, openBench, replaced, SLO, trusted } from '../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const [second, ours, outsider] = await Promise.all([keysCalled('second'), keysCalled('ours'), keysCalled('outsider')]);
const INVALID = 'SAML_SIGNATURE_INVALID';
const ALGORITHM = 'SAML_SIGNATURE_ALGORITHM';
const after = (what: string | RegExp, by: string) => () =>
  bench.logoutRequest({ after: (xml) => replaced(xml, what, by) });

// What was changed after it was signed.
refuses(INVALID, 'a NameID changed after signing is refused (saml-core §5.4.2)', after('alice@', 'victim@'));
refuses(INVALID, 'a SessionIndex changed after signing is refused', after('>_s1<', '>_s2<'));
refuses(
  INVALID,
  'a SessionIndex taken out after signing is refused: it would end every session',
  after(/<samlp:SessionIndex>.*<\/samlp:SessionIndex>/, ''),
);
refuses(INVALID, 'white space put in after signing is refused (xml-exc-c14n)', after('<saml:NameID', ' <saml:NameID'));
refuses(INVALID, 'an attribute put in after signing is refused', after('<saml:NameID', '<saml:NameID x=""'));
refuses(
  INVALID,
  'a DigestValue that fits the changed message is refused: SignedInfo is signed too (xmldsig-core §3.2.2)',
  after(/<ds:DigestValue>[^<]+/, `<ds:DigestValue>${'A'.repeat(43)}=`),
);
refuses(INVALID, 'a cut-off digest is refused', after(/<ds:DigestValue>[^<]+/, '<ds:DigestValue>AAAA'));
refuses(
  'SAML_BASE64',
  'a SignatureValue that is empty is refused',
  after(/<ds:SignatureValue>[^<]+/, '<ds:SignatureValue>'),
);
refuses(
  'SAML_BASE64',
  'a SignatureValue that is no base64 is refused',
  after(/<ds:SignatureValue>[^<]+/, '<ds:SignatureValue>?'),
);
test('a signature of any broken length is refused, not a crash', async (t) => {
  for (const length of [3, 255, 256, 258, 510, 3000]) {
    const value = Buffer.alloc(length, 1).toString('base64');
    t.is(await bench.verdict(after(/<ds:SignatureValue>[^<]+/, `<ds:SignatureValue>${value}`)()), INVALID);
  }
});
refuses(INVALID, 'in a Response of which both parts are signed, a broken outer signature is refused', () =>
  bench.response({
    signs: 'both',
    after: (xml) => replaced(xml, /Destination="[^"]+"/, 'Destination="https://login.example.com/saml/acs?"'),
  }),
);
refuses(INVALID, 'in a Response of which both parts are signed, a broken inner signature is refused', () =>
  bench.response({
    signs: 'both',
    signing: { keyInfo: 'none' },
    before: (xml) => xml,
    after: (xml) => breakInner(xml),
  }),
);
function breakInner(xml: string): string {
  const values = [...xml.matchAll(/<ds:SignatureValue>[^<]+/g)];
  const inner = values[1]?.[0] ?? '';
  return replaced(xml, inner, inner.replace(/>.{8}/, '>AAAAAAAA'));
}

// Whose key.
refuses(
  INVALID,
  'a message signed by a key nobody trusts is refused, though it carries its certificate (saml-core §5.4.5)',
  () => bench.logoutRequest({ keys: outsider }),
);
refuses(INVALID, 'a message signed by our own key is refused', () => bench.logoutRequest({ keys: ours }));
refuses(INVALID, 'a foreign signature under a trusted certificate in KeyInfo is refused (saml-core §5.4.5)', () =>
  bench.logoutRequest({ keys: outsider, signing: { keyInfo: keyInfoOf(bench.keys.certificate) } }),
);
for (const [what, keyInfo] of [
  ['nothing', 'none'],
  ['a certificate of somebody else', keyInfoOf(outsider.certificate)],
  ['a KeyName only (Keycloak)', '<ds:KeyName>KID</ds:KeyName>'],
  ['an address to fetch the key from', '<ds:RetrievalMethod URI="http://169.254.169.254/"/>'],
  ['what no certificate is', '<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>'],
] as const) {
  accepts(`KeyInfo is not believed and not needed: ${what} (saml-core §5.4.5)`, () =>
    bench.logoutRequest({ signing: { keyInfo } }),
  );
}
function keyInfoOf(certificate: string): string {
  return `<ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data>`;
}
for (const binding of ['post', 'redirect', 'soap'] as const) {
  accepts(
    `a message signed by the second certificate of a rollover is accepted by ${binding} without KeyInfo`,
    () => bench.logoutRequest({ binding, keys: second, signing: { keyInfo: 'none' } }),
    {
      idps: [trusted([bench.keys, second])],
    },
  );
}
test('an elliptic curve key signs (xmldsig-core §6.4.3)', async (t) => {
  const { sign } = await import('node:crypto');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';
  const xml = bench.logoutRequestXml({ signing: { keyInfo: 'none' } }).replace(SIGNATURE.rsaSha256, algorithm);
  const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(xml)?.[0] ?? '';
  const canonical = info
    .replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
    .replace(/<(ds:\w+)([^>]*)\/>/g, '<$1$2></$1>');
  const value = sign('sha256', Buffer.from(canonical), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
    'base64',
  );
  const signed = xml.replace(/<ds:SignatureValue>[^<]+/, () => `<ds:SignatureValue>${value}`);
  const idps = [trusted([], { keys: [...bench.idp.keys, publicKey] })];
  t.is(await bench.verdict(bench.logoutRequest({ after: () => signed }), {}, idps), 'accepted');
  t.is(await bench.verdict(bench.logoutRequest({ after: () => signed })), INVALID);
});

// Which algorithms.
const signing = (options: SigningOptions) => () => bench.logoutRequest({ signing: options });
accepts(
  'RSA-SHA512 over a SHA-512 digest is accepted',
  signing({ signatureAlgorithm: SIGNATURE.rsaSha512, digestAlgorithm: DIGEST.sha512 }),
);
refuses(ALGORITHM, 'an RSA-SHA1 signature is refused', signing({ signatureAlgorithm: SIGNATURE.rsaSha1 }));
refuses(
  ALGORITHM,
  'a SHA-1 digest under an RSA-SHA256 signature is refused',
  signing({ digestAlgorithm: DIGEST.sha1 }),
);
const sha1 = { signatureAlgorithm: SIGNATURE.rsaSha1, digestAlgorithm: DIGEST.sha1 };
accepts('RSA-SHA1 is accepted where the operator allows it (WSO2)', signing(sha1), {
  idps: [trusted([bench.keys], allowing('sha1'))],
});
for (const algorithm of [
  'constructor',
  '__proto__',
  '',
  'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
  'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
]) {
  refuses(ALGORITHM, `SignatureMethod "${algorithm}" is refused`, after(SIGNATURE.rsaSha256, algorithm));
}
for (const algorithm of ['constructor', 'http://www.w3.org/2001/04/xmldsig-more#md5', '']) {
  refuses(INVALID, `DigestMethod "${algorithm}" put in after signing is refused`, after(DIGEST.sha256, algorithm));
}

// How it is canonicalized.
const EXCLUSIVE_WITH_COMMENTS = `${TRANSFORM.exclusive}WithComments`;
for (const [what, options] of [
  [
    'inclusive canonicalization of both',
    { canonicalization: TRANSFORM.inclusive, transforms: [TRANSFORM.enveloped, TRANSFORM.inclusive] },
  ],
  ['inclusive canonicalization of SignedInfo', { canonicalization: TRANSFORM.inclusive }],
  ['inclusive canonicalization of the message', { transforms: [TRANSFORM.enveloped, TRANSFORM.inclusive] }],
  ['canonicalization with comments', { transforms: [TRANSFORM.enveloped, EXCLUSIVE_WITH_COMMENTS] }],
  ['lines that end in &#13; (WSO2)', { javaLines: true }],
] as const satisfies readonly (readonly [string, SigningOptions])[]) {
  accepts(`a signature with ${what} is accepted by post`, () => bench.logoutRequest({ signing: options }));
  accepts(`a signature with ${what}, made inside the SOAP envelope, is accepted`, () => {
    // A prefix that sorts alike by dictionary and by code: the library that signs here knows only the former.
    const envelope = soapEnvelope(bench.logoutRequestXml({ signs: false, fields: { id: '_inside' } }), {
      prefix: 'soap',
    });
    return arrivedByPost(Buffer.from(signEnveloped(envelope, '_inside', bench.keys, options)), SLO);
  });
  for (const signs of [undefined, 'response', 'both'] as const) {
    accepts(`a Response (${signs ?? 'assertion'} signed) with ${what} is accepted`, () =>
      bench.response({ signs, signing: options }),
    );
  }
}
accepts('namespaces declared on the SOAP envelope only are part of what was signed (xml-exc-c14n)', () => {
  const declarations =
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
  const envelope = soapEnvelope(replaced(bench.logoutRequestXml(), ` ${declarations}`, ''));
  return arrivedByPost(
    Buffer.from(replaced(envelope, '<SOAP-ENV:Envelope ', `<SOAP-ENV:Envelope ${declarations} `)),
    SLO,
  );
});

test('what is handed on is read from the octets that were signed: what they leave out is not in it (P4)', (t) => {
  const signed = signEnveloped('<a ID="_1"><b xmlns:unused="urn:x">alice</b></a>', '_1', bench.keys);
  // Comments are no part of the canonical form (xml-exc-c14n §1), of the element as of SignedInfo.
  const commented = replaced(
    replaced(signed, 'alice', 'al<!-- -->ice'),
    '</ds:DigestValue>',
    '<!-- --></ds:DigestValue>',
  );
  const holder = parseXml(commented);
  const [signature] = children(holder).filter((element) => element.localName === 'Signature');
  if (signature === undefined) return t.fail('no signature');
  const read = signedElement(holder, signature, {
    keys: [createPublicKey(bench.keys.certificate)],
    allow: { sha1: false },
  });
  t.not(read, holder);
  const [name, second] = children(read);
  t.is(name && plainText(name), 'alice');
  t.is(name && name.attributes.length, 0);
  t.is(second, undefined);
});
