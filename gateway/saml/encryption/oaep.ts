// EME-OAEP decoding (RFC 8017 §7.1.2) with a mask of another hash than the digest's, which OpenSSL cannot be asked for through node:crypto
// and Java's XML library writes by default. Without a branch on a secret: how long it takes, and at which byte it fails, is what
// Manger's attack reads a key from (CRYPTO 2001).

import { createHash } from 'node:crypto';
import type { OaepHash } from './algorithms.ts';

/** The message in `block`, as long as the modulus; undefined where the padding is not good, for whatever reason. */
export function oaepDecoded(block: Buffer, hash: OaepHash, mgfHash: OaepHash, label: Buffer): Buffer | undefined {
  const labelHash = createHash(hash).update(label).digest();
  const size = labelHash.length;
  if (block.length < 2 * size + 2) return undefined;
  const maskedSeed = block.subarray(1, 1 + size);
  const maskedContent = block.subarray(1 + size);
  const seed = xored(maskedSeed, mask(maskedContent, size, mgfHash));
  const content = xored(maskedContent, mask(seed, maskedContent.length, mgfHash));

  let wrong = block.readUInt8(0);
  for (let i = 0; i < size; i += 1) wrong |= content.readUInt8(i) ^ labelHash.readUInt8(i);
  // Zeros, then a one, then the message: each byte is looked at, also after the one.
  let found = 0;
  let end = 0;
  for (let i = size; i < content.length; i += 1) {
    const byte = content.readUInt8(i);
    const isOne = isEqual(byte, 1);
    wrong |= (1 - found) & (1 - isOne) & (1 - isEqual(byte, 0));
    end |= (i + 1) & -((1 - found) & isOne);
    found |= isOne;
  }
  wrong |= 1 - found;
  return wrong === 0 ? content.subarray(end) : undefined;
}

/** 1 where two bytes are the same, otherwise 0. */
const isEqual = (a: number, b: number): number => ((a ^ b) - 1) >>> 31;

function xored(a: Buffer, b: Buffer): Buffer {
  const result = Buffer.alloc(a.length);
  for (let i = 0; i < a.length; i += 1) result[i] = a.readUInt8(i) ^ b.readUInt8(i);
  return result;
}

/** MGF1 (RFC 8017 §B.2.1). */
function mask(seed: Buffer, length: number, hash: OaepHash): Buffer {
  const blocks: Buffer[] = [];
  for (let bytes = 0, counter = 0; bytes < length; counter += 1) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const block = createHash(hash).update(seed).update(count).digest();
    blocks.push(block);
    bytes += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
