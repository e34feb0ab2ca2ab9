// A Redis of a test's own: on a free port, in a folder of its own, gone with the test.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './gateway.ts';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Sends one command and answers what came back, as text. */
  ask(...words: readonly string[]): Promise<string>;
  /** Kills the process as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** Stops the process in the middle of whatever it does, and lets it go on. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Starts one; further arguments as on its command line. Without `--appendonly yes` it forgets with its process. */
export async function startRedis(...further: readonly string[]): Promise<RedisServer> {
  // A cluster would take the port 10000 above its own, which may be anybody's.
  const isCluster = further.includes('--cluster-enabled') && !further.includes('--cluster-port');
  if (isCluster) return startRedis(...further, '--cluster-port', String(await freePort()));
  const folder = mkdtempSync(join(tmpdir(), 'curfew-redis-'));
  const port = await freePort();
  let child = await running(port, folder, further);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    ask: (...words) => ask(port, words),
    kill,
    start: async () => {
      child = await running(port, folder, further);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function running(port: number, folder: string, further: readonly string[]): Promise<ChildProcess> {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...further];
  const child = spawn('redis-server', own, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = Promise.withResolvers<undefined>();
  const said: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    said.push(line);
    if (/Ready to accept connections/.test(line)) ready.resolve(undefined);
  });
  child.once('exit', () => ready.reject(new Error(`redis-server did not start: ${said.slice(-3).join(' | ')}`)));
  // A test that fails must not leave it behind.
  process.once('exit', () => child.kill('SIGKILL'));
  await ready.promise;
  return child;
}

function ask(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
  });
}
