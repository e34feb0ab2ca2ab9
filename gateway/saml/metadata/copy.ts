// The last good copy of metadata that was fetched: what is gone on with where the source is down when the gateway starts.

import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../kernel/folder.ts';
import { whyNoFile } from '../../kernel/regular-file.ts';

/** The copy, or undefined where there is none that can be read. */
export async function readCopy(path: string): Promise<string | undefined> {
  try {
    return whyNoFile(await stat(path)) === undefined ? await readFile(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also through a power cut: written beside it, forced to disk, then put in its place. */
export async function writeCopy(path: string, text: string): Promise<void> {
  makeFolder(dirname(path));
  // Several processes may fetch the same at once.
  const beside = `${path}.${process.pid}.new`;
  // What it holds decides who may sign people in: for this user only.
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
