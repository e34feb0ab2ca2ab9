// A store file as version 1 of the schema left it, made by that version's own statements and not by those of today; or as a later one did that took it over.

import { DatabaseSync } from 'node:sqlite';
import { textOf } from '../../gateway/sessions/identity-text.ts';
import { sealingOf } from '../../gateway/sessions/sealing.ts';
import { STEPS } from '../../gateway/sessions/sqlite-steps.ts';
import { anna, HOST, LIFETIME_MS, SECRET } from './people.ts';
import { at, bytes } from './records.ts';

const SCHEMA = `
  CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    subject      TEXT NOT NULL,
    indexes      TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_subject ON sessions (subject);
  CREATE INDEX sessions_by_use ON sessions (last_used_at);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at);

  CREATE TABLE tokens (
    hash    TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    host    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_by_session ON tokens (session);

  CREATE TABLE unfinished (
    id           TEXT PRIMARY KEY,
    subject      TEXT NOT NULL,
    indexes      TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE tombstones (
    subject       TEXT NOT NULL,
    session_index TEXT NOT NULL,
    issued_at     INTEGER NOT NULL,
    until         INTEGER NOT NULL,
    PRIMARY KEY (subject, session_index)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tombstones_by_end ON tombstones (until);

  CREATE TABLE once (kind TEXT, id TEXT, until INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
  CREATE INDEX once_by_end ON once (until);

  CREATE TABLE kept (
    kind TEXT, id TEXT, value BLOB NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kept_by_end ON kept (until);

  PRAGMA application_id = 1668641382;
  PRAGMA user_version = 1;
`;

export interface OldFile {
  /** The session that `tokenHash` opens on HOST, sealed under SECRET. */
  readonly id: string;
  /** A session that was ended and not forgotten. */
  readonly ended: string;
}

/** Makes the file: one living session of anna's, one unfinished, a tombstone over berta's, a used ID and a kept value. */
export function writeVersion(version: number, path: string, tokenHash: string): OldFile {
  const [id, ended] = ['living-session-of-v1', 'ended-session-of-v1'];
  const sealing = sealingOf([SECRET]);
  const [hash] = sealing.hashes;
  const row = (session: string): [string, string, string, Uint8Array, number, number, number] => [
    session,
    hash('subject', 'corp', 'anna@example.com'),
    JSON.stringify([hash('index', 'corp', '_index-1')]),
    sealing.seal(textOf(anna()), 'session', session),
    at(0),
    at(0),
    at(LIFETIME_MS),
  ];
  const database = new DatabaseSync(path);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  database.exec(SCHEMA);
  database.exec('COMMIT; PRAGMA journal_mode = WAL');
  database.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)').run(...row(id));
  database.prepare('INSERT INTO unfinished VALUES (?, ?, ?, ?, ?, ?, ?)').run(...row(ended));
  database.prepare('INSERT INTO tokens VALUES (?, ?, ?)').run(tokenHash, id, HOST);
  const berta = hash('subject', 'corp', 'berta');
  database.prepare('INSERT INTO tombstones VALUES (?, ?, ?, ?)').run(berta, '', at(5), at(1000));
  database.prepare('INSERT INTO once VALUES (?, ?, ?)').run('message', hash('ledger', 'message', '_1'), at(1000));
  database.prepare('INSERT INTO kept VALUES (?, ?, ?, ?)').run('awaited', 'response', bytes('kept'), at(1000));
  for (const step of STEPS.slice(1, version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
  return { id, ended };
}
