// What finds the rows of the embedded store: indexes in memory, because on the disk each would cost a page for every row that comes and every row that
// goes. They follow the tables by triggers, within the same transaction, and are made anew from the tables when the file is opened.

/**
 * What a row is found by: the end of a hash, 44 bits of it at the least, in a quarter of its space. Rows may share it, so whoever looks for one also
 * compares the whole.
 */
export const mark = (hash: string): string => `substr(${hash}, -8)`;

/** A tombstone's: there may be many over one subject (`anybody`), each with a SessionIndex of its own. */
export const tombstoneMark = (subject: string, index: string): string => `${mark(subject)} || ${mark(index)}`;

const TABLES = `
  CREATE TEMP TABLE by_id (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE by_subject (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE by_index (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE by_use (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE by_expiry (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE endings (n INTEGER PRIMARY KEY) STRICT;
  CREATE TEMP TABLE by_token (mark TEXT, session INTEGER, PRIMARY KEY (mark, session)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE once_by_id (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE once_by_end (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE kept_by_id (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE kept_by_end (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE tombstones_by_name (mark TEXT, n INTEGER, PRIMARY KEY (mark, n)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE tombstones_by_end (at INTEGER, n INTEGER, PRIMARY KEY (at, n)) STRICT, WITHOUT ROWID;
`;

/** Each table is read once: sessions are large. */
const FILL = `
  CREATE TEMP TABLE filling AS
    SELECT n, ${mark('id')} AS id, ${mark('subject')} AS subject, indexes, last_used_at, expires_at, ended FROM records;
  INSERT INTO by_id SELECT id, n FROM filling ORDER BY 1, 2;
  INSERT INTO endings SELECT n FROM filling WHERE ended <> 0;
  DELETE FROM filling WHERE ended <> 0;
  INSERT INTO by_subject SELECT subject, n FROM filling ORDER BY 1, 2;
  INSERT OR IGNORE INTO by_index SELECT ${mark('value')}, n FROM filling, json_each(indexes) ORDER BY 1, 2;
  INSERT INTO by_use SELECT last_used_at, n FROM filling ORDER BY 1, 2;
  INSERT INTO by_expiry SELECT expires_at, n FROM filling ORDER BY 1, 2;
  DROP TABLE filling;
  INSERT OR IGNORE INTO by_token SELECT ${mark('hash')}, session FROM tokens ORDER BY 1, 2;
  INSERT INTO once_by_id SELECT ${mark('id')}, n FROM once ORDER BY 1, 2;
  INSERT INTO once_by_end SELECT until, n FROM once ORDER BY 1, 2;
  INSERT INTO kept_by_id SELECT ${mark('id')}, n FROM kept ORDER BY 1, 2;
  INSERT INTO kept_by_end SELECT until, n FROM kept ORDER BY 1, 2;
  INSERT INTO tombstones_by_name SELECT ${tombstoneMark('subject', 'session_index')}, n FROM tombstones ORDER BY 1, 2;
  INSERT INTO tombstones_by_end SELECT until, n FROM tombstones ORDER BY 1, 2;
`;

/** What happens to a table, and what follows within the same statement. A test asks SQLite how it means to do each. */
export const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  'BEFORE INSERT ON records': [
    `SELECT raise(ABORT, 'id is taken') FROM by_id CROSS JOIN records USING (n) WHERE mark = ${mark('new.id')} AND id = new.id`,
  ],
  'AFTER INSERT ON records': [
    `INSERT INTO by_id VALUES (${mark('new.id')}, new.n)`,
    `INSERT INTO by_subject VALUES (${mark('new.subject')}, new.n)`,
    `INSERT OR IGNORE INTO by_index SELECT ${mark('value')}, new.n FROM json_each(new.indexes)`,
    'INSERT INTO by_use VALUES (new.last_used_at, new.n)',
    'INSERT INTO by_expiry VALUES (new.expires_at, new.n)',
  ],
  'AFTER UPDATE OF last_used_at ON records': [
    'DELETE FROM by_use WHERE at = old.last_used_at AND n = old.n',
    'INSERT INTO by_use VALUES (new.last_used_at, new.n)',
  ],
  'AFTER UPDATE OF subject, indexes, expires_at ON records': [
    `DELETE FROM by_subject WHERE mark = ${mark('old.subject')} AND n = old.n`,
    `DELETE FROM by_index WHERE mark IN (SELECT ${mark('value')} FROM json_each(old.indexes)) AND n = old.n`,
    'DELETE FROM by_expiry WHERE at = old.expires_at AND n = old.n',
    `INSERT INTO by_subject VALUES (${mark('new.subject')}, new.n)`,
    `INSERT OR IGNORE INTO by_index SELECT ${mark('value')}, new.n FROM json_each(new.indexes)`,
    'INSERT INTO by_expiry VALUES (new.expires_at, new.n)',
  ],
  'AFTER UPDATE OF ended ON records': [
    `DELETE FROM by_subject WHERE mark = ${mark('old.subject')} AND n = old.n`,
    `DELETE FROM by_index WHERE mark IN (SELECT ${mark('value')} FROM json_each(old.indexes)) AND n = old.n`,
    'DELETE FROM by_use WHERE at = old.last_used_at AND n = old.n',
    'DELETE FROM by_expiry WHERE at = old.expires_at AND n = old.n',
    'INSERT INTO endings VALUES (new.n)',
  ],
  'AFTER DELETE ON records': [
    `DELETE FROM by_id WHERE mark = ${mark('old.id')} AND n = old.n`,
    'DELETE FROM endings WHERE n = old.n',
    'DELETE FROM tokens WHERE session = old.n',
  ],
  'BEFORE INSERT ON tokens': [
    `SELECT raise(ABORT, 'token is taken') FROM by_token CROSS JOIN tokens USING (session)
      WHERE mark = ${mark('new.hash')} AND hash = new.hash`,
  ],
  'AFTER INSERT ON tokens': [`INSERT OR IGNORE INTO by_token VALUES (${mark('new.hash')}, new.session)`],
  'AFTER DELETE ON tokens': [`DELETE FROM by_token WHERE mark = ${mark('old.hash')} AND session = old.session`],
  'AFTER INSERT ON once': [
    `INSERT INTO once_by_id VALUES (${mark('new.id')}, new.n)`,
    'INSERT INTO once_by_end VALUES (new.until, new.n)',
  ],
  'AFTER DELETE ON once': [
    `DELETE FROM once_by_id WHERE mark = ${mark('old.id')} AND n = old.n`,
    'DELETE FROM once_by_end WHERE at = old.until AND n = old.n',
  ],
  'BEFORE INSERT ON kept': [
    `DELETE FROM kept WHERE n = (SELECT n FROM kept_by_id CROSS JOIN kept USING (n)
      WHERE mark = ${mark('new.id')} AND id = new.id AND kind = new.kind)`,
  ],
  'AFTER INSERT ON kept': [
    `INSERT INTO kept_by_id VALUES (${mark('new.id')}, new.n)`,
    'INSERT INTO kept_by_end VALUES (new.until, new.n)',
  ],
  'AFTER DELETE ON kept': [
    `DELETE FROM kept_by_id WHERE mark = ${mark('old.id')} AND n = old.n`,
    'DELETE FROM kept_by_end WHERE at = old.until AND n = old.n',
  ],
  'AFTER INSERT ON tombstones': [
    `INSERT INTO tombstones_by_name VALUES (${tombstoneMark('new.subject', 'new.session_index')}, new.n)`,
    'INSERT INTO tombstones_by_end VALUES (new.until, new.n)',
  ],
  'AFTER DELETE ON tombstones': [
    `DELETE FROM tombstones_by_name WHERE mark = ${tombstoneMark('old.subject', 'old.session_index')} AND n = old.n`,
    'DELETE FROM tombstones_by_end WHERE at = old.until AND n = old.n',
  ],
};

const triggers = Object.entries(TRIGGERS)
  .map(([event, steps], which) => `CREATE TEMP TRIGGER follows_${which} ${event} BEGIN ${steps.join('; ')}; END;`)
  .join('\n');

/** Makes and fills them for a database that was just opened. */
export const INDEXES = `BEGIN; ${TABLES} ${FILL} ${triggers} COMMIT`;
