// One round of load by h2load, which speaks HTTP/2; wrk does not.

import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Answered, Load } from './load.ts';
import type { Target } from './target.ts';

/** How a target is asked by h2load. */
export interface Streams {
  readonly protocol: 'h2' | 'http/1.1';
  readonly connections: number;
  /** Requests at once on each connection. */
  readonly each: number;
}

const run = promisify(execFile);

/** Loads it with the first of its cookies: h2load knows one head for all requests. Rejects where h2load is not installed. */
export async function byStreams(
  target: Target,
  load: Load,
  { protocol, connections, each }: Streams,
): Promise<Answered> {
  const log = join(target.folder ?? '.', 'h2load.log');
  rmSync(log, { force: true });
  const [cookie = ''] = target.cookieFile === undefined ? [] : readFileSync(target.cookieFile, 'utf8').split('\n');
  await run('h2load', [
    ...['-t1', `-c${connections}`, `-m${each}`, `-D${load.seconds}s`, '--log-file', log],
    ...[`--npn-list=${protocol}`, ...(cookie === '' ? [] : ['-H', `cookie: ${cookie}`]), target.url + load.path],
  ]);
  // Three columns: microseconds since the epoch, status, microseconds until the answer.
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map(Number));
  const good = lines.filter(([, status]) => status === 200);
  const times = good.map(([, , microseconds = 0]) => microseconds).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  return {
    good: good.length,
    bad: lines.length - good.length,
    microseconds: load.seconds * 1e6,
    bytes: 0,
    ...{ p50: at(0.5), p99: at(0.99), p999: at(0.999), errors: 0 },
  };
}
