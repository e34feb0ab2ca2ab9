// The only file of this room that touches the disk while the gateway runs (those that make documents run before).

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NotAFile, readRegular } from '../kernel/regular-file.ts';
import { decodedText } from '../kernel/text-file.ts';

/** A file of the policies folder. */
export interface PolicySource {
  /** Path as it is shown: the folder as it was given, and the file's name. */
  readonly file: string;
  readonly text: string;
}

/** What stands in a policies folder. */
export interface PolicyFolder {
  /** Every `*.yaml`, in the order of their names; sub-folders and names with a dot in front are left out. */
  readonly sources: readonly PolicySource[];
  /** Files that look like policies and are not read, or could not be. */
  readonly unread: readonly { readonly file: string; readonly reason: string }[];
}

/** Reads a policies folder. A file that cannot be read is listed in `unread`, and so is the folder itself. */
export function readPolicies(dir: string, read = readText): PolicyFolder {
  const sources: PolicySource[] = [];
  const unread: { file: string; reason: string }[] = [];
  for (const name of namesOf(dir)) {
    const file = join(dir, name);
    if (/\.ya?ml$/i.test(name) && !name.endsWith('.yaml')) {
      unread.push({ file, reason: `is not read; call it ${name.replace(/\.[^.]*$/, '.yaml')}` });
    } else if (name.endsWith('.yaml')) {
      const text = read(file);
      if (typeof text === 'string') sources.push({ file, text });
      else unread.push({ file, reason: text.reason });
    }
  }
  return { sources, unread };
}

const NAME_IT = 'name the folder that holds gateway.yaml by --policies';

/** Why there are no policies to be read, and what to write; undefined where there is a folder. Never throws. */
export function whyNoFolder(dir: string): string | undefined {
  try {
    return statSync(dir).isDirectory() ? undefined : `is a file; ${NAME_IT}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const what = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${String(code)})`;
    return `${what}; ${NAME_IT}`;
  }
}

/** Why a file has no text, and what to do about it where that is the same for every file. */
export interface Unreadable {
  readonly reason: string;
  readonly remedy?: string;
}

/** A file's text, or why there is none. Never throws. */
export function readText(path: string): string | Unreadable {
  try {
    return decodedText(readRegular(path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { reason: 'is not there' };
    if (code === 'EACCES')
      return { reason: 'may not be read by this user', remedy: 'give it that right: chown, or chgrp and chmod g+r' };
    if (error instanceof NotAFile) return { reason: error.message };
    return { reason: error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read (${String(code)})` };
  }
}

/** The names in a folder, in order, without those that begin with a dot; none where it cannot be read. */
export function namesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    // The missing gateway.yaml says what there is to say.
    return [];
  }
}
