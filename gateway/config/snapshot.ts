// What was read, so that somebody can tell whether it is still that. By content: a file that was only touched is the same, and a symbolic link that leads
// elsewhere is another (Kubernetes swaps `..data`).

import { readdir, readFile } from 'node:fs/promises';
import { sha256 } from '../kernel/random.ts';
import { namesOf, readText } from './read.ts';

/** What stood in files and folders when they were read: by absolute path, a hash of each text, or why there was none. */
export type Snapshot = ReadonlyMap<string, string>;

/** Reads files and remembers what was in them. */
export interface RecordedReading {
  readonly text: typeof readText;
  readonly snapshot: Snapshot;
}

/** Begins with the names of the policies in `dir`, which must not have changed either. */
export function recordedReading(dir: string): RecordedReading {
  const snapshot = new Map([[dir, namesIn(namesOf(dir))]]);
  return {
    snapshot,
    text(path) {
      const found = readText(path);
      snapshot.set(path, typeof found === 'string' ? sha256(found) : '');
      return found;
    },
  };
}

/** What stands there now. Never rejects: what cannot be read is as good as not there. */
export async function snapshotNow(before: Snapshot): Promise<Snapshot> {
  const [folder] = before.keys();
  const entries = [...before.keys()].map(async (path) => {
    if (path === folder) return [path, namesIn(await readdir(path).catch(() => []))] as const;
    const text = await readFile(path).then(
      (bytes) => sha256(bytes.toString('utf8')),
      () => '',
    );
    return [path, text] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Whether two say the same. */
export const isSameSnapshot = (a: Snapshot, b: Snapshot): boolean =>
  a.size === b.size && [...a].every(([path, hash]) => b.get(path) === hash);

const namesIn = (names: readonly string[]): string =>
  names
    .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.'))
    .sort()
    .join('\n');
