// Encrypts as identity providers do (xmlenc-core1), in the ways and with the faults a test asks for.

import {
  constants,
  createCipheriv,
  createHash,
  publicEncrypt,
  randomBytes,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

const DATA = {
  'aes128-gcm': [`${XENC11}aes128-gcm`, 'aes-128-gcm', 16, 12],
  'aes192-gcm': [`${XENC11}aes192-gcm`, 'aes-192-gcm', 24, 12],
  'aes256-gcm': [`${XENC11}aes256-gcm`, 'aes-256-gcm', 32, 12],
  'aes128-cbc': [`${XENC}aes128-cbc`, 'aes-128-cbc', 16, 16],
  'aes192-cbc': [`${XENC}aes192-cbc`, 'aes-192-cbc', 24, 16],
  'aes256-cbc': [`${XENC}aes256-cbc`, 'aes-256-cbc', 32, 16],
  tripledes: [`${XENC}tripledes-cbc`, 'des-ede3-cbc', 24, 8],
} as const;
export type Cipher = keyof typeof DATA;
export const CIPHERS = Object.keys(DATA) as Cipher[];

export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';
const DIGEST: Readonly<Record<Hash, string>> = {
  sha1: `${DSIG}sha1`,
  sha256: `${XENC}sha256`,
  sha384: `${MORE}sha384`,
  sha512: `${XENC}sha512`,
};

/** RSA 1.5, or OAEP with its hash and that of its mask; `p` is the older name, which knows no mask but SHA-1. */
export type Transport =
  | { readonly name: 'rsa15' }
  | { readonly name: 'oaep' | 'oaep-p'; readonly hash?: Hash; readonly mgf?: Hash; readonly label?: Buffer };

/** What is encrypted for whom, and how; all but the key may be left out. */
export interface Encrypting {
  readonly for: { readonly certificate: string };
  readonly cipher?: Cipher;
  readonly transport?: Transport;
  /** Where the EncryptedKey stands. Default: inside EncryptedData. */
  readonly where?: 'inside' | 'beside' | undefined;
  /** Further EncryptedKeys, written before the right one. */
  readonly otherKeys?: string;
  readonly recipient?: string;
  /** The content's key; a random one by default. */
  readonly contentKey?: Buffer;
  /** Changes IV, ciphertext and tag, or the encrypted key. */
  readonly octets?: (octets: Buffer) => Buffer;
  readonly keyOctets?: (octets: Buffer) => Buffer;
}

/** EncryptedData, with the EncryptedKey inside or behind it. */
export function encryptedData(content: string | Buffer, options: Encrypting): string {
  const [uri, name, keyBytes, ivBytes] = DATA[options.cipher ?? 'aes256-gcm'];
  const contentKey = options.contentKey ?? randomBytes(keyBytes);
  const octets = encrypted(name, contentKey, ivBytes, Buffer.from(content));
  const key = encryptedKey(contentKey, options);
  const beside = options.where === 'beside';
  const retrieval = `<ds:RetrievalMethod Type="${XENC}EncryptedKey" URI="#_key"/>`;
  const keyInfo = `<ds:KeyInfo xmlns:ds="${DSIG}">${beside ? retrieval : (options.otherKeys ?? '') + key}</ds:KeyInfo>`;
  const data = `<xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element"><xenc:EncryptionMethod Algorithm="${uri}"/>${keyInfo}${value(options.octets?.(octets) ?? octets)}</xenc:EncryptedData>`;
  return beside ? `${data}${options.otherKeys ?? ''}${key}` : data;
}

/** One EncryptedKey, to be put anywhere. */
export function encryptedKey(contentKey: Buffer, options: Encrypting): string {
  const transport = options.transport ?? { name: 'oaep-p' };
  const octets = wrapped(contentKey, new X509Certificate(options.for.certificate).publicKey, transport);
  const recipient = options.recipient === undefined ? '' : ` Recipient="${options.recipient}"`;
  const id = options.where === 'beside' ? ' Id="_key"' : '';
  return `<xenc:EncryptedKey xmlns:xenc="${XENC}"${id}${recipient}>${method(transport)}${value(options.keyOctets?.(octets) ?? octets)}</xenc:EncryptedKey>`;
}

const value = (octets: Buffer): string =>
  `<xenc:CipherData><xenc:CipherValue>${octets.toString('base64').replace(/.{76}/g, '$&\n')}</xenc:CipherValue></xenc:CipherData>`;

function method(transport: Transport): string {
  if (transport.name === 'rsa15') return `<xenc:EncryptionMethod Algorithm="${XENC}rsa-1_5"/>`;
  const { hash, mgf, label, name } = transport;
  const uri = name === 'oaep' ? `${XENC11}rsa-oaep` : `${XENC}rsa-oaep-mgf1p`;
  const parts = [
    label === undefined ? '' : `<xenc:OAEPparams>${label.toString('base64')}</xenc:OAEPparams>`,
    hash === undefined ? '' : `<ds:DigestMethod xmlns:ds="${DSIG}" Algorithm="${DIGEST[hash]}"/>`,
    mgf === undefined ? '' : `<e11:MGF xmlns:e11="${XENC11}" Algorithm="${XENC11}mgf1${mgf}"/>`,
  ];
  return `<xenc:EncryptionMethod Algorithm="${uri}">${parts.join('')}</xenc:EncryptionMethod>`;
}

function encrypted(name: (typeof DATA)[Cipher][1], key: Buffer, ivBytes: number, content: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  if (name.endsWith('gcm')) {
    const cipher = createCipheriv(name as 'aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }
  const cipher = createCipheriv(name, key, iv).setAutoPadding(false);
  const padding = ivBytes - (content.length % ivBytes);
  // All of it but the last byte is arbitrary (xmlenc-core1 §5.2.1).
  const padded = Buffer.concat([content, randomBytes(padding - 1), Buffer.from([padding])]);
  return Buffer.concat([iv, cipher.update(padded), cipher.final()]);
}

function wrapped(contentKey: Buffer, key: KeyObject, transport: Transport): Buffer {
  if (transport.name === 'rsa15') return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey);
  const { hash = 'sha1', mgf = 'sha1', label = Buffer.alloc(0) } = transport;
  const block = oaepEncoded(contentKey, (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8, hash, mgf, label);
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

/** EME-OAEP encoding (RFC 8017 §7.1.1). */
export function oaepEncoded(message: Buffer, bytes: number, hash: Hash, mgf: Hash, label: Buffer): Buffer {
  const labelHash = createHash(hash).update(label).digest();
  const size = labelHash.length;
  const zeros = Buffer.alloc(bytes - message.length - 2 * size - 2);
  const content = Buffer.concat([labelHash, zeros, Buffer.from([1]), message]);
  const seed = randomBytes(size);
  const maskedContent = xor(content, mgf1(seed, content.length, mgf));
  const maskedSeed = xor(seed, mgf1(maskedContent, size, mgf));
  return Buffer.concat([Buffer.from([0]), maskedSeed, maskedContent]);
}

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));

function mgf1(seed: Buffer, length: number, hash: Hash): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 20) }, (_, at) =>
    createHash(hash)
      .update(Buffer.concat([seed, Buffer.from([0, 0, at >> 8, at & 255])]))
      .digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}
