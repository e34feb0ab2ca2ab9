// A session as this process remembers it. There may be very many, so that each is one object, and its times are told from its beginning: V8 keeps a number
// of 31 bits in the place where it stands, and makes an object of sixteen bytes for each that is larger, as milliseconds since 1970 are.

import { plus } from '../kernel/clock.ts';
import type { EpochMs, Identity, SessionId, Told } from '../kernel/words.ts';
import type { Session } from './sessions.ts';

/**
 * What one takes beside the text of its identity: its jar, what an app is told, its places in tables. The text may be long, of somebody in very many groups,
 * and stands there once more where an app is told of all of them; others have parts of it in common, which are kept once.
 */
const OWN_BYTES = 600;

/** A session, and when it was used. */
export class Live implements Session {
  readonly id: SessionId;
  readonly identity: Identity;
  readonly createdAt: EpochMs;
  /** What it takes in memory, roughly. */
  readonly bytes: number;
  told: Told | undefined;
  /** Whether it was used since it was last passed over. */
  isWanted = false;
  readonly #lastsMs: number;
  #usedMs: number;
  #storedMs: number;
  #toldMs: number;

  /** As the store has it, with an identity of so many bytes there, and a use that it knows of. */
  constructor({ id, identity, createdAt, expiresAt, told }: Session, sealedBytes: number, usedAt: EpochMs) {
    this.id = id;
    this.identity = identity;
    this.createdAt = createdAt;
    this.bytes = OWN_BYTES + sealedBytes;
    this.told = told;
    this.#lastsMs = expiresAt - createdAt;
    this.#usedMs = this.#storedMs = this.#toldMs = usedAt - createdAt;
  }

  get expiresAt(): EpochMs {
    return plus(this.createdAt, this.#lastsMs);
  }

  /** Exact in this process; the store hears of it later. */
  get lastUsedAt(): EpochMs {
    return plus(this.createdAt, this.#usedMs);
  }

  set lastUsedAt(at: EpochMs) {
    this.#usedMs = at - this.createdAt;
  }

  /** The use that the store knows of. */
  get storedAt(): EpochMs {
    return plus(this.createdAt, this.#storedMs);
  }

  set storedAt(at: EpochMs) {
    this.#storedMs = at - this.createdAt;
  }

  /** The use that the store was last told of, whether or not that worked. */
  get toldAt(): EpochMs {
    return plus(this.createdAt, this.#toldMs);
  }

  set toldAt(at: EpochMs) {
    this.#toldMs = at - this.createdAt;
  }
}
