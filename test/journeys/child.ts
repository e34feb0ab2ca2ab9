// The gateway as operators run it: a process of its own, started by the command line.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';

const TOP = join(import.meta.dirname, '..', '..');

export interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

export interface Serving {
  /** Log lines so far. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Everything it has said besides, so far. */
  readonly complaints: () => string;
  /** Where operators ask. */
  readonly admin: string;
  /** The process's number, for signals that nothing waits for. */
  readonly pid: number;
  /** Sends a signal and waits until the process is gone. */
  stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

/** Runs one command to its end. */
export const curfew = (t: ExecutionContext, ...args: readonly string[]): Promise<Finished> =>
  curfewWith(t, {}, ...args);

/** The same with further variables in its environment. */
export async function curfewWith(
  t: ExecutionContext,
  env: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<Finished> {
  const child = begin(t, args, [], env);
  const [output, complaints, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, complaints };
}

/** Runs `serve` until it listens; rejects with what it says where it does not. */
export async function serving(
  t: ExecutionContext,
  folder: string,
  nodeArguments: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  serveArguments: readonly string[] = [],
): Promise<Serving> {
  const child = begin(t, ['serve', '--policies', folder, ...serveArguments], nodeArguments, env);
  const gone = once(child, 'exit') as Promise<[number | null]>;
  let complained = '';
  const complaints = new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (complained += piece));
    child.stderr.on('end', () => resolve(complained));
  });
  const lines: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (line) => {
    const entry = JSON.parse(line) as Record<string, unknown>;
    lines.push(entry);
    if (entry['event'] === 'listening') listening.resolve(String(entry['admin']));
  });
  gone.then(async () => listening.reject(new Error(`it did not start: ${await complaints}`))).catch(listening.reject);
  const admin = await listening.promise;
  return {
    lines,
    complaints: () => complained,
    admin: `http://${admin}`,
    pid: child.pid ?? 0,
    stop: async (signal) => {
      child.kill(signal);
      const [code] = await gone;
      return code;
    },
  };
}

/** Runs one command that is not to come to its end by itself; `gone`: the exit code, and the signal that ended it. */
export function beginning(t: ExecutionContext, args: readonly string[]) {
  const child = begin(t, args);
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  return { child, gone: once(child, 'exit') as Promise<[number | null, string | null]> };
}

function begin(
  t: ExecutionContext,
  args: readonly string[],
  nodeArguments: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const ours = ['--disable-warning=ExperimentalWarning', ...nodeArguments, 'gateway/main.ts', ...args];
  const child = spawn(process.execPath, ours, {
    cwd: TOP,
    // Starting costs half with it, and most of these tests is starting.
    env: {
      ...{ PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(TOP, 'node_modules', '.cache', 'curfew-children') },
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}
