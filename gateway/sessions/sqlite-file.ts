// Opens the embedded store's file: makes it for this user only, takes it for this process only, and refuses a file
// that is not ours before anything in it is changed.

import { closeSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CurfewError } from '../kernel/errors.ts';
import { makeFolder } from '../kernel/folder.ts';
import { requireFile } from '../kernel/regular-file.ts';
import { sessionsError } from './codes.ts';
import { APPLICATION_ID, STEPS, VERSION } from './sqlite-steps.ts';

/**
 * Pages that wait in the WAL, 16 MiB of them, before they go to their places: SQLite does that within a commit and waits for the disk meanwhile, so that
 * everything else stands still. A page that is written again before then goes there once: with SQLite's own 1000 a message costs the store a tenth more.
 */
const WAL_PAGES = 4000;

/**
 * The database in the file `path`, made with mode 0600 where there is none (its folder with 0700), held by this process
 * until it is closed or dies. A file of an earlier version becomes one of this version, whole or not at all.
 * Throws SESSIONS_STORE_LOCKED, SESSIONS_STORE_FOREIGN or SESSIONS_STORE_UNOPENED.
 */
export function openDatabase(path: string): DatabaseSync {
  // An absolute path, because SQLite takes '' and ':memory:' for databases that vanish with the process.
  const file = resolve(path);
  let database: DatabaseSync | undefined;
  try {
    makeFolder(dirname(file));
    requireFile(file);
    // Made here and not by SQLite, which would let the umask decide; its -wal file inherits the mode.
    closeSync(openSync(file, 'a', 0o600));
    database = new DatabaseSync(file);
    take(database, file);
    return database;
  } catch (cause) {
    database?.close();
    throw opened(cause, file);
  }
}

/**
 * Two processes on one file would each answer from their own cache for sessions the other has ended (P1), so the lock is
 * taken at once and kept: EXCLUSIVE before the first access, and a transaction that forces it. The kernel frees it with
 * the process, however that dies.
 */
function take(database: DatabaseSync, file: string): void {
  // What SQLite keeps for a while stays in memory: a folder for it may not be there, and files in it outlive a crash.
  database.exec('PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  const isNew = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  const application = database.prepare('PRAGMA application_id').get()?.['application_id'];
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const isOurs = application === APPLICATION_ID && version >= 1 && version <= VERSION;
  if (!isNew && !isOurs) {
    throw sessionsError('SESSIONS_STORE_FOREIGN', { detail: { file, application, version, expected: VERSION } });
  }
  for (const step of STEPS.slice(isNew ? 0 : version)) database.exec(step);
  database.exec(
    `PRAGMA user_version = ${VERSION}; COMMIT; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${WAL_PAGES}`,
  );
}

/** What SQLite says where another process holds the file. */
export const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

function opened(cause: unknown, file: string): CurfewError {
  if (cause instanceof CurfewError) return cause;
  const errcode = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
  if (errcode === SQLITE_BUSY) return sessionsError('SESSIONS_STORE_LOCKED', { detail: { file }, cause });
  if (errcode === SQLITE_NOTADB) return sessionsError('SESSIONS_STORE_FOREIGN', { detail: { file }, cause });
  return sessionsError('SESSIONS_STORE_UNOPENED', { detail: { file }, cause });
}
