// Opens what was encrypted for us. Every way to fail looks the same and does the same work: a key that cannot be unwrapped is replaced by a
// random one, which then fails on the content, as a wrong key would (Bleichenbacher 1998; RFC 8017 §7.2.2, RFC 3218 §2.3.2).

import { constants, createDecipheriv, privateDecrypt, randomBytes, type KeyObject } from 'node:crypto';
import type { DataCipher, KeyTransport } from './algorithms.ts';
import { oaepDecoded } from './oaep.ts';
import type { Sealed } from './sealed.ts';

const TAG_BYTES = 16;

/**
 * Tries every encrypted key with every key of ours, and answers with the first content that `read` can make something of; undefined where
 * there is none. Several keys of ours: that is key rollover.
 */
export function opened<T>(
  { cipher, keys, octets }: Sealed,
  ours: readonly KeyObject[],
  read: (content: Buffer) => T | undefined,
): T | undefined {
  for (const { transport, value } of keys) {
    for (const key of ours) {
      const content = decrypted(cipher, contentKey(key, transport, value, cipher.keyBytes), octets);
      const found = content && read(content);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The content's key, always of the right length: a random one where there is none to be had. */
function contentKey(ours: KeyObject, transport: KeyTransport, value: Buffer, bytes: number): Buffer {
  const substitute = randomBytes(bytes);
  const found = unwrapped(ours, transport, value);
  return found?.length === bytes ? found : substitute;
}

function unwrapped(key: KeyObject, transport: KeyTransport, value: Buffer): Buffer | undefined {
  try {
    // OpenSSL answers a bad PKCS #1 v1.5 padding with bytes made up from the ciphertext; Node refuses to run where it would not.
    if (transport.padding === 'rsa15') return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, value);
    const { hash, mgfHash, label } = transport;
    if (hash !== mgfHash) {
      const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, value);
      return oaepDecoded(block, hash, mgfHash, label);
    }
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, oaepLabel: label }, value);
  } catch {
    return undefined;
  }
}

/** The initialization vector stands in front, the tag of GCM at the end (xmlenc-core1 §5.2). */
function decrypted({ name, mode, ivBytes }: DataCipher, key: Buffer, octets: Buffer): Buffer | undefined {
  const iv = octets.subarray(0, ivBytes);
  try {
    if (mode === 'gcm') {
      const tag = octets.subarray(-TAG_BYTES);
      const decipher = createDecipheriv(name as 'aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAuthTag(tag);
      const content = decipher.update(octets.subarray(ivBytes, -TAG_BYTES));
      return Buffer.concat([content, decipher.final()]);
    }
    const decipher = createDecipheriv(name, key, iv).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(octets.subarray(ivBytes)), decipher.final()]);
    // Of the padding only the last byte says something: how much there is (xmlenc-core1 §5.2.1).
    const padding = padded.at(-1) ?? 0;
    return padding >= 1 && padding <= ivBytes ? padded.subarray(0, -padding) : undefined;
  } catch {
    return undefined;
  }
}
