// Makes what the store may see: identities become ciphertext, names become keyed hashes. Whoever copies the store
// learns neither who signed in nor under which SessionIndex, and cannot move one record's bytes to another.

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { openDraw } from '../kernel/random.ts';
import { sessionsError } from './codes.ts';
import { joined, keyedHash, type KeyedHash } from './keyed-hash.ts';

/** Hashes and seals under the secrets it was made with, or was given since. */
export interface Sealing {
  /**
   * The keyed hash of each secret, the first secret's first. New records carry that of the first; whoever searches must
   * search for all: after a rotation ([new, old]) the sessions begun before it stand under the old secret's hash, and a
   * LogoutRequest must end those as well (P3).
   */
  readonly hashes: readonly [KeyedHash, ...KeyedHash[]];
  /** Encrypts `text` with the first secret so that it opens only under the same `record` names. */
  seal(text: string, ...record: readonly string[]): Uint8Array;
  /** What was sealed under these `record` names with any of the secrets. Throws SESSIONS_SEAL_BROKEN. */
  open(sealed: Uint8Array, ...record: readonly string[]): string;
  /** Goes by these secrets from now on; whoever keeps `hashes` goes by the former ones. Throws SESSIONS_SECRET_WEAK, and goes on as it did. */
  rekey(secrets: readonly string[]): void;
}

interface Keys {
  readonly id: Buffer;
  /** A key object, because importing the bytes at every use costs several times what the use itself does. */
  readonly sealing: KeyObject;
  readonly hash: KeyedHash;
}

const MIN_SECRET_BYTES = 32;
const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * Sealing under `secrets`, each at least 32 bytes of UTF-8: the first seals and hashes, all open and find. Throws
 * SESSIONS_SECRET_WEAK.
 */
export function sealingOf(secrets: readonly string[]): Sealing {
  let used = ringOf(secrets);
  const nonce = openDraw(NONCE_BYTES, 'latin1');
  return {
    get hashes() {
      return used.hashes;
    },
    seal: (text, ...record) => encrypted(used.first, nonce(), text, joined(record)),
    rekey: (next) => {
      used = ringOf(next);
    },
    open: (sealed, ...record) => {
      const keyId = sealed.subarray(1, 1 + KEY_ID_BYTES);
      const keys = sealed[0] === VERSION ? used.all.find((candidate) => candidate.id.equals(keyId)) : undefined;
      if (keys === undefined) throw sessionsError('SESSIONS_SEAL_BROKEN', { detail: { reason: 'unknown key' } });
      return decrypted(keys, sealed, joined(record));
    },
  };
}

function ringOf(secrets: readonly string[]) {
  const [first, ...others] = secrets.map(keysOf);
  if (first === undefined) throw sessionsError('SESSIONS_SECRET_WEAK', { detail: { secrets: 0 } });
  const hashes: Sealing['hashes'] = [first.hash, ...others.map(({ hash }) => hash)];
  return { first, all: [first, ...others], hashes };
}

/** One key a purpose, so that no use of one can be played against another (RFC 5869 §3.2: info separates them). */
function keysOf(secret: string): Keys {
  const bytes = Buffer.byteLength(secret);
  if (bytes < MIN_SECRET_BYTES) {
    throw sessionsError('SESSIONS_SECRET_WEAK', { detail: { bytes, atLeast: MIN_SECRET_BYTES } });
  }
  const derived = (purpose: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `curfew sessions ${purpose} 1`, length));
  return {
    id: derived('key id', KEY_ID_BYTES),
    sealing: createSecretKey(derived('sealing', 32)),
    hash: keyedHash(derived('hashing', 32)),
  };
}

/**
 * Version, key id, nonce, ciphertext, tag. A random nonce serves 2^32 seals a key (NIST SP 800-38D §8.3): more than a year of
 * a hundred cookies a second. With ten times as many the chance that any nonce came twice is still below 2^-26.
 */
function encrypted(keys: Keys, nonce: string, text: string, record: Buffer): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = VERSION;
  head.set(keys.id, 1);
  head.write(nonce, HEAD_BYTES - NONCE_BYTES, 'latin1');
  const iv = head.subarray(HEAD_BYTES - NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.sealing, iv, { authTagLength: TAG_BYTES }).setAAD(record);
  const body = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([head, ...body, cipher.getAuthTag()]);
}

function decrypted(keys: Keys, sealed: Uint8Array, record: Buffer): string {
  const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES);
  try {
    // A tag cut short is refused: without authTagLength Node would accept 4 bytes of it.
    const cipher = createDecipheriv('aes-256-gcm', keys.sealing, nonce, { authTagLength: TAG_BYTES })
      .setAAD(record)
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const body = sealed.subarray(HEAD_BYTES, Math.max(HEAD_BYTES, sealed.length - TAG_BYTES));
    const text = cipher.update(body);
    // Nothing comes of it: here the tag is judged, and only then is anything believed.
    cipher.final();
    return text.toString('utf8');
  } catch (cause) {
    throw sessionsError('SESSIONS_SEAL_BROKEN', { detail: { reason: 'not authentic' }, cause });
  }
}
