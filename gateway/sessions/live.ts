// A session as this process remembers it. There may be very many, so that each is one object, and its times are told from its beginning: V8 keeps a number
// of 31 bits in the place where it stands, and makes an object of sixteen bytes for each that is larger, as milliseconds since 1970 are.

import { plus } from '../kernel/clock.ts';
import type { EpochMs, Identity, SessionId, Told } from '../kernel/words.ts';
import type { Session } from './sessions.ts';

/** A session, and when it was used. */
export class Live implements Session {
  readonly id: SessionId;
  readonly identity: Identity;
  readonly createdAt: EpochMs;
  told: Told | undefined;
  /** Whether it was used since it was last passed over. */
  isWanted = false;
  readonly #lastsMs: number;
  #usedMs: number;
  #storedMs: number;
  #toldMs: number;

  /** As the store has it, which knows of this use. */
  constructor({ id, identity, createdAt, expiresAt, told }: Session, usedAt: EpochMs) {
    this.id = id;
    this.identity = identity;
    this.createdAt = createdAt;
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
