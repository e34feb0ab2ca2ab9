// Which signatures are taken, by the names identity providers give them (xmldsig-core1 §6.4, RFC 6931 §2.3).

import { constants, generateKeyPairSync, sign } from 'node:crypto';
import test from 'ava';
import { neededFor, signatureAlgorithm, verifies } from '../../gateway/saml/algorithms.ts';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const OCTETS = Buffer.from('SAMLRequest=a&SigAlg=b');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEYS = {
  rsa,
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
} as const;

for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
  for (const [name, { privateKey, publicKey }] of Object.entries(KEYS)) {
    const uri = `${MORE}${name === 'rsa' ? 'rsa' : 'ecdsa'}-${hash}`;
    test(`${uri} by a key ${name} verifies, and over nothing but what was signed`, (t) => {
      const algorithm = signatureAlgorithm(uri, false);
      if (algorithm === undefined) return t.fail('unknown');
      const signature = sign(hash, OCTETS, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      t.true(verifies(OCTETS, algorithm, signature, publicKey));
      t.false(verifies(Buffer.from('SAMLRequest=c&SigAlg=b'), algorithm, signature, publicKey));
      // A key of another type made no signature of this one.
      t.false(verifies(OCTETS, algorithm, signature, name === 'rsa' ? KEYS['P-256'].publicKey : rsa.publicKey));
      if (name === 'rsa') return;
      const der = sign(hash, OCTETS, privateKey);
      t.true(verifies(OCTETS, algorithm, der, publicKey), 'as Go’s goxmldsig writes it');
      t.false(verifies(Buffer.from('SAMLRequest=c&SigAlg=b'), algorithm, der, publicKey));
    });
  }
}

test('SHA-1 is known only where it is allowed', (t) => {
  const uri = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
  t.is(signatureAlgorithm(uri, false), undefined);
  t.is(signatureAlgorithm(uri, true)?.hash, 'sha1');
});

for (const [name, hash] of [
  ['sha256-rsa-MGF1', 'sha256'],
  ['sha384-rsa-MGF1', 'sha384'],
  ['sha512-rsa-MGF1', 'sha512'],
  ['rsa-pss', 'sha256'],
] as const)
  test(`${name} is RSASSA-PSS with ${hash} and a salt as long as it, and nothing else (RFC 9231 §2.3.9, §2.3.10)`, (t) => {
    const algorithm = signatureAlgorithm(`http://www.w3.org/2007/05/xmldsig-more#${name}`, false);
    if (algorithm === undefined) return t.fail('unknown');
    const by = (saltLength: number): Buffer =>
      sign(hash, OCTETS, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    const length = Number(hash.slice(3)) / 8;
    t.true(verifies(OCTETS, algorithm, by(length), rsa.publicKey));
    t.false(verifies(Buffer.from('SAMLRequest=c&SigAlg=b'), algorithm, by(length), rsa.publicKey));
    t.false(verifies(OCTETS, algorithm, by(0), rsa.publicKey), 'another salt');
    t.false(verifies(OCTETS, algorithm, sign(hash, OCTETS, rsa.privateKey), rsa.publicKey), 'the older padding');
    t.false(verifies(OCTETS, algorithm, by(length), KEYS['P-256'].publicKey), 'a key of another type');
  });

test('an ECDSA value may have fewer or more zeros in front of its halves, as Santuario writes it, and is no other value for that', (t) => {
  const { privateKey, publicKey } = KEYS['P-521'];
  const algorithm = signatureAlgorithm(`${MORE}ecdsa-sha512`, false);
  if (algorithm === undefined) return t.fail('unknown');
  const halves = (value: Buffer): [Buffer, Buffer] => [
    value.subarray(0, value.length / 2),
    value.subarray(value.length / 2),
  ];
  const signed = (): Buffer => sign('sha512', OCTETS, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  let value = signed();
  while (halves(value).some(([first]) => first !== 0)) value = signed();
  const [r, s] = halves(value);
  const zero = Buffer.alloc(1);
  const takes = (...parts: Buffer[]): boolean => verifies(OCTETS, algorithm, Buffer.concat(parts), publicKey);
  t.true(takes(r, s));
  t.true(takes(r.subarray(1), s.subarray(1)));
  t.true(takes(zero, r, zero, s));
  t.false(takes(r.subarray(1), s), 'halves that are not alike');
  t.false(takes(s, r));
  t.false(takes(r));
  t.false(takes());
  t.false(takes(Buffer.alloc(132)));
  t.false(takes(Buffer.alloc(100_000, 1)));
});

test('only what SHA-1 stands in the way of is said to need allow.sha1', (t) => {
  t.is(neededFor('http://www.w3.org/2000/09/xmldsig#rsa-sha1'), 'allow.sha1');
  t.is(neededFor('http://www.w3.org/2000/09/xmldsig#sha1'), 'allow.sha1');
  t.is(neededFor('http://www.w3.org/2000/09/xmldsig#hmac-sha1'), undefined);
  t.is(neededFor('constructor'), undefined);
});
