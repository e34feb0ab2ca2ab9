// What was read, so that somebody can tell whether it is still that. By content: a file that was only touched is the same, and a symbolic link that leads
// elsewhere is another (Kubernetes swaps `..data`).

import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../kernel/random.ts';
import { decodedText } from '../kernel/text-file.ts';
import { namesOf, readText } from './read.ts';

/** What stood where: by path a hash of the text, or nothing where there was none; by path and a slash the names in a folder. */
export type Snapshot = ReadonlyMap<string, string>;

/** Reads files and remembers what was in them. */
export interface RecordedReading {
  readonly text: typeof readText;
  /** Remembers a file, or what lies in a folder, that somebody else reads. */
  readonly note: (path: string, kind: 'file' | 'folder') => void;
  readonly snapshot: Snapshot;
}

/** Begins with the names of the policies in `dir`: none may come, and none may go. */
export function recordedReading(dir: string): RecordedReading {
  const snapshot = new Map([[`${dir}/`, namesIn(namesOf(dir))]]);
  const text: typeof readText = (path) => {
    const found = readText(path);
    snapshot.set(path, typeof found === 'string' ? sha256(found) : hashAt(path));
    return found;
  };
  return {
    snapshot,
    text,
    note(path, kind) {
      if (kind === 'file') snapshot.set(path, hashAt(path));
      else {
        const names = namesIn(namesOf(path));
        snapshot.set(`${path}/`, names);
        for (const name of names === '' ? [] : names.split('\n'))
          snapshot.set(join(path, name), hashAt(join(path, name)));
      }
    },
  };
}

/** What stands there now. Never rejects: what cannot be read is as good as not there. */
export async function snapshotNow(before: Snapshot): Promise<Snapshot> {
  const entries = [...before.keys()].map(async (path) => [path, await stateOf(path)] as const);
  return new Map(await Promise.all(entries));
}

async function stateOf(path: string): Promise<string> {
  if (path.endsWith('/')) return namesIn(await readdir(path).catch(() => []));
  try {
    return (await stat(path)).isFile() ? hashOf(await readFile(path)) : '';
  } catch {
    return '';
  }
}

function hashAt(path: string): string {
  try {
    // A pipe would never end.
    return statSync(path).isFile() ? hashOf(readFileSync(path)) : '';
  } catch {
    return '';
  }
}

/** Of the text, as `readText` reads it; of the bytes where they are none. */
function hashOf(bytes: Buffer): string {
  try {
    return sha256(decodedText(bytes));
  } catch {
    return sha256(bytes.toString('latin1'));
  }
}

/** Whether two say the same. */
export const isSameSnapshot = (a: Snapshot, b: Snapshot): boolean =>
  a.size === b.size && [...a].every(([path, hash]) => b.get(path) === hash);

/** Of all that may lie in a folder, what is read: policies, and templates of pages. */
const namesIn = (names: readonly string[]): string =>
  names
    .filter((name) => /\.(?:ya?ml|html?|css)$/i.test(name) && !name.startsWith('.'))
    .sort()
    .join('\n');
