// Lines on their way to an output, several at a time and in the background: no request waits for a disk, and a thread is not woken for each.

import pino from 'pino';

/** An output that takes lines. */
export interface LogOutput {
  write(line: string): void;
  /** How many lines were lost and are not yet told of. */
  lost(): number;
  /** Writes out what is still in memory; for the last moment of the process. Throws where the output is closed. */
  flush(): void;
}

/** What a pipe takes in one piece from each of several writers (POSIX: PIPE_BUF, which is 4096 with Linux). */
const IN_ONE_PIECE = 4096;

/** What is written at once where nobody else writes. */
const AT_ONCE = 32 * 1024;

/** How long a line waits for others to go with. A write by itself is a thread woken and heard from again: 0.05 ms of processor time, ten times the line. */
const WAIT_MS = 10;

/** Characters that wait for an output which takes none: a reader that hangs must not fill the memory. What comes then is lost, and said to be. */
const MOST_WAITING = 8 * 1024 * 1024;

/** `to` is a file descriptor; `isShared`: others write to it as well. `found` is called with the number of lines lost when lines are taken again. */
export function openLogOutput(to: number, isShared: boolean, found: (lines: number) => void): LogOutput {
  // Several writers to one output: no line may stand in the middle of another.
  const maxWrite = isShared ? { maxWrite: IN_ONE_PIECE } : {};
  const destination = pino.destination({ dest: to, sync: false, minLength: 0, maxLength: MOST_WAITING, ...maxWrite });
  const most = isShared ? IN_ONE_PIECE : AT_ONCE;
  let lost = 0;
  let gathered = '';
  let bytes = 0;
  let alarm: NodeJS.Timeout | undefined;

  const handOver = (): void => {
    const lines = gathered;
    gathered = '';
    bytes = 0;
    if (lines !== '') destination.write(lines);
  };
  const go = (): void => {
    alarm = undefined;
    handOver();
  };
  destination.on('drop', (lines: string) => (lost += lines.split('\n').length - 1));
  destination.on('drain', () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    found(lines);
  });
  return {
    write(line) {
      const more = Buffer.byteLength(line);
      if (bytes + more > most) handOver();
      gathered += line;
      bytes += more;
      alarm ??= setTimeout(go, WAIT_MS);
    },
    lost: () => lost,
    flush() {
      clearTimeout(alarm);
      alarm = undefined;
      handOver();
      destination.flushSync();
    },
  };
}
