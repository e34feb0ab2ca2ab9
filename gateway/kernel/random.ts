// Random names and secrets, and the two things done with secrets: hashing and comparing.

import { hash, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';

/** `bits` random bits (a multiple of 8, at least 128) in base64url. */
export const randomText = (bits = 256): string => randomBytes(bits / 8).toString('base64url');

/**
 * Draws `bytes` random bytes a call, as text. The system is asked for 64 times as many at once, because asking it for each took longer
 * than all that is decided about a request. For what is no secret: it lies in memory before it is given.
 */
export function openDraw(bytes: number, encoding: 'base64url' | 'hex' | 'latin1'): () => string {
  const drawn = Buffer.alloc(64 * bytes);
  let next = drawn.length;
  return () => {
    if (next === drawn.length) {
      randomFillSync(drawn);
      next = 0;
    }
    next += bytes;
    return drawn.toString(encoding, next - bytes, next);
  };
}

/** Makes ids of 128 random bits in base64url, one a call. */
export const openIds = (): (() => string) => openDraw(16, 'base64url');

/** SHA-256 in base64url: how a token is stored, so that whoever reads the store holds no cookie. */
export const sha256 = (text: string | Uint8Array): string => hash('sha256', text, 'base64url');

/** Whether two texts are the same, in time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
