// The form of the embedded store's file, version by version.

/** "curf": tells our files from other programs' (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x63757266;

/** `sessions` holds living sessions only, so no statement on it can reach an ended one. */
const VERSION_1 = `
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

  -- session_index is '' for a tombstone over all sessions of the subject
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

  PRAGMA application_id = ${APPLICATION_ID};
`;

/** Cookies outlive their session's row until it is forgotten (P7), so no foreign key removes them. */
const VERSION_2 = `
  CREATE TABLE cookies (
    session TEXT, app TEXT, key TEXT, sealed BLOB NOT NULL, PRIMARY KEY (session, app, key)
  ) STRICT, WITHOUT ROWID;
`;

/** Each SessionIndex for itself, so that a logout by SessionIndex costs what it finds. */
const VERSION_3 = `
  CREATE TABLE session_indexes (
    session_index TEXT NOT NULL,
    session       TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    PRIMARY KEY (session_index, session)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_indexes_by_session ON session_indexes (session);
  INSERT OR IGNORE INTO session_indexes SELECT json_each.value, sessions.id FROM sessions, json_each(sessions.indexes);
`;

/**
 * Rows that are written together lie together, under numbers that grow: one page of the disk takes many of them. What finds them by anything else is
 * kept in memory (sqlite-indexes.ts), where it costs no page. `sessions` shows living sessions only, so no statement on it can reach an ended one.
 * Nothing is sorted on the way: that would want room in memory or beside the file for all there is.
 */
const VERSION_4 = `
  ALTER TABLE sessions RENAME TO sessions_3;
  ALTER TABLE tokens RENAME TO tokens_3;
  ALTER TABLE tombstones RENAME TO tombstones_3;
  ALTER TABLE once RENAME TO once_3;
  ALTER TABLE kept RENAME TO kept_3;

  CREATE TABLE records (
    n            INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    subject      TEXT NOT NULL,
    indexes      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended        INTEGER NOT NULL DEFAULT 0,
    sealed       BLOB NOT NULL
  ) STRICT;
  INSERT INTO records (id, subject, indexes, created_at, last_used_at, expires_at, ended, sealed)
    SELECT id, subject, indexes, created_at, last_used_at, expires_at, 0 AS ended, sealed FROM sessions_3
    UNION ALL SELECT id, subject, indexes, created_at, last_used_at, expires_at, 1, sealed FROM unfinished;
  CREATE VIEW sessions AS SELECT * FROM records WHERE ended = 0;

  CREATE TABLE tokens (
    session INTEGER, hash TEXT, host TEXT NOT NULL, PRIMARY KEY (session, hash)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO tokens SELECT n, hash, host FROM records CROSS JOIN tokens_3 ON session = id;

  -- session_index is '' for a tombstone over all sessions of the subject
  CREATE TABLE tombstones (
    n             INTEGER PRIMARY KEY,
    subject       TEXT NOT NULL,
    session_index TEXT NOT NULL,
    issued_at     INTEGER NOT NULL,
    until         INTEGER NOT NULL
  ) STRICT;
  INSERT INTO tombstones (subject, session_index, issued_at, until) SELECT * FROM tombstones_3;

  CREATE TABLE once (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
  INSERT INTO once (kind, id, until) SELECT * FROM once_3;

  CREATE TABLE kept (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL, until INTEGER NOT NULL
  ) STRICT;
  INSERT INTO kept (kind, id, value, until) SELECT * FROM kept_3;

  DROP TABLE session_indexes;
  DROP TABLE tokens_3;
  DROP TABLE unfinished;
  DROP TABLE sessions_3;
  DROP TABLE tombstones_3;
  DROP TABLE once_3;
  DROP TABLE kept_3;
`;

/** Each leads from one version to the next and is never changed again: files that it made are out there. */
export const STEPS: readonly string[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4];

/** The form that this release writes (`PRAGMA user_version`). */
export const VERSION = STEPS.length;
