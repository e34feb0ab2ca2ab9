// What finds the rows of the embedded store, all in memory and made anew from the tables when the file is opened.

import type { DatabaseSync } from 'node:sqlite';
import { RowEnds } from './sqlite-ends.ts';
import { markOf, RowIndex, type Outcome } from './sqlite-index.ts';

/** Sessions in order, and those that have ended: TEMP tables, which follow `records` by triggers within the same transaction. */
export const ORDERS = `
  CREATE TEMP TABLE by_use (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE by_expiry (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE endings (n INTEGER PRIMARY KEY) STRICT;

  CREATE TEMP TRIGGER begun AFTER INSERT ON records BEGIN
    INSERT INTO by_use VALUES (new.last_used_at, new.n);
    INSERT INTO by_expiry VALUES (new.expires_at, new.n);
  END;
  CREATE TEMP TRIGGER used AFTER UPDATE OF last_used_at ON records BEGIN
    DELETE FROM by_use WHERE at = old.last_used_at AND n = old.n;
    INSERT INTO by_use VALUES (new.last_used_at, new.n);
  END;
  CREATE TEMP TRIGGER renewed AFTER UPDATE OF expires_at ON records BEGIN
    DELETE FROM by_expiry WHERE at = old.expires_at AND n = old.n;
    INSERT INTO by_expiry VALUES (new.expires_at, new.n);
  END;
  CREATE TEMP TRIGGER ended AFTER UPDATE OF ended ON records BEGIN
    DELETE FROM by_use WHERE at = old.last_used_at AND n = old.n;
    DELETE FROM by_expiry WHERE at = old.expires_at AND n = old.n;
    INSERT INTO endings VALUES (new.n);
  END;
  CREATE TEMP TRIGGER forgotten AFTER DELETE ON records BEGIN
    DELETE FROM endings WHERE n = old.n;
  END;
`;

/** What a row of the ledger is found by. */
export const entryMark = (kind: string, id: string): number => markOf(`${kind} ${id}`);

/** What a tombstone is found by; '' is the index of one over all sessions of the subject. */
export const tombstoneMark = (subject: string, index: string): number => markOf(`${subject} ${index}`);

/** The index of a table whose rows have a name and an end. */
export class LastingRows extends RowIndex {
  readonly ends = new RowEnds();
  #last = 0;

  /** A number that no row has, or has had since the file was opened. */
  get next(): number {
    return (this.#last += 1);
  }

  /** A row that was there when the file was opened. */
  lasts(mark: number, n: number, until: number): void {
    this.holds(mark, n);
    this.ends.add(until, { mark, n });
    this.#last = Math.max(this.#last, n);
  }
}

/** All of them. */
export class Indexes {
  /** Sessions that live or have ended, by id. */
  readonly ids = new RowIndex();
  /** Living ones. */
  readonly subjects = new RowIndex();
  readonly indexes = new RowIndex();
  /** Tokens: the number is the session's. */
  readonly tokens = new RowIndex();
  readonly once = new LastingRows();
  readonly kept = new LastingRows();
  readonly tombstones = new LastingRows();
  readonly #all: readonly RowIndex[] = [
    ...[this.ids, this.subjects, this.indexes, this.tokens],
    ...[this.once, this.kept, this.tombstones],
  ];
  #last = 0;

  constructor(database: DatabaseSync) {
    database.exec(`BEGIN; ${ORDERS}`);
    const order = database.prepare('INSERT INTO by_use VALUES (?, ?)');
    const orderByEnd = database.prepare('INSERT INTO by_expiry VALUES (?, ?)');
    const noteEnding = database.prepare('INSERT INTO endings VALUES (?)');
    // One after the other, and by their columns: sessions are large, and there may be very many.
    for (const row of rowsOf(database, 'n, id, subject, indexes, last_used_at, expires_at, ended', 'records')) {
      const [n, id, subject, indexes, usedAt, expiresAt, ended] = row as [
        ...[n: number, id: string, subject: string, indexes: string],
        ...[usedAt: number, expiresAt: number, ended: number],
      ];
      this.ids.holds(markOf(id), n);
      this.#last = Math.max(this.#last, n);
      if (ended === 0) {
        this.subjects.holds(markOf(subject), n);
        for (const index of JSON.parse(indexes) as string[]) this.indexes.holds(markOf(index), n);
        order.run(usedAt, n);
        orderByEnd.run(expiresAt, n);
      } else noteEnding.run(n);
    }
    for (const row of rowsOf(database, 'session, hash', 'tokens')) {
      const [session, hash] = row as [number, string];
      this.tokens.holds(markOf(hash), session);
    }
    for (const table of ['once', 'kept'] as const) {
      for (const row of rowsOf(database, 'n, kind, id, until', table)) {
        const [n, kind, id, until] = row as [number, string, string, number];
        this[table].lasts(entryMark(kind, id), n, until);
      }
    }
    for (const row of rowsOf(database, 'n, subject, session_index, until', 'tombstones')) {
      const [n, subject, index, until] = row as [number, string, string, number];
      this.tombstones.lasts(tombstoneMark(subject, index), n, until);
    }
    database.exec('COMMIT');
  }

  /** A number for a session. */
  get next(): number {
    return (this.#last += 1);
  }

  /** A session is found by these from now on. */
  named(n: number, subject: string, indexes: readonly string[]): void {
    this.subjects.came(markOf(subject), n);
    for (const index of indexes) this.indexes.came(markOf(index), n);
  }

  /** No longer by these. */
  unnamed(n: number, subject: string, indexes: readonly string[]): void {
    this.subjects.went(markOf(subject), n);
    for (const index of indexes) this.indexes.went(markOf(index), n);
  }

  /** The transaction is over. */
  settle(outcome: Outcome): void {
    for (const one of this.#all) one.settle(outcome);
  }
}

function rowsOf(database: DatabaseSync, columns: string, table: string): Iterable<unknown> {
  const all = database.prepare(`SELECT ${columns} FROM ${table}`);
  all.setReturnArrays(true);
  return all.iterate();
}
