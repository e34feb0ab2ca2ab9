// Makes the self-signed certificate that carries our public key in SP metadata. SAML peers read only the key in it
// (saml-metadata §2.4.1.1), so this writes the fewest DER fields that X.509 readers accept (RFC 5280 §4.1).

import { createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const SHA256_WITH_RSA = Buffer.from('06092a864886f70d01010b0500', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

/**
 * A PEM certificate for `privateKey` (RSA), signed by itself with SHA-256, valid from `notBefore` for `days` days.
 * Throws where the key is not RSA.
 */
export function selfSignedCertificate(options: {
  privateKey: KeyObject;
  commonName: string;
  notBefore: Date;
  days: number;
}): string {
  if (options.privateKey.asymmetricKeyType !== 'rsa') throw new TypeError('an RSA private key is needed');
  const notAfter = new Date(options.notBefore.getTime() + options.days * 86_400_000);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(options.commonName, 'utf8')))));
  const algorithm = der(SEQUENCE, SHA256_WITH_RSA);
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serialNumber()),
    algorithm,
    name,
    der(SEQUENCE, utcOrGeneralizedTime(options.notBefore), utcOrGeneralizedTime(notAfter)),
    name,
    createPublicKey(options.privateKey).export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, options.privateKey));
  const lines = der(SEQUENCE, body, algorithm, signature)
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE-----\n${(lines ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** One DER element: tag, length in the short or long form, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const header = Buffer.alloc(2 + size);
  header[0] = tag;
  header[1] = 0x80 | size;
  header.writeUIntBE(length, 2, size);
  return Buffer.concat([header, content]);
}

/** Positive, unique and 127 bits long (RFC 5280 §4.1.2.2 allows 20 octets). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5). */
function utcOrGeneralizedTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z';
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
