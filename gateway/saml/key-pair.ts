// What is wrong with a key or certificate that somebody configured, before anything is built on it.

import { certificateIn, privateKeyIn } from '../kernel/pem.ts';

const MIN_RSA_BITS = 2048;

// It never replaces a file.
const ANOTHER = 'move it away and let `curfew keys` make another';

/**
 * What is wrong with a key and its certificate, or undefined. The key must be RSA of at least 2048 bits, or EC on the curve P-256, and
 * belong to the certificate; otherwise no identity provider could use what we publish.
 */
export function keyPairFault(keyPem: string, certPem: string): { on: 'key' | 'cert'; message: string } | undefined {
  const key = privateKeyIn(keyPem);
  if (key === undefined) return { on: 'key', message: noKey(keyPem) };
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'rsa' && !(type === 'ec' && details?.namedCurve === 'prime256v1'))
    return { on: 'key', message: `is neither RSA nor EC on the curve P-256; ${ANOTHER}` };
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa' && bits < MIN_RSA_BITS) {
    return { on: 'key', message: `has ${bits} bits, and at least ${MIN_RSA_BITS} are needed; ${ANOTHER}` };
  }
  const certificate = certificateIn(certPem);
  if (certificate === undefined) return { on: 'cert', message: noCertificate(certPem) };
  if (!certificate.checkPrivateKey(key)) {
    return {
      on: 'cert',
      message: 'does not belong to the key; name the pair that was made together',
    };
  }
  return undefined;
}

function noKey(text: string): string {
  if (text.includes('ENCRYPTED')) return 'has a passphrase; write it anew without one: openssl pkey -in OLD -out NEW';
  if (text.includes('PRIVATE KEY') || !text.includes('CERTIFICATE'))
    return `is no PEM private key; write one that begins with "-----BEGIN PRIVATE KEY-----", or ${ANOTHER}`;
  return 'is a certificate; name the private key that belongs to it';
}

const noCertificate = (text: string): string =>
  text.includes('PRIVATE KEY')
    ? 'is a private key; name the certificate that belongs to it'
    : 'is no PEM certificate; write the one that was made with the key, beginning with "-----BEGIN CERTIFICATE-----"';

/** Whether a text is a PEM certificate. */
export const isCertificate = (pem: string): boolean => certificateIn(pem) !== undefined;
