// Folders that are made for what the gateway keeps.

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it, with `mode`; what is there stays as it is. Throws what the system says. Node's own way (`recursive`) goes round for
 * ever where a folder is there in which nothing can be made, and the system calls that ENOENT, as in /proc.
 */
export function makeFolder(folder: string, mode = 0o700): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
