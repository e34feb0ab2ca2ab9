// What the embedded store asks of SQLite, as a table, and how a row becomes a record.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { mark, tombstoneMark } from './sqlite-indexes.ts';
import type { SessionRecord } from './store.ts';

const RECORD = 'id, subject, indexes, sealed, created_at, last_used_at, expires_at';

/** The number of the living session with this id: `sessions` has no other. */
const living = (id: string): string =>
  `(SELECT n FROM by_id CROSS JOIN sessions USING (n) WHERE mark = ${mark(id)} AND id = ${id})`;

/** Where something of this kind and id lies in a table of the ledger: CROSS JOIN is SQLite's way to say in which order to look. */
const entry = (table: 'once' | 'kept'): string =>
  `${table}_by_id CROSS JOIN ${table} USING (n) WHERE mark = ${mark('?2')} AND id = ?2 AND kind = ?1`;

const sweep = (table: 'once' | 'kept' | 'tombstones'): string =>
  `DELETE FROM ${table} WHERE n IN (SELECT n FROM ${table}_by_end WHERE at <= ?)`;

/** Every statement; a test asks SQLite how it means to run those that must not cost what the table holds. */
export const STATEMENTS = {
  begin: `INSERT INTO records (${RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  renew: `UPDATE records SET subject = ?2, indexes = ?3, sealed = ?4, expires_at = ?5,
    last_used_at = max(last_used_at, ?6) WHERE n = ${living('?1')}`,
  forbidden: `SELECT 1 FROM (SELECT '' AS named UNION ALL SELECT value FROM json_each(?4))
    CROSS JOIN tombstones_by_name ON mark = ${tombstoneMark('?1', 'named')} CROSS JOIN tombstones USING (n)
    WHERE subject = ?1 AND session_index = named AND until > ?2 AND (named <> '' OR issued_at >= ?3) LIMIT 1`,
  addToken: `INSERT INTO tokens (session, hash, host) SELECT n, ?2, ?3 FROM sessions WHERE n = ${living('?1')}`,
  findByToken: `SELECT ${RECORD}, host FROM by_token CROSS JOIN tokens USING (session) CROSS JOIN sessions ON n = session
    WHERE mark = ${mark('?1')} AND hash = ?1`,
  find: `SELECT ${RECORD} FROM by_id CROSS JOIN sessions USING (n) WHERE mark = ${mark('?1')} AND id = ?1`,
  touch: `UPDATE records SET last_used_at = max(last_used_at, ?2) WHERE n = ${living('?1')}`,
  findBySubject: `SELECT ${RECORD} FROM by_subject CROSS JOIN sessions USING (n)
    WHERE mark = ${mark('?1')} AND subject = ?1`,
  findByIndexes: `SELECT ${RECORD} FROM sessions WHERE n IN (
    SELECT by_index.n FROM json_each(?) CROSS JOIN by_index ON mark = ${mark('value')})`,
  end: `UPDATE records SET ended = 1 WHERE n = ${living('?1')} RETURNING ${RECORD}`,
  forget: `DELETE FROM records WHERE n = (SELECT n FROM by_id CROSS JOIN records USING (n)
    WHERE mark = ${mark('?1')} AND id = ?1 AND ended <> 0)`,
  forgetCookies: `DELETE FROM cookies WHERE session = ?1 AND ${living('?1')} IS NULL`,
  unfinished: `SELECT ${RECORD} FROM endings CROSS JOIN records USING (n)`,
  due: `SELECT ${RECORD} FROM sessions WHERE n IN (
    SELECT * FROM (SELECT n FROM by_use WHERE at <= ?1 ORDER BY at LIMIT ?3)
    UNION SELECT * FROM (SELECT n FROM by_expiry WHERE at <= ?2 ORDER BY at LIMIT ?3)) LIMIT ?3`,
  list: `SELECT ${RECORD} FROM (SELECT at, n FROM by_expiry ORDER BY at DESC LIMIT ? OFFSET ?) CROSS JOIN sessions USING (n)
    ORDER BY at DESC`,
  lives: `SELECT ${living('?1')} AS n`,
  cookies: 'SELECT key, sealed FROM cookies WHERE session = ? AND app = ?',
  setCookie: 'INSERT OR REPLACE INTO cookies (session, app, key, sealed) VALUES (?, ?, ?, ?)',
  removeCookie: 'DELETE FROM cookies WHERE session = ? AND app = ? AND key = ?',
  appsWithCookies: 'SELECT DISTINCT app FROM cookies WHERE session = ?',
  bury: `INSERT INTO tombstones (subject, session_index, issued_at, until)
    SELECT ?1, ?2, max(?3, ifnull(max(issued_at), ?3)), max(?4, ifnull(max(until), ?4))
    FROM tombstones_by_name CROSS JOIN tombstones USING (n)
    WHERE mark = ${tombstoneMark('?1', '?2')} AND subject = ?1 AND session_index = ?2`,
  once: `INSERT INTO once (kind, id, until)
    SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM ${entry('once')} AND until > ?4)`,
  keep: 'INSERT INTO kept (kind, id, value, until) VALUES (?, ?, ?, ?)',
  read: `SELECT value FROM ${entry('kept')} AND until > ?3`,
  take: `DELETE FROM kept WHERE n = (SELECT n FROM ${entry('kept')}) RETURNING value, until`,
  sweepOnce: sweep('once'),
  sweepKept: sweep('kept'),
  sweepTombstones: sweep('tombstones'),
  count: 'SELECT count(*) AS sessions FROM by_use',
} as const;

/** A session's row: what STRICT columns guarantee. */
export interface Row {
  readonly id: SessionId;
  readonly subject: string;
  readonly indexes: string;
  readonly sealed: Uint8Array;
  readonly created_at: EpochMs;
  readonly last_used_at: EpochMs;
  readonly expires_at: EpochMs;
}

/** The record that a row holds. */
export function recordOf(row: Row): SessionRecord {
  return {
    id: row.id,
    subject: row.subject,
    indexes: JSON.parse(row.indexes) as string[],
    sealed: row.sealed,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
}

type Name = keyof typeof STATEMENTS;

/** The statements of one database: prepared at first use, then kept, because preparing costs more than running. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared: Partial<Record<Name, StatementSync>> = {};

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  of(name: Name): StatementSync {
    return (this.#prepared[name] ??= this.#database.prepare(STATEMENTS[name]));
  }

  /** The records that it finds. */
  records(name: Name, ...values: (string | number)[]): SessionRecord[] {
    return (this.of(name).all(...values) as unknown as Row[]).map(recordOf);
  }
}
