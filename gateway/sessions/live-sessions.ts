// The sessions this process knows without asking the store, so that a request normally waits for nobody. Bounded; what
// falls out is asked for again.

import type { Log } from '../kernel/log.ts';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import { Live } from './live.ts';
import type { Session } from './sessions.ts';
import type { SessionRecord, Store } from './store.ts';

/** One read of the store, and the sessions that ended while it was under way. */
export type Look = Set<SessionId>;

interface Options {
  readonly store: Store;
  readonly max: number;
  /** What they may take in memory, roughly. */
  readonly maxBytes: number;
  /** How often a session's use is written, at most. */
  readonly writeEveryMs: number;
  readonly log: Log;
}

/** Sessions that are passed over for one that goes. */
const MOST_LOOKS = 32;

/** A cache that no ended session can be in once `end` has answered, and that loses no use on the way to the store. */
export class LiveSessions {
  readonly #store: Store;
  #writeEveryMs: number;
  readonly #log: Log;
  readonly #max: number;
  readonly #maxBytes: number;
  /** In the order in which each had its last turn to go. */
  readonly #known = new Map<SessionId, Live>();
  #bytes = 0;
  readonly #looks = new Set<Look>();
  readonly #writing = new Set<Promise<void>>();
  /** How often everything was dropped. */
  #dropped = 0;

  constructor({ store, max, maxBytes, writeEveryMs, log }: Options) {
    this.#store = store;
    this.#writeEveryMs = writeEveryMs;
    this.#log = log;
    this.#max = max;
    this.#maxBytes = maxBytes;
  }

  /** Writes uses at most this often from now on. */
  writeEvery(ms: number): void {
    this.#writeEveryMs = ms;
  }

  get(id: SessionId): Live | undefined {
    return this.#known.get(id);
  }

  /** Drops a session, and keeps every look that is under way from bringing it back. */
  drop(id: SessionId): void {
    this.#forget(this.#known.get(id));
    for (const look of this.#looks) look.add(id);
  }

  /** Drops every session, where endings may have been missed; a look that is under way fails. */
  clear(): void {
    this.#known.clear();
    this.#bytes = 0;
    this.#dropped += 1;
  }

  /** The same, and nothing that is known of uses is lost by it. */
  startOver(): void {
    void this.flush();
    this.clear();
  }

  /**
   * Runs `read` and hands on what `accept` makes of it; an ending during the read is in the Look that it gets. Rejects where this node has no
   * lease: of what ends before it is one of the others nobody tells it, and what was read then would be remembered for good (P1).
   */
  async look<T, R>(
    read: () => Promise<T>,
    accept: (found: T, endedMeanwhile: ReadonlySet<SessionId>) => R,
  ): Promise<R> {
    const { nodes } = this.#store;
    if (nodes?.holds() === false) await nodes.regain();
    const look: Look = new Set();
    this.#looks.add(look);
    const before = this.#dropped;
    try {
      const found = await read();
      if (this.#dropped !== before)
        throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { reason: 'no lease' } });
      return accept(found, look);
    } finally {
      this.#looks.delete(look);
    }
  }

  /** Remembers a session as the store has it, if `open` can read it; where it is known already, the later use counts. */
  remember(record: SessionRecord, open: (record: SessionRecord) => Session | undefined): Live | undefined {
    const { id, lastUsedAt } = record;
    const known = this.#known.get(id);
    if (known !== undefined) {
      if (lastUsedAt > known.lastUsedAt) known.lastUsedAt = known.storedAt = lastUsedAt;
      known.isWanted = true;
      return known;
    }
    const session = open(record);
    if (session === undefined) return undefined;
    return this.#keep(new Live(session, record.sealed.length, lastUsedAt));
  }

  /** Puts what is known of a session now in the place of what was, and answers with it; later uses are kept. */
  replace(session: Session, { sealed }: Pick<SessionRecord, 'sealed'>, usedAt: EpochMs): Live {
    const known = this.#known.get(session.id);
    const live = new Live(session, sealed.length, usedAt);
    if (known !== undefined) {
      this.#forget(known);
      live.lastUsedAt = Math.max(usedAt, known.lastUsedAt) as EpochMs;
      live.toldAt = known.toldAt;
    }
    return this.#keep(live);
  }

  /** Notes a use without waiting for the store. */
  use(live: Live, now: EpochMs): void {
    if (now > live.lastUsedAt) live.lastUsedAt = now;
    live.isWanted = true;
    if (now - live.toldAt >= this.#writeEveryMs) this.#tell(live);
  }

  /** Whether this process knows of a use after `since`; then the store is told of it, too. */
  usedAfter(id: SessionId, since: EpochMs): boolean {
    const live = this.#known.get(id);
    if (live === undefined || live.lastUsedAt <= since) return false;
    this.#tell(live);
    return true;
  }

  /** Resolves when the store has been told of everything that it was to be told until now. Never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** Tells the store of every use that it does not know yet. Never rejects. */
  async flush(): Promise<void> {
    for (const live of this.#known.values()) this.#tell(live);
    await this.settled();
  }

  #keep(live: Live): Live {
    while (this.#known.size > 0 && (this.#known.size >= this.#max || this.#bytes + live.bytes > this.#maxBytes))
      this.#makeRoom();
    this.#known.set(live.id, live);
    this.#bytes += live.bytes;
    return live;
  }

  #forget(live: Live | undefined): void {
    if (live !== undefined && this.#known.delete(live.id)) this.#bytes -= live.bytes;
  }

  /** One goes: the oldest that nobody has used since its last turn, or the last of those that are looked at, so that no request pays for many. */
  #makeRoom(): void {
    let looks = 0;
    for (const [id, live] of this.#known) {
      if (!live.isWanted || (looks += 1) === MOST_LOOKS) {
        this.#forget(live);
        this.#tell(live);
        return;
      }
      live.isWanted = false;
      this.#known.delete(id);
      this.#known.set(id, live);
    }
  }

  #tell(live: Live): void {
    if (live.lastUsedAt <= live.storedAt) return;
    const at = live.lastUsedAt;
    live.toldAt = at;
    const writing = this.#write(live, at).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async #write(live: Live, at: EpochMs): Promise<void> {
    const { id } = live;
    try {
      const lives = await this.#store.touch(id, at);
      if (lives) live.storedAt = at;
      else this.drop(id); // ended, and the word of it did not reach us
    } catch (error) {
      // Remembered here still, and told again with the next use after `writeEveryMs`.
      this.#log.warn('session-use-not-written', { session: id, error: String(error) });
    }
  }
}
