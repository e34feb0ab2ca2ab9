// Where the configuration names a file, a file has to stand. Opening a pipe waits for whoever is at its other end, for ever and with the whole process.

import { readFileSync, statSync, type Stats } from 'node:fs';

/** Something else than a file stands where one belongs; the message says what, to be put behind its name. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
}

/** What stands there in the place of a file, as `is a pipe, and no file`; undefined where it is one. Symbolic links have been followed. */
export function whyNoFile(stat: Stats): string | undefined {
  if (stat.isFile()) return undefined;
  if (stat.isDirectory()) return 'is a folder';
  const what = stat.isFIFO() ? 'pipe' : stat.isSocket() ? 'socket' : 'device';
  return `is a ${what}, and no file`;
}

/** Throws NotAFile where something else than a file stands at `path`, and nothing where nothing does. */
export function requireFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  const fault = stat && whyNoFile(stat);
  if (fault !== undefined) throw new NotAFile(fault);
}

/** The bytes of a file. Throws NotAFile, or what the system says. */
export function readRegular(path: string): Buffer {
  requireFile(path);
  return readFileSync(path);
}
