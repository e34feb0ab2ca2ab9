// Looks at the file of the embedded store without changing a byte: opening it as serving does would make it, bring it to the newest version,
// and take it away from a gateway that is just starting.

import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CurfewError } from '../kernel/errors.ts';
import { requireFile } from '../kernel/regular-file.ts';
import { sessionsError } from './codes.ts';
import type { Looked } from './look.ts';
import { SQLITE_BUSY } from './sqlite-file.ts';
import { APPLICATION_ID, VERSION } from './sqlite-steps.ts';

/** Throws SESSIONS_STORE_FOREIGN or SESSIONS_STORE_UNOPENED where the file could not become our store. */
export function lookAtFile(path: string): Looked {
  const file = resolve(path);
  try {
    const folder = existingFolder(file);
    // SQLite writes beside its file as well.
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (!existsSync(file)) return { found: `${file}, which will be made`, notes: [] };
    requireFile(file);
    accessSync(file, constants.R_OK | constants.W_OK);
    const version = versionOf(file);
    if (isInUse(file)) return { found: `${file}, in use by a running gateway`, notes: [] };
    const isOld = version !== undefined && version < VERSION;
    const notes = isOld ? ['an earlier version wrote it; at the next start it becomes one of this version'] : [];
    return { found: file, notes };
  } catch (cause) {
    if (cause instanceof CurfewError) throw cause;
    throw sessionsError('SESSIONS_STORE_UNOPENED', { detail: { file }, cause });
  }
}

function existingFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

/** The version, from the first bytes of the file (SQLite's file format §1.3); undefined where it is empty. */
function versionOf(file: string): number | undefined {
  const head = Buffer.alloc(100);
  const opened = openSync(file, 'r');
  const bytes = readSync(opened, head);
  closeSync(opened);
  if (bytes === 0) return undefined;
  const [version, application] = [head.readUInt32BE(60), head.readUInt32BE(68)];
  const isOurs = head.toString('latin1', 0, 16) === 'SQLite format 3\0' && application === APPLICATION_ID;
  if (isOurs && version >= 1 && version <= VERSION) return version;
  throw sessionsError('SESSIONS_STORE_FOREIGN', { detail: { file, application, version, expected: VERSION } });
}

/** What SQLite says where it may not write the lock it is told to take, and nobody else holds it. */
const SQLITE_IOERR_LOCK = 3850;

/**
 * Whether a process holds it. Asked for the lock that serving takes, by a connection that may not write: the refusal tells which, and unlike
 * a read it leaves no -shm file, which would belong to whoever runs this and lock out whoever serves.
 */
function isInUse(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; SELECT 1 FROM sqlite_schema');
    return false;
  } catch (cause) {
    const errcode = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
    if (errcode === SQLITE_BUSY) return true;
    if (errcode === SQLITE_IOERR_LOCK) return false;
    throw cause;
  } finally {
    database.close();
  }
}
