// The audit file. A line is with the system before `record` returns, so that a crash loses none; lines are few and short. A file that
// was moved away is left alone and a new one begun, so rotation needs no signal.

import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Audit } from '../kernel/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import { makeFolder } from '../kernel/folder.ts';
import type { Log } from '../kernel/log.ts';
import { requireFile } from '../kernel/regular-file.ts';
import { chained, lineOf, unchained, type AuditKeys } from './audit-line.ts';

/** What it takes. */
export interface AuditFileOptions {
  readonly file: string;
  readonly chain: boolean;
  readonly isPseudonymous: boolean;
  readonly keys: AuditKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/** An audit file that is open. */
export interface AuditFile extends Audit {
  close(): void;
}

/** Why it cannot be opened, in words for the operator. */
export class AuditFileUnopened extends Error {
  override readonly name = 'AuditFileUnopened';
}

/** More than the longest line: a logout of some hundred sessions. */
const TAIL_BYTES = 1024 * 1024;

/** Opens it, and goes on where it ends. Throws AuditFileUnopened where it cannot be opened or read. */
export function openAuditFile({ file, chain, isPseudonymous, keys, clock, log }: AuditFileOptions): AuditFile {
  let descriptor: number | undefined;
  let previous: string | null = null;
  let trouble: string | undefined;

  function open(): void {
    makeFolder(dirname(file));
    requireFile(file);
    descriptor = openSync(file, 'a+', 0o600);
    const tail = tailOf(descriptor);
    // A line that the machine's end cut off stays as it is, and is found by whoever verifies.
    if (tail !== '' && !tail.endsWith('\n')) writeSync(descriptor, '\n');
    const last = tail.split('\n').findLast((line) => unchained(line) !== undefined);
    previous = (last === undefined ? undefined : unchained(last)?.link) ?? previous;
    if (tail === '' && chain) write(lineOf({ event: 'file', previous }, clock.now(), undefined));
  }

  function write(text: string): void {
    if (descriptor === undefined) return;
    const linked = chain ? chained(text, previous, keys) : { line: text, link: previous };
    writeWhole(descriptor, `${linked.line}\n`);
    previous = linked.link;
  }

  /** Whether the file is still where it was opened. */
  function isThere(): boolean {
    if (descriptor === undefined) return false;
    const [there, ours] = [statSync(file, { throwIfNoEntry: false }), fstatSync(descriptor)];
    return there?.ino === ours.ino && there.dev === ours.dev;
  }

  function shut(): void {
    const former = descriptor;
    descriptor = undefined;
    if (former !== undefined) closeSync(former);
  }

  try {
    open();
  } catch (cause) {
    shut();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AuditFileUnopened(`${file}: ${reason}`, { cause });
  }
  return {
    record(event, requestId, traceId) {
      try {
        if (!isThere()) {
          shut();
          open();
        }
        write(lineOf(event, clock.now(), requestId, isPseudonymous ? keys : undefined, traceId));
        trouble = undefined;
      } catch (error) {
        // A part of it may have been written: the next one begins on a line of its own.
        shut();
        trouble = `audit lines cannot be written to ${file}: ${String(error)}`;
        log.error('audit-not-written', { event: event.event, requestId, error: String(error) });
      }
    },
    trouble: () => trouble,
    close: shut,
  };
}

/** A disk that is nearly full takes a part: the rest would be a line of its own. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

function tailOf(descriptor: number): string {
  const { size } = fstatSync(descriptor);
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
  return bytes.toString('utf8', 0, read);
}
