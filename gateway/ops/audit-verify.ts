// Whether audit files are as they were written: the first line that is not, and where the chain ends.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isLinked, unchained, type AuditKeys } from './audit-line.ts';

/** What was found. */
export interface Verified {
  readonly lines: number;
  /** The link of the last line; to be noted elsewhere, because lines that are missing at the end leave no gap. */
  readonly last: string | undefined;
  readonly fault: { readonly file: string; readonly line: number; readonly message: string } | undefined;
}

/**
 * Reads files in the order in which they were written. The first may begin anywhere, because older files may be gone; each further one
 * has to begin where the one before it ended. Rejects where one cannot be read.
 */
export async function verifyAudit(files: readonly string[], keys: readonly AuditKeys[]): Promise<Verified> {
  let [lines, previous] = [0, undefined as string | undefined];
  for (const file of files) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line += 1;
      lines += 1;
      const found = linkOf(text, previous, line === 1, keys);
      if ('fault' in found) return { lines, last: previous, fault: { file, line, message: found.fault } };
      previous = found.link;
    }
  }
  return { lines, last: previous, fault: undefined };
}

function linkOf(
  text: string,
  previous: string | undefined,
  isFirst: boolean,
  keys: readonly AuditKeys[],
): { readonly link: string } | { readonly fault: string } {
  const read = unchained(text);
  if (read === undefined) return { fault: 'carries no link: it was added, cut off, or written with chain: false' };
  const { line, link } = read;
  const before = isFirst ? beginningOf(line) : previous;
  if (before === undefined) return { fault: 'is not how a file begins: lines before it were removed' };
  if (isFirst && previous !== undefined && before !== previous)
    return { fault: 'does not follow the file before it: a file, or lines at its end, are missing' };
  if (isLinked(line, link, before, keys)) return { link };
  return {
    fault: 'does not follow the line before it: one of the two was changed, or lines between them were removed',
  };
}

/** What a file's first line says it follows; undefined where it is no such line. */
function beginningOf(line: string): string | null | undefined {
  try {
    const { event, previous } = JSON.parse(line) as { event?: unknown; previous?: unknown };
    return event === 'file' && (typeof previous === 'string' || previous === null) ? previous : undefined;
  } catch {
    return undefined;
  }
}
