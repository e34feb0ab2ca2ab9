// HMAC-SHA256 of several texts, by which names stand in the store. A logout needs seven, and node:crypto's own Hmac is an object with a key schedule of its own for
// each: two one-shot hashes over blocks prepared once take a third of that.

import { hash } from 'node:crypto';

/** The keyed hash of `parts`: 128 bits of HMAC-SHA256 in base64url. Says nothing to whoever lacks the key. */
export type KeyedHash = (...parts: readonly string[]) => string;

/** SHA-256's block and result (FIPS 180-4 §1). */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const KEPT_BYTES = 16;
const LENGTH_BYTES = 4;
/** Texts this long together are hashed in the same place each time; a NameID and a SessionIndex are far below. */
const USUAL_BYTES = 4096;
/** The most that UTF-8 takes for one unit of a text. */
const MOST_BYTES_A_UNIT = 3;

/** Hashes under `key`, at most a block long (RFC 2104 §2). */
export function keyedHash(key: Uint8Array): KeyedHash {
  const usual = Buffer.alloc(BLOCK_BYTES + USUAL_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  const result = Buffer.alloc(HASH_BYTES);
  pad(usual, key, 0x36);
  pad(outer, key, 0x5c);

  return (...parts) => {
    const most = bytesAtMost(parts);
    const inner = most <= USUAL_BYTES ? usual : Buffer.concat([usual.subarray(0, BLOCK_BYTES), Buffer.alloc(most)]);
    const end = writeParts(inner, parts, BLOCK_BYTES);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
    result.write(hash('sha256', outer, 'binary'), 'binary');
    return result.toString('base64url', 0, KEPT_BYTES);
  };
}

/** Each part after its length: ("ab", "c") and ("a", "bc") must not be the same name. */
export function joined(parts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(bytesAtMost(parts));
  return bytes.subarray(0, writeParts(bytes, parts, 0));
}

function pad(block: Buffer, key: Uint8Array, byte: number): void {
  if (key.length > BLOCK_BYTES) throw new TypeError('a key longer than a block would have to be hashed first');
  for (let at = 0; at < BLOCK_BYTES; at += 1) block[at] = (key[at] ?? 0) ^ byte;
}

function bytesAtMost(parts: readonly string[]): number {
  let bytes = 0;
  for (const part of parts) bytes += LENGTH_BYTES + MOST_BYTES_A_UNIT * part.length;
  return bytes;
}

/** Writes from `start` on; answers where it ends. */
function writeParts(into: Buffer, parts: readonly string[], start: number): number {
  let at = start;
  for (const part of parts) {
    const length = into.write(part, at + LENGTH_BYTES);
    into.writeUInt32BE(length, at);
    at += LENGTH_BYTES + length;
  }
  return at;
}
