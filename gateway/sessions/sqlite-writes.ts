// Gathers the writes of one turn of the event loop into one transaction: a logout of forty sessions waits for the
// disk once, not forty times.

import type { DatabaseSync } from 'node:sqlite';
import { sessionsError } from './codes.ts';

/**
 * What a power cut may do to a write. A killed process loses neither: what is in the WAL is the kernel's (P13). A write
 * that `closes` (an end, a tombstone, a used ID) is also on the disk before it is answered, or else a session would live
 * again after we said Success (P1). One that only `opens` may be lost with the last seconds: the person signs in anew.
 */
export type Durability = 'opens' | 'closes';

interface Write {
  readonly durability: Durability;
  /** Does the work inside the transaction; what it returns tells the caller, once that is committed. */
  readonly attempt: () => () => void;
  readonly reject: (reason: unknown) => void;
}

/** The only writer of a database. */
export class Writes {
  readonly #database: DatabaseSync;
  #queue: Write[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs `work` atomically, soon; resolves when it is committed. `work` may be run again where a neighbour failed. */
  run<T>(durability: Durability, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = (): (() => void) => {
        const answer = work();
        return () => resolve(answer);
      };
      if (this.#queue.push({ durability, attempt, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits what waits. Synchronous, so no read on this connection sees a half of it. */
  flush(): void {
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length > 0) this.#commit(batch);
  }

  #commit(batch: readonly Write[]): void {
    let answers: (() => void)[];
    try {
      // In WAL mode NORMAL leaves the WAL to the kernel, FULL waits until it is on the disk: with everything before it.
      const closes = batch.some(({ durability }) => durability === 'closes');
      this.#database.exec(`PRAGMA synchronous = ${closes ? 'FULL' : 'NORMAL'}; BEGIN IMMEDIATE`);
      answers = batch.map(({ attempt }) => attempt());
      this.#database.exec('COMMIT');
    } catch (cause) {
      this.#undo(batch, cause);
      return;
    }
    for (const answer of answers) answer();
  }

  /** One write that cannot be done must not take its neighbours along: each is tried by itself. */
  #undo(batch: readonly Write[], cause: unknown): void {
    try {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (a full disk); every write below is answered all the same.
    }
    const [only, ...more] = batch;
    if (more.length === 0) only?.reject(sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause }));
    else for (const write of batch) this.#commit([write]);
  }
}
