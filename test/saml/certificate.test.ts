import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

test('a self-signed certificate carries the key, verifies by it and is valid for as long as asked (RFC 5280 §4.1)', (t) => {
  const pem = selfSignedCertificate({
    privateKey,
    commonName: 'login.example.com – curfew',
    notBefore: new Date('2026-01-02T03:04:05Z'),
    days: 3650,
  });
  const certificate = new X509Certificate(pem);
  t.true(certificate.checkPrivateKey(privateKey));
  t.true(certificate.verify(certificate.publicKey));
  t.is(certificate.subject, 'CN=login.example.com – curfew');
  t.is(certificate.validFromDate.toISOString(), '2026-01-02T03:04:05.000Z');
  t.is(certificate.validToDate.toISOString(), '2035-12-31T03:04:05.000Z');
});

test('a validity beyond 2049 is written as GeneralizedTime (RFC 5280 §4.1.2.5)', (t) => {
  const pem = selfSignedCertificate({
    privateKey,
    commonName: 'x',
    notBefore: new Date('2049-12-31T00:00:00Z'),
    days: 400,
  });
  t.is(new X509Certificate(pem).validToDate.getUTCFullYear(), 2051);
});

test('a key that is not RSA is refused', (t) => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  t.throws(
    () => selfSignedCertificate({ privateKey: ec.privateKey, commonName: 'x', notBefore: new Date(0), days: 1 }),
    {
      message: /RSA/,
    },
  );
});
