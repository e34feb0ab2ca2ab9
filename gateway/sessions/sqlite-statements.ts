// What the embedded store asks of SQLite, as a table, and how a row becomes a record.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import type { SessionRecord } from './store.ts';

const RECORD = 'id, subject, indexes, sealed, created_at, last_used_at, expires_at';

/** Every statement; a test asks SQLite how it means to run those that must not cost what the table holds. */
export const STATEMENTS = {
  begin: `INSERT INTO sessions (${RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  renew: `UPDATE sessions SET subject = ?, indexes = ?, sealed = ?, expires_at = ?,
    last_used_at = max(last_used_at, ?) WHERE id = ?`,
  forbidden: `SELECT 1 FROM tombstones WHERE subject = ? AND until > ? AND (
    (session_index = '' AND issued_at >= ?) OR session_index IN (SELECT value FROM json_each(?))) LIMIT 1`,
  addToken: 'INSERT INTO tokens (hash, session, host) SELECT ?, id, ? FROM sessions WHERE id = ?',
  findByToken: `SELECT ${RECORD}, host FROM tokens JOIN sessions ON id = session WHERE hash = ?`,
  find: `SELECT ${RECORD} FROM sessions WHERE id = ?`,
  touch: 'UPDATE sessions SET last_used_at = max(last_used_at, ?) WHERE id = ?',
  findBySubject: `SELECT ${RECORD} FROM sessions WHERE subject = ?`,
  addIndexes: 'INSERT OR IGNORE INTO session_indexes SELECT value, ? FROM json_each(?)',
  findByIndexes: `SELECT ${RECORD} FROM sessions WHERE id IN (
    SELECT session FROM session_indexes WHERE session_index IN (SELECT value FROM json_each(?)))`,
  setAside: `INSERT OR REPLACE INTO unfinished (${RECORD}) SELECT ${RECORD} FROM sessions WHERE id = ?`,
  end: `DELETE FROM sessions WHERE id = ? RETURNING ${RECORD}`,
  forget: 'DELETE FROM unfinished WHERE id = ?',
  forgetCookies: `DELETE FROM cookies WHERE session = ?
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = session)`,
  unfinished: `SELECT ${RECORD} FROM unfinished`,
  due: `SELECT ${RECORD} FROM sessions WHERE last_used_at <= ? OR expires_at <= ? LIMIT ?`,
  list: `SELECT ${RECORD} FROM sessions ORDER BY expires_at DESC LIMIT ? OFFSET ?`,
  lives: 'SELECT 1 FROM sessions WHERE id = ?',
  cookies: 'SELECT key, sealed FROM cookies WHERE session = ? AND app = ?',
  setCookie: 'INSERT OR REPLACE INTO cookies (session, app, key, sealed) VALUES (?, ?, ?, ?)',
  removeCookie: 'DELETE FROM cookies WHERE session = ? AND app = ? AND key = ?',
  appsWithCookies: 'SELECT DISTINCT app FROM cookies WHERE session = ?',
  bury: `INSERT INTO tombstones (subject, session_index, issued_at, until) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET issued_at = max(issued_at, excluded.issued_at), until = max(until, excluded.until)`,
  once: `INSERT INTO once (kind, id, until) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET until = excluded.until WHERE until <= ?`,
  keep: 'INSERT OR REPLACE INTO kept (kind, id, value, until) VALUES (?, ?, ?, ?)',
  read: 'SELECT value FROM kept WHERE kind = ? AND id = ? AND until > ?',
  take: 'DELETE FROM kept WHERE kind = ? AND id = ? RETURNING value, until',
  sweepOnce: 'DELETE FROM once WHERE until <= ?',
  sweepKept: 'DELETE FROM kept WHERE until <= ?',
  sweepTombstones: 'DELETE FROM tombstones WHERE until <= ?',
  count: 'SELECT count(*) AS sessions FROM sessions',
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
