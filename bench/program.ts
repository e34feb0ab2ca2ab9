// Programs that are measured, or needed for it: each with a folder of its own, ended by its own id.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdirSync, openSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** One that runs. */
export interface Program {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin'];

/** Where Debian puts it; undefined where it is not installed. */
export const commandAt = (name: string): string | undefined =>
  FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** A folder that programs under another user may read. */
export function openFolder(...parts: readonly [string, ...string[]]): string {
  const folder = join(...parts);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts it and waits until its port, or the path of its socket, answers. What it says goes to `said.txt` of its folder. */
export async function startProgram(
  folder: string,
  at: number | string,
  [command, ...given]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv = {},
): Promise<Program> {
  const said = openSync(join(folder, 'said.txt'), 'a');
  const child = spawn(command, given, {
    cwd: folder,
    stdio: ['ignore', said, said],
    env: { ...process.env, ...environment },
    // At the head of a group of its own: who is killed ends no workers, and those of nginx and Apache would go on for ever.
    detached: true,
  });
  // Whoever stops the benchmark half-way leaves nothing running.
  const kill = (): void => killGroup(child);
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await Promise.race([
    listening(at),
    once(child, 'exit').then(() => {
      throw new Error(`${command} has ended; see ${folder}/said.txt`);
    }),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  return { pid, stop: () => ended(child) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** So many different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const isGone = await Promise.race([gone.then(() => true), pause(5000, false, { ref: false })]);
  if (isGone) return;
  killGroup(child);
  await gone;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

async function listening(at: number | string): Promise<void> {
  for (let left = 300; left > 0; left -= 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = typeof at === 'string' ? connect(at) : connect(at, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
    await pause(100);
  }
  throw new Error(`nothing listens at ${at}`);
}
