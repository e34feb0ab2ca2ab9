// Random names and secrets, and the two things done with secrets: hashing and comparing.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `bits` random bits (a multiple of 8, at least 128) in base64url. */
export const randomText = (bits = 256): string => randomBytes(bits / 8).toString('base64url');

/** SHA-256 in base64url: how a token is stored, so that whoever reads the store holds no cookie. */
export const sha256 = (text: string | Uint8Array): string => hash('sha256', text, 'base64url');

/** Whether two texts are the same, in time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
