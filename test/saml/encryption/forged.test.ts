// Attacks on and by encryption. Anybody can encrypt for us, our certificate is public: what comes to light is worth no more than what came in the open.

import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { Arrived } from '../../../gateway/saml/arrived.ts';
import { ACS, allowing, byPost, keysCalled, openBench, ourKeys, replaced, trusted } from '../support.ts';
import { lawsOf } from '../laws.ts';
import { evidence } from '../wrapped.ts';
import { encryptedData, encryptedKey } from './encrypt.ts';
import { sealedAssertion, sealedNameId, sealedWay, type Sealing } from './sealing.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const [ours, next] = await ourKeys();
const outsider = await keysCalled('outsider');
const weakIdp = trusted([bench.keys], allowing('rsa15', 'tripleDes'));
const ISSUER = '</saml:Issuer>';
const SAML = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

const victim = (xml: string): string => replaced(xml.replace(/ ID="/g, ' ID="_evil'), 'alice@', 'victim@');
const forgedBy = (build: (signed: ReturnType<typeof evidence>, forged: string) => string) =>
  sealedWay({}, undefined, (assertion) => {
    const signed = evidence(assertion);
    return build(signed, victim(signed.bare));
  });

refuses(
  'SAML_UNSIGNED',
  'an assertion that is encrypted and not signed is refused: encryption says nothing of who did it',
  () => bench.response({ signs: false, between: (xml) => sealedAssertion(xml) }),
);
refuses('SAML_SIGNATURE_INVALID', 'a signed assertion that was changed before it was encrypted is refused (P4)', () =>
  bench.response(sealedWay({}, undefined, (assertion) => replaced(assertion, 'alice@', 'victim@'))),
);
refuses('SAML_SIGNATURE_INVALID', 'the same where the Response has a good signature around it: both must be good', () =>
  bench.response(sealedWay({}, 'both', (assertion) => replaced(assertion, 'alice@', 'victim@'))),
);

// XSW, inside.
refuses('SAML_NESTED', 'XSW4, encrypted: a forged assertion around the signed one', () =>
  bench.response(forgedBy(({ whole }, forged) => replaced(forged, /<\/saml:Assertion>$/, `${whole}</saml:Assertion>`))),
);
refuses('SAML_NESTED', 'XSW6, encrypted: the signed assertion inside the Signature of the forged one', () =>
  bench.response(
    forgedBy(({ bare, signature }, forged) =>
      replaced(forged, ISSUER, ISSUER + replaced(signature, '</ds:Signature>', `${bare}</ds:Signature>`)),
    ),
  ),
);
refuses('SAML_SIGNATURE_SHAPE', 'XSW8, encrypted: a Signature with an Object', () =>
  bench.response(
    forgedBy(({ signature }, forged) =>
      replaced(forged, ISSUER, ISSUER + replaced(signature, '</ds:Signature>', '<ds:Object/></ds:Signature>')),
    ),
  ),
);
refuses('SAML_SIGNATURE_SHAPE', 'a forged assertion with the Signature of the genuine one is refused', () =>
  bench.response(forgedBy(({ signature }, forged) => replaced(forged, ISSUER, ISSUER + signature))),
);
refuses('SAML_ENCRYPTED', 'XSW3, encrypted: two assertions in one EncryptedData', () =>
  bench.response(forgedBy(({ whole }, forged) => forged + whole)),
);
refuses('SAML_NESTED', 'a forged encrypted assertion beside the signed one is refused', () =>
  bench.response({
    after: (xml) => {
      const forged = sealedAssertion(victim(evidence(xml).bare));
      const encrypted = /<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>/s.exec(forged)?.[0] ?? '';
      return replaced(xml, '</samlp:Response>', `${encrypted}</samlp:Response>`);
    },
  }),
);
refuses('SAML_NESTED', 'an EncryptedAssertion inside an encrypted assertion is refused', () =>
  bench.response(
    sealedWay({}, undefined, (assertion) =>
      replaced(
        assertion,
        '<saml:AuthnStatement',
        '<saml:Advice><saml:EncryptedAssertion/></saml:Advice><saml:AuthnStatement',
      ),
    ),
  ),
);
refuses('SAML_NESTED', 'a Response inside an encrypted assertion is refused', () =>
  bench.response(
    sealedWay({}, undefined, (assertion) =>
      replaced(
        assertion,
        '<saml:AuthnStatement',
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/><saml:AuthnStatement',
      ),
    ),
  ),
);
refuses('SAML_ID', 'an encrypted assertion with the ID of the Response is refused (saml-core §1.3.4)', () =>
  bench.response({
    fields: { id: '_one' },
    assertion: { id: '_one' },
    signs: false,
    between: (xml) => sealedAssertion(xml),
  }),
);
refuses('SAML_ID', 'an encrypted assertion without an ID is refused', () =>
  bench.response(sealedWay({}, 'response', (assertion) => replaced(assertion, / ID="[^"]+"/, ''))),
);
refuses(
  'SAML_SIGNATURE_INVALID',
  'an EncryptedAssertion put into a signed Response in the place of another is refused',
  () => {
    const mine = sealedAssertion(bench.responseXml({ signs: false }), { cipher: 'aes256-cbc' });
    const encrypted = /<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>/s;
    const theirs = bench.responseXml(sealedWay({ cipher: 'aes256-cbc' }, 'response'));
    return byPost('SAMLResponse', replaced(theirs, encrypted, encrypted.exec(mine)?.[0] ?? ''), ACS);
  },
);

// What may stand where.
const around = (content: string) => (xml: string) =>
  replaced(
    xml,
    /<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>/s,
    `<saml:EncryptedAssertion>${content}</saml:EncryptedAssertion>`,
  );
const shaped = (content: string) => (): Arrived =>
  bench.response({ signs: 'response', between: (xml) => around(content)(sealedAssertion(xml)) });
const good = encryptedData('<a/>', { for: ours });
const without = (what: RegExp): string => replaced(good, what, '');
for (const [what, content] of [
  ['nothing', ''],
  ['two EncryptedData', good + good],
  [
    'an EncryptedData inside another',
    `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">${good}</xenc:EncryptedData>`,
  ],
  ['something beside EncryptedData', `${good}<a/>`],
  ['a plain assertion beside EncryptedData', `${good}<saml:NameID>victim</saml:NameID>`],
  ['no EncryptedKey', without(/<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/s)],
  ['five EncryptedKeys', good + encryptedKey(randomBytes(32), { for: ours }).repeat(5)],
  ['no CipherData', without(/<xenc:CipherData>(?!.*<xenc:CipherData>).*<\/xenc:CipherData>/s)],
  ['no EncryptionMethod', without(/<xenc:EncryptionMethod[^>]*\/>/)],
  [
    'a CipherReference (xmlenc-core1 §3.3.1)',
    replaced(
      good,
      /<xenc:CipherValue>(?!.*<xenc:CipherValue>).*<\/xenc:CipherValue>/s,
      '<xenc:CipherReference URI="http://169.254.169.254/"/>',
    ),
  ],
] as const) {
  refuses('SAML_ENCRYPTED', `an EncryptedAssertion with ${what} is refused`, shaped(content));
}
for (const [what, sealing] of [
  ['an unknown cipher', ['aes256-gcm', 'aes257-gcm']],
  ['a cipher of Object.prototype', ['http://www.w3.org/2009/xmlenc11#aes256-gcm', 'constructor']],
  ['an unknown key transport', ['rsa-oaep-mgf1p', 'kw-aes256']],
] as const) {
  refuses('SAML_ENCRYPTION_ALGORITHM', `${what} is refused`, shaped(replaced(good, sealing[0], sealing[1])));
}
refuses(
  'SAML_ENCRYPTION_ALGORITHM',
  'an EncryptedKey under RSA 1.5 beside a good one is refused, not passed over',
  () =>
    bench.response(
      sealedWay({ otherKeys: encryptedKey(randomBytes(32), { for: ours, transport: { name: 'rsa15' } }) }),
    ),
);

// Content that is none.
const content = (text: string | Buffer) => () => bench.response(sealedWay({}, undefined, () => text as string));
for (const [what, text] of [
  ['nothing', ''],
  ['text', 'alice'],
  ['another element', `<saml:NameID ${SAML}>alice</saml:NameID>`],
  ['an assertion of no namespace', '<Assertion/>'],
  ['an assertion and text', `<saml:Assertion ${SAML}/>alice`],
  ['a DOCTYPE', `<!DOCTYPE a><saml:Assertion ${SAML}/>`],
  ['a comment', `<saml:Assertion ${SAML}><!-- --></saml:Assertion>`],
  ['CDATA', `<saml:Assertion ${SAML}><![CDATA[a]]></saml:Assertion>`],
  ['a processing instruction', `<saml:Assertion ${SAML}><?a b?></saml:Assertion>`],
  ['an entity', `<saml:Assertion ${SAML}>&a;</saml:Assertion>`],
  ['tags that close what is around', `</around><saml:Assertion ${SAML}/><around>`],
  ['tags that close what is around, inside', `<saml:Assertion ${SAML}></around></saml:Assertion>`],
  ['an unknown prefix', '<unknown:Assertion/>'],
  ['bytes that are no UTF-8', Buffer.from([0x3c, 0xff, 0xfe])],
  ['3000 elements', `<saml:Assertion ${SAML}>${'<a/>'.repeat(3000)}</saml:Assertion>`],
  ['100 levels', `<saml:Assertion ${SAML}>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</saml:Assertion>`],
  ['1000 attributes', `<saml:Assertion ${SAML} ${Array.from({ length: 1000 }, (_, at) => `a${at}=""`).join(' ')}/>`],
] as const) {
  refuses('SAML_ENCRYPTED', `an EncryptedAssertion with ${what} in it is refused`, content(text));
}
accepts('an XML declaration in front of the assertion does no harm', () =>
  bench.response(sealedWay({}, undefined, (assertion) => `<?xml version="1.0" encoding="UTF-8"?>${assertion}`)),
);

// EncryptedID.
refuses(
  'SAML_ENCRYPTED',
  'an EncryptedID beside a NameID is refused, not left to us to choose (saml-core §3.7.1)',
  () =>
    bench.logoutRequest({
      before: (xml) =>
        replaced(
          sealedNameId(xml),
          '</saml:EncryptedID>',
          '</saml:EncryptedID><saml:NameID>victim@example.test</saml:NameID>',
        ),
    }),
);
refuses('SAML_ENCRYPTED', 'two EncryptedIDs are refused', () =>
  bench.logoutRequest({
    before: (xml) => sealedNameId(xml).replace(/<saml:EncryptedID>.*<\/saml:EncryptedID>/s, (one) => one + one),
  }),
);
refuses('SAML_ENCRYPTED', 'an EncryptedID anywhere else is refused', () =>
  bench.logoutRequest({ fields: { extensions: `<saml:EncryptedID>${good}</saml:EncryptedID>` } }),
);
refuses(
  'SAML_ENCRYPTED',
  'a LogoutResponse has no EncryptedID: unsigned, it would let strangers try ciphertexts on us',
  () =>
    bench.logoutResponse({
      signs: false,
      before: (xml) => replaced(xml, '</saml:Issuer>', `</saml:Issuer><saml:EncryptedID>${good}</saml:EncryptedID>`),
    }),
  { idps: [trusted([bench.keys], allowing('unsignedLogoutResponse'))] },
);
refuses('SAML_SIGNATURE_INVALID', 'an EncryptedID exchanged after the LogoutRequest was signed is refused (P4)', () => {
  const [mine, theirs] = [
    bench.logoutRequestXml({ before: sealedNameId }),
    bench.logoutRequestXml({ before: sealedNameId }),
  ];
  const encrypted = /<saml:EncryptedID>.*<\/saml:EncryptedID>/s;
  return byPost(
    'SAMLRequest',
    replaced(mine, encrypted, encrypted.exec(theirs)?.[0] ?? ''),
    'https://login.example.com/saml/slo',
  );
});
refuses('SAML_ENCRYPTED', 'an assertion in an EncryptedID is refused (saml-core §2.2.4)', () =>
  bench.logoutRequest({ before: (xml) => sealedNameId(xml, {}, () => `<saml:Assertion ${SAML}/>`) }),
);
refuses('SAML_ENCRYPTED', 'an EncryptedID with a comment in it is refused: nobody is cut off in the middle', () =>
  bench.logoutRequest({ before: (xml) => sealedNameId(xml, {}, (name) => replaced(name, '@', '<!---->@')) }),
);
refuses(
  'SAML_ENCRYPTED',
  'an EncryptedID for somebody else is refused, not read as nobody or as everybody (saml-core §3.7.1)',
  () => bench.logoutRequest({ before: (xml) => sealedNameId(xml, { for: outsider }) }),
);
test('who signed a LogoutRequest that cannot be opened is known, so that it can be told', async (t) => {
  const result = await bench.judge(bench.logoutRequest({ before: (xml) => sealedNameId(xml, { for: outsider }) }));
  t.is(result.kind === 'refused' && result.signedBy?.name, 'corp');
});

// No oracle: whatever fails after a key was used is told in the same words.
const flipped = (at: number) => (octets: Buffer) => {
  const copy = Buffer.from(octets);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
};
const zeros = (octets: Buffer) => Buffer.alloc(octets.length);
const FAILURES: Readonly<Record<string, Sealing>> = {
  'a changed ciphertext': { octets: flipped(40) },
  'a changed tag': { octets: flipped(-1) },
  'a changed initialization vector': { octets: flipped(0) },
  'a ciphertext that is cut off': { octets: (octets) => octets.subarray(0, 20) },
  'hardly any ciphertext': { octets: (octets) => octets.subarray(0, 3) },
  'a changed encrypted key': { keyOctets: flipped(100) },
  'an encrypted key of zeros': { keyOctets: zeros },
  'an encrypted key that is too long': { keyOctets: (octets) => Buffer.concat([octets, octets]) },
  'an encrypted key above the modulus': { keyOctets: (octets) => Buffer.alloc(octets.length, 255) },
  'an encrypted key for somebody else': { for: outsider },
  'the encrypted key of another message': { otherKeys: encryptedKey(randomBytes(32), { for: ours }), keyOctets: zeros },
  'a content key of another length': {
    contentKey: randomBytes(32),
    cipher: 'aes256-gcm',
    keyOctets: () =>
      Buffer.from(/CipherValue>([^<]+)/.exec(encryptedKey(randomBytes(16), { for: ours }))?.[1] ?? '', 'base64'),
  },
  'a label that is not the one': { transport: { name: 'oaep', hash: 'sha256', mgf: 'sha1', label: Buffer.from('a') } },
  'a mixed OAEP with a changed key': { transport: { name: 'oaep-p', hash: 'sha256' }, keyOctets: flipped(3) },
  'a mixed OAEP for somebody else': { transport: { name: 'oaep-p', hash: 'sha256' }, for: outsider },
  'RSA 1.5 with a changed key': { transport: { name: 'rsa15' }, keyOctets: flipped(3) },
  'RSA 1.5 for the other key of ours, changed': { transport: { name: 'rsa15' }, for: next, keyOctets: flipped(3) },
  'content that is no assertion': {},
};
const EVERY_FAILURE = {
  ...{ code: 'SAML_ENCRYPTED', status: 400, detail: {}, cause: undefined },
  publicMessage: 'This sign-in or sign-out message could not be accepted.',
};
for (const [what, sealing] of Object.entries(FAILURES)) {
  test(`${what} is refused in the same words as any other`, async (t) => {
    const way = sealedWay(sealing, undefined, what.startsWith('content') ? () => '<a/>' : undefined);
    const send = () => {
      const arrived = bench.response({
        ...way,
        ...(what.startsWith('a label') && {
          after: (xml) => replaced(xml, /<xenc:OAEPparams>.*<\/xenc:OAEPparams>/, ''),
        }),
      });
      return bench.judge(arrived, {}, [weakIdp]);
    };
    const result = await send();
    if (result.kind !== 'refused') return t.fail('accepted');
    const { code, status, publicMessage, detail, cause } = result.error;
    t.deepEqual({ code, status, publicMessage, detail, cause }, EVERY_FAILURE);
  });
}
accepts('of several encrypted keys the one for us opens, whoever the others are for', () =>
  bench.response(sealedWay({ otherKeys: encryptedKey(randomBytes(32), { for: outsider, recipient: 'urn:other' }) })),
);
