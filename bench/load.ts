// One round of load against one target, with what the target used meanwhile.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { byStreams, type Streams } from './h2load.ts';
import { cpuMicroseconds, memoryMebibytes, watchMachine } from './proc.ts';
import type { Target } from './target.ts';

/** What is asked for, and how hard. */
export interface Load {
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** Bytes of the body; 0 is a GET. */
  readonly uploadBytes?: number;
  /** Applications it goes round, by paths from `/a0` on. */
  readonly spread?: number;
  /** What each connection waits between two requests, in the middle. */
  readonly delayMs?: number;
  /** Asked by h2load, this way; undefined is by wrk. */
  readonly streams?: Streams;
}

/** What one round showed. */
export interface Round {
  readonly perSecond: number;
  /** Processor time of the target alone. */
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly mebibytes: number;
  readonly mebibytesPerSecond: number;
  /** Answers other than 200, and connections that failed. */
  readonly faults: number;
  /** Share of the machine that was in use, 0 to 1. */
  readonly machineBusy: number;
}

/** What a program that makes load has to say; times in microseconds. */
export interface Answered {
  readonly good: number;
  readonly bad: number;
  readonly microseconds: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly errors: number;
}

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'load.lua');

/** Loads `target` for one round, with what it has of its own in `load`. Rejects where the load's program says nothing. */
export async function loadRound(target: Target, common: Load): Promise<Round> {
  const load = { ...common, ...target.load };
  const busy = watchMachine();
  const before = cpuMicroseconds(target.roots);
  const { streams } = load;
  const answered = await (streams === undefined ? byWrk(target, load) : byStreams(target, load, streams));
  const used = cpuMicroseconds(target.roots) - before;
  const { good, bad, microseconds, bytes, p50, p99, p999, errors } = answered;
  return {
    perSecond: (good * 1e6) / microseconds,
    cpuMicroseconds: used / Math.max(1, good),
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    p999Ms: p999 / 1000,
    mebibytes: memoryMebibytes(target.roots),
    mebibytesPerSecond: bytes / 1024 ** 2 / (microseconds / 1e6),
    faults: bad + errors,
    machineBusy: busy(),
  };
}

async function byWrk(target: Target, load: Load): Promise<Answered> {
  const given = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s', '-s', SCRIPT, target.url];
  const { stdout, stderr } = await run('wrk', given, {
    env: {
      ...process.env,
      COOKIES: target.cookieFile ?? '',
      PATHQ: load.path,
      UPLOAD: String(load.uploadBytes ?? 0),
      SPREAD: String(load.spread ?? 1),
      DELAY: String(load.delayMs ?? 0),
      ...(target.host === undefined ? {} : { HOSTNAMED: target.host }),
    },
  });
  const line = /RESULT (\{.*\})/.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk: ${stdout}${stderr}`);
  return JSON.parse(line) as Answered;
}

/** Rounds of several targets taken in turns, so that a noisy minute falls on all of them alike. */
export async function interleaved(
  targets: readonly Target[],
  load: Load,
  rounds: number,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const found = new Map<string, Round[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) found.get(target.name)?.push(await loadRound(target, load));
  }
  return found;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
