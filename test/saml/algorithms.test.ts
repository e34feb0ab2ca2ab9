// Which signatures are taken, by the names identity providers give them (xmldsig-core1 §6.4, RFC 6931 §2.3).

import { generateKeyPairSync, sign } from 'node:crypto';
import test from 'ava';
import { signatureAlgorithm, verifies } from '../../gateway/saml/algorithms.ts';

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
