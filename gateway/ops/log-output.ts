// Lines on their way to an output, several at a time and in the background: no request waits for a disk, and a thread is not woken for each. Not pino's own way
// out: after one broken pipe that writes nothing more and says nothing, a full disk is an exception for each line, and it hangs the end of the process.

import { write as writeTo } from 'node:fs';

/** An output that takes lines. */
export interface LogOutput {
  write(line: string): void;
  /** How many lines were lost and are not yet told of. */
  lost(): number;
  /** Why lines cannot be written at present: a full disk, a reader that has gone. They wait, and are tried again. */
  failure(): string | undefined;
  /** Resolves when all is written, when that fails, or after a second: for the last moment of the process. */
  flush(): Promise<void>;
}

/** What a pipe takes in one piece from each of several writers (POSIX: PIPE_BUF, which is 4096 with Linux). */
const IN_ONE_PIECE = 4096;
/** What one write takes of what waits, where nobody else writes. */
const AT_ONCE = 16 * 1024;

/** How long a line waits for others to go with. A write by itself is a thread woken and heard from again: 0.05 ms of processor time, ten times the line. */
const WAIT_MS = 10;
/** Until what could not be written is tried again. */
const AGAIN_MS = 100;
const LAST_MS = 1000;

/** Bytes that wait for an output which takes none: a reader that hangs must not fill the memory. What comes then is lost, and said to be. */
const MOST_WAITING = 8 * 1024 * 1024;

/** `to` is a file descriptor; `isShared`: others write to it as well. `found` is called with the number of lines lost when lines are taken again. */
export function openLogOutput(to: number, isShared: boolean, found: (lines: number) => void): LogOutput {
  // Several writers to one output: no line may stand in the middle of another.
  const most = isShared ? IN_ONE_PIECE : AT_ONCE;
  const waiting: Buffer[] = [];
  const leaving: (() => void)[] = [];
  let waitingBytes = 0;
  let lost = 0;
  let failure: string | undefined;
  let isWriting = false;
  let again: NodeJS.Timeout | undefined;
  let gathered = '';
  let bytes = 0;
  let alarm: NodeJS.Timeout | undefined;

  function handOver(): void {
    const lines = gathered;
    gathered = '';
    if (lines === '') return;
    if (waitingBytes + bytes > MOST_WAITING) lost += lines.split('\n').length - 1;
    else {
      waiting.push(Buffer.from(lines));
      waitingBytes += bytes;
    }
    bytes = 0;
    go();
  }

  function go(): void {
    if (isWriting || again !== undefined || waiting.length === 0) return;
    isWriting = true;
    const piece = firstOf(waiting, most);
    writeTo(to, piece, (error, written) => {
      isWriting = false;
      if (error === null) taken(piece, written);
      else refused(piece, error);
    });
  }

  function taken(piece: Buffer, written: number): void {
    failure = undefined;
    waitingBytes -= written;
    if (written < piece.length) waiting.unshift(piece.subarray(written));
    if (waiting.length > 0) {
      go();
      return;
    }
    leave();
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    found(lines);
  }

  function refused(piece: Buffer, error: NodeJS.ErrnoException): void {
    waiting.unshift(piece);
    // A reader that is slow is no failure: what a pipe does not take now it takes later.
    if (error.code !== 'EAGAIN') {
      failure = error.message;
      leave();
    }
    again = setTimeout(() => {
      again = undefined;
      go();
    }, AGAIN_MS).unref();
  }

  function leave(): void {
    for (const done of leaving.splice(0)) done();
  }

  return {
    write(line) {
      const more = Buffer.byteLength(line);
      if (bytes + more > IN_ONE_PIECE) handOver();
      gathered += line;
      bytes += more;
      alarm ??= setTimeout(() => {
        alarm = undefined;
        handOver();
      }, WAIT_MS);
    },
    lost: () => lost,
    failure: () => failure,
    flush() {
      clearTimeout(alarm);
      alarm = undefined;
      handOver();
      if (waiting.length === 0 && !isWriting) return Promise.resolve();
      return new Promise((resolve) => {
        const late = setTimeout(resolve, LAST_MS);
        leaving.push(() => {
          clearTimeout(late);
          resolve();
        });
      });
    },
  };
}

/** Takes the first of what waits, as much as may go together; at least one. */
function firstOf(waiting: Buffer[], most: number): Buffer {
  let [count, bytes] = [0, 0];
  for (const one of waiting) {
    if (count > 0 && bytes + one.length > most) break;
    count += 1;
    bytes += one.length;
  }
  const [first = Buffer.alloc(0), ...others] = waiting.splice(0, count);
  return others.length === 0 ? first : Buffer.concat([first, ...others], bytes);
}
