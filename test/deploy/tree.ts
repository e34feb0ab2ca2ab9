// A root directory of a test's own, entered by chroot in a mount namespace: what a container would see, without one.

import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

/** What is put into a tree from outside. */
export interface Mount {
  readonly from: string;
  readonly at: string;
  readonly isWritable?: boolean;
}

/** An empty tree that has the system's programs, and this Node before them. */
export function newTree(root: string): void {
  for (const name of ['usr', 'etc', 'proc', 'dev', 'tmp', 'node24']) mkdirSync(join(root, name), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  writeFileSync(join(root, 'nothing'), '', { mode: 0o755 });
}

const SYSTEM: readonly Mount[] = [
  { from: '/usr', at: '/usr' },
  { from: '/etc', at: '/etc' },
  { from: dirname(process.execPath), at: '/node24' },
];

/** Finds Node 24 first. */
const PATH = '/node24:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Within {
  readonly root: string;
  readonly mounts?: readonly Mount[];
  /** `UID:GID`; default root. */
  readonly user?: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The tree itself cannot be written to, and there is no shell in it. */
  readonly isSealed?: boolean;
}

/** The command that runs `command` in a tree; each step becomes the next, so that signals arrive. */
function entering({ root, mounts = [], user, folder, isSealed = false }: Within, command: readonly string[]): string[] {
  const bind = ({ from, at, isWritable = false }: Mount): string[] => [
    `mkdir -p ${quoted(root + at)}`,
    `mount --bind ${quoted(from)} ${quoted(root + at)}`,
    ...(isWritable ? [] : [`mount -o remount,ro,bind ${quoted(root + at)}`]),
  ];
  const shells = ['dash', 'bash'].map(
    (name) => `mount --bind ${quoted(`${root}/nothing`)} ${quoted(`${root}/usr/bin/${name}`)}`,
  );
  const [uid, gid] = (user ?? '').split(':');
  const steps = [
    'set -e',
    `mount --bind ${quoted(root)} ${quoted(root)}`,
    ...[...SYSTEM, ...mounts].flatMap(bind),
    `mount --rbind /dev ${quoted(`${root}/dev`)}`,
    `mount --bind /proc ${quoted(`${root}/proc`)}`,
    ...(isSealed ? [...shells, `mount -o remount,ro,bind ${quoted(root)}`] : []),
    'exec "$@"',
  ];
  const as =
    user === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  const within = ['chroot', root, ...as, 'env', '-C', folder, ...command];
  return ['unshare', '--mount', 'sh', '-c', steps.join('\n'), 'sh', ...within];
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Runs a command to its end; what went wrong is in `said`. */
export function runWithin(within: Within, command: readonly string[]): { status: number | null; said: string } {
  const [program = '', ...words] = entering(within, command);
  const env = { ...within.env, PATH };
  const { status, stdout, stderr } = spawnSync(program, words, { env, encoding: 'utf8', timeout: 90_000 });
  return { status, said: `${stdout}${stderr}` };
}

/** Starts a command; the process that is answered becomes it. */
export function startWithin(within: Within, command: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const [program = '', ...words] = entering(within, command);
  return spawn(program, words, { env: { ...within.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
}
