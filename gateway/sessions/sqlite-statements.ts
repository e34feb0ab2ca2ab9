// What the embedded store asks of SQLite, as a table, and how a row becomes a record.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import type { SessionRecord } from './store.ts';

const RECORD = 'id, subject, indexes, sealed, created_at, last_used_at, expires_at';

/**
 * Every statement. Where a row lies is known (sqlite-indexes.ts), so each names a number, and the name beside it, because a number may be of a row with
 * another one. What is read and changed in one transaction is read and then changed: `RETURNING` costs twice as much. `sessions` has living ones only.
 * A test asks SQLite how it means to run those that must not cost what the table holds.
 */
export const STATEMENTS = {
  begin: `INSERT INTO records (n, ${RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  isTaken: 'SELECT 1 FROM records WHERE n = ? AND id = ?',
  lives: 'SELECT subject, indexes FROM sessions WHERE n = ? AND id = ?',
  renew: `UPDATE records SET subject = ?2, indexes = ?3, sealed = ?4, expires_at = ?5,
    last_used_at = max(last_used_at, ?6) WHERE n = ?1 AND ended = 0`,
  addToken: 'INSERT INTO tokens (session, hash, host) VALUES (?, ?, ?)',
  isTokenTaken: 'SELECT 1 FROM tokens WHERE session = ? AND hash = ?',
  findByToken: `SELECT ${RECORD}, host FROM tokens CROSS JOIN sessions ON n = session WHERE session = ? AND hash = ?`,
  find: `SELECT ${RECORD} FROM sessions WHERE n = ? AND id = ?`,
  touch: 'UPDATE records SET last_used_at = max(last_used_at, ?3) WHERE n = ?1 AND id = ?2 AND ended = 0',
  findBySubject: `SELECT ${RECORD} FROM sessions WHERE n = ? AND subject = ?`,
  findByNumber: `SELECT ${RECORD} FROM sessions WHERE n = ?`,
  end: 'UPDATE records SET ended = 1 WHERE n = ? AND ended = 0',
  forget: 'DELETE FROM records WHERE n = ? AND id = ? AND ended = 1',
  tokensOf: 'SELECT hash FROM tokens WHERE session = ?',
  forgetTokens: 'DELETE FROM tokens WHERE session = ?',
  forgetCookies: 'DELETE FROM cookies WHERE session = ?',
  unfinished: `SELECT ${RECORD} FROM endings CROSS JOIN records USING (n)`,
  due: `SELECT ${RECORD} FROM sessions WHERE n IN (
    SELECT * FROM (SELECT n FROM by_use WHERE at <= ?1 ORDER BY at LIMIT ?3)
    UNION SELECT * FROM (SELECT n FROM by_expiry WHERE at <= ?2 ORDER BY at LIMIT ?3)) LIMIT ?3`,
  list: `SELECT ${RECORD} FROM (SELECT at, n FROM by_expiry ORDER BY at DESC LIMIT ? OFFSET ?) CROSS JOIN sessions USING (n)
    ORDER BY at DESC`,
  count: 'SELECT count(*) AS sessions FROM by_use',
  cookies: 'SELECT key, sealed FROM cookies WHERE session = ? AND app = ?',
  setCookie: 'INSERT OR REPLACE INTO cookies (session, app, key, sealed) VALUES (?, ?, ?, ?)',
  removeCookie: 'DELETE FROM cookies WHERE session = ? AND app = ? AND key = ?',
  appsWithCookies: 'SELECT DISTINCT app FROM cookies WHERE session = ?',
  isBuried: `SELECT 1 FROM tombstones WHERE n = ?1 AND subject = ?2 AND session_index = ?3 AND until > ?4
    AND (session_index <> '' OR issued_at >= ?5)`,
  bury: 'INSERT INTO tombstones (n, subject, session_index, issued_at, until) VALUES (?, ?, ?, ?, ?)',
  buryLonger: `UPDATE tombstones SET issued_at = max(issued_at, ?4), until = max(until, ?5)
    WHERE n = ?1 AND subject = ?2 AND session_index = ?3`,
  wasNamed: 'SELECT 1 FROM once WHERE n = ? AND kind = ? AND id = ? AND until > ?',
  once: 'INSERT INTO once (n, kind, id, until) VALUES (?, ?, ?, ?)',
  keep: 'INSERT INTO kept (n, kind, id, value, until) VALUES (?, ?, ?, ?, ?)',
  keepInstead: 'UPDATE kept SET value = ?4, until = ?5 WHERE n = ?1 AND kind = ?2 AND id = ?3',
  read: 'SELECT value FROM kept WHERE n = ? AND kind = ? AND id = ? AND until > ?',
  stands: 'SELECT value, until FROM kept WHERE n = ? AND kind = ? AND id = ?',
  take: 'DELETE FROM kept WHERE n = ?',
  sweepOnce: 'DELETE FROM once WHERE n = ? AND until <= ?',
  sweepKept: 'DELETE FROM kept WHERE n = ? AND until <= ?',
  sweepTombstones: 'DELETE FROM tombstones WHERE n = ? AND until <= ?',
} as const;

/** A session's row: what STRICT columns guarantee. */
export type Row = readonly [
  ...[id: SessionId, subject: string, indexes: string, sealed: Uint8Array],
  ...[createdAt: EpochMs, lastUsedAt: EpochMs, expiresAt: EpochMs],
];

/** The record that a row holds, whatever stands behind it. */
export const recordOf = ([id, subject, indexes, sealed, createdAt, lastUsedAt, expiresAt]: readonly [
  ...Row,
  ...unknown[],
]): SessionRecord => {
  const read = JSON.parse(indexes) as string[];
  return { id, subject, indexes: read, sealed, createdAt, lastUsedAt, expiresAt };
};

type Name = keyof typeof STATEMENTS;

/**
 * The statements of one database: prepared at first use, then kept, because preparing costs more than running. Rows are arrays: as objects each would have its
 * columns named anew, which takes a third of a read.
 */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared: Partial<Record<Name, StatementSync>> = {};

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  of(name: Name): StatementSync {
    return this.#prepared[name] ?? this.#prepare(name);
  }

  #prepare(name: Name): StatementSync {
    const statement = this.#database.prepare(STATEMENTS[name]);
    statement.setReturnArrays(true);
    this.#prepared[name] = statement;
    return statement;
  }

  /** The rows that it finds; of what their columns hold the caller knows. */
  rows(name: Name, ...values: (string | number)[]): readonly (readonly unknown[])[] {
    return this.of(name).all(...values) as unknown as unknown[][];
  }

  /** The records that it finds. */
  records(name: Name, ...values: (string | number)[]): SessionRecord[] {
    return (this.rows(name, ...values) as readonly Row[]).map(recordOf);
  }

  /** The records that it finds, looking for one in each of these rows. */
  recordsAt(name: Name, rows: Iterable<number>, ...values: string[]): SessionRecord[] {
    const found: SessionRecord[] = [];
    for (const n of rows) {
      const row = this.of(name).get(n, ...values) as Row | undefined;
      if (row !== undefined) found.push(recordOf(row));
    }
    return found;
  }

  /** Whether it finds one of these rows. */
  finds(name: Name, rows: readonly number[], ...values: (string | number)[]): boolean {
    return rows.some((n) => this.of(name).get(n, ...values) !== undefined);
  }

  /** The first of these rows that it changes. */
  changed(name: Name, rows: readonly number[], ...values: (string | number | Uint8Array)[]): number | undefined {
    return rows.find((n) => this.of(name).run(n, ...values).changes === 1);
  }

  /** What it answers of the first of these rows that has an answer, and which that is; of what the columns hold the caller knows. */
  first(
    name: Name,
    rows: readonly number[],
    ...values: (string | number)[]
  ): { readonly n: number; readonly row: readonly unknown[] } | undefined {
    for (const n of rows) {
      const row = this.of(name).get(n, ...values) as readonly unknown[] | undefined;
      if (row !== undefined) return { n, row };
    }
    return undefined;
  }
}
