// Gathers the writes of one turn of the event loop into one transaction, and waits for the disk beside it: a logout of forty sessions
// waits once, not forty times, and nobody else's request waits with it.

import { open, type FileHandle } from 'node:fs/promises';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { sessionsError } from './codes.ts';
import type { Outcome } from './sqlite-index.ts';

/**
 * What a power cut may do to a write. A killed process loses neither: what is in the WAL is the kernel's (P13). A write
 * that `closes` (an end, a tombstone, a used ID, a SessionIndex more) is also on the disk before it is answered, or else a session would live
 * again after we said Success (P1). One that only `opens` may be lost with the last seconds: the person signs in anew.
 */
export type Durability = 'opens' | 'closes';

interface Write {
  readonly durability: Durability;
  /** Does the work inside the transaction; what it returns tells the caller, once that is committed. */
  readonly attempt: () => () => void;
  readonly reject: (reason: unknown) => void;
}

/** A write that is committed and not yet known to be on the disk. */
interface Awaiting {
  readonly answer: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A wait for the disk that is under way. */
interface Sync {
  /** It is one for all that was committed up to this. */
  readonly covers: number;
  readonly awaiting: Awaiting[];
}

/** The only writer of a database. */
export class Writes {
  readonly #database: DatabaseSync;
  readonly #sync: () => Promise<void>;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #settled: (outcome: Outcome) => void;
  #queue: Write[] = [];
  #awaiting: Awaiting[] = [];
  #underWay: Sync | undefined;
  #syncing: Promise<void> | undefined;
  /** How many transactions were committed, and how many of them are known to be on the disk. */
  #committed = 0;
  #onDisk = 0;
  #failure: unknown;

  /**
   * `sync` resolves when everything committed before it was called is on the disk. `settled` hears how each transaction
   * ended, before anybody is answered.
   */
  constructor(database: DatabaseSync, sync: () => Promise<void>, settled: (outcome: Outcome) => void = () => {}) {
    // In WAL mode NORMAL leaves commits to the kernel; `sync` waits for the disk, off the event loop.
    database.exec('PRAGMA synchronous = NORMAL');
    this.#database = database;
    this.#sync = sync;
    this.#settled = settled;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Runs `work` atomically, soon; resolves when it is committed. `work` may be run again where a neighbour failed. */
  run<T>(durability: Durability, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = (): (() => void) => {
        const answer = work();
        return () => resolve(answer);
      };
      if (this.#queue.push({ durability, attempt, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  /**
   * Runs `work` as a write that opens, and answers what resolves when it is on the disk: at once where somebody else's wait has taken it along. Rejects where
   * that cannot be known.
   */
  async later(work: () => void): Promise<() => Promise<void>> {
    await this.run('opens', work);
    const committed = this.#committed;
    return () => this.#secured(committed);
  }

  #secured(committed: number): Promise<void> {
    if (committed <= this.#onDisk && this.#failure === undefined) return Promise.resolve();
    return new Promise((answer, reject) => {
      if (this.#underWay !== undefined && committed <= this.#underWay.covers)
        this.#underWay.awaiting.push({ answer, reject });
      else this.#await([{ answer, reject }]);
    });
  }

  /** Commits what waits, and waits for the disk. */
  async settle(): Promise<void> {
    this.#flush();
    await this.#syncing;
  }

  /** Commits what waits. Synchronous, so no read on this connection sees a half of it. */
  #flush(): void {
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length > 0) this.#transact(batch);
  }

  #transact(batch: readonly Write[]): void {
    let done: (Awaiting & Pick<Write, 'durability'>)[];
    let isDone = false;
    try {
      this.#begin.run();
      done = batch.map(({ durability, attempt, reject }) => ({ durability, answer: attempt(), reject }));
      isDone = true;
      this.#commit.run();
    } catch (cause) {
      this.#undo(batch, cause, isDone);
      return;
    }
    this.#committed += 1;
    this.#settled('committed');
    for (const { durability, answer } of done) if (durability === 'opens') answer();
    this.#await(done.filter(({ durability }) => durability === 'closes'));
  }

  #await(more: readonly Awaiting[]): void {
    this.#awaiting.push(...more);
    if (this.#awaiting.length > 0 && this.#underWay === undefined) this.#syncing = this.#untilOnDisk();
  }

  /** One wait for all that was committed before it began; what comes in the meantime waits for the next. */
  async #untilOnDisk(): Promise<void> {
    while (this.#awaiting.length > 0) {
      const awaiting = this.#awaiting;
      const covers = this.#committed;
      this.#awaiting = [];
      this.#underWay = { covers, awaiting };
      try {
        if (this.#failure === undefined) {
          await this.#sync();
          this.#onDisk = covers;
        }
      } catch (cause) {
        // A disk that failed once has dropped what it could not write and says nothing the next time, so nothing is believed after it.
        this.#failure = cause;
      }
      this.#underWay = undefined;
      for (const { answer, reject } of awaiting) {
        if (this.#failure === undefined) answer();
        else reject(sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause: this.#failure }));
      }
    }
  }

  /** One write that cannot be done must not take its neighbours along: each is tried by itself. */
  #undo(batch: readonly Write[], cause: unknown, isDone: boolean): void {
    const isUnderWay = this.#database.isOpen && this.#database.isTransaction;
    try {
      if (isUnderWay) this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (a full disk); every write below is answered all the same.
    }
    this.#settled(isUnderWay || !isDone ? 'undone' : 'unknown');
    const [only, ...more] = batch;
    if (more.length === 0) only?.reject(sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause }));
    else for (const write of batch) this.#transact([write]);
  }
}

/**
 * Waits until the WAL of the database in `path` is on the disk: what `PRAGMA synchronous = FULL` does at each commit while everything else stands
 * still (sqlite.org/pragma.html#pragma_synchronous). The file exists from the first commit to the close of the database.
 */
export function walSync(path: string): { readonly sync: () => Promise<void>; readonly close: () => Promise<void> } {
  let wal: Promise<FileHandle> | undefined;
  return {
    sync: async () => (await (wal ??= open(`${path}-wal`, 'r+'))).datasync(),
    close: async () => {
      const opened = wal;
      wal = undefined;
      await (await opened)?.close();
    },
  };
}
