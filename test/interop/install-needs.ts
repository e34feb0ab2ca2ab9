// Installs what tests need beyond npm, where it may: as root on Debian, and from npm into a folder of its own. Where it may not, it
// says what is missing and does not fail: the tests that need it are skipped by name, and fail in CI.

import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { THINGS, commandPath, missing, type Need } from '../support/needs.ts';

/** Debian asks this before it starts a service that it has just installed; 101 is "no". */
const SERVICE_GATE = '/usr/sbin/policy-rc.d';
const LOCK_SECONDS = 300;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const wanted = missing(Object.keys(THINGS) as Need[]);
const packages = wanted.flatMap((need) => ('debian' in THINGS[need].from ? THINGS[need].from.debian : []));
const folders = wanted.flatMap((need) => ('npm' in THINGS[need].from ? [THINGS[need].from.npm] : []));
if (packages.length > 0) installDebian(packages);
for (const folder of folders) installNpm(folder);
const left = missing(wanted);
if (left.length > 0) say(`missing: ${left.join(', ')}; the tests that need them are skipped, and fail with CI=true`);

function installDebian(names: readonly string[]): void {
  if (commandPath('apt-get') === undefined || process.getuid?.() !== 0) {
    say(`not installed, which needs root and apt-get: ${names.join(' ')}`);
    return;
  }
  say(`installing ${names.join(' ')}`);
  const gate = !existsSync(SERVICE_GATE);
  if (gate) writeFileSync(SERVICE_GATE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    let done = aptGet('--no-install-recommends', '--yes', 'install', ...names);
    // A fresh image has no lists, an old one has lists of what is no longer there.
    if (done.status !== 0 && complain(aptGet('update'))) {
      done = aptGet('--no-install-recommends', '--yes', 'install', ...names);
    }
    complain(done);
  } finally {
    if (gate) rmSync(SERVICE_GATE, { force: true });
  }
}

function aptGet(...words: readonly string[]): SpawnSyncReturns<string> {
  return run('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`, ...words]);
}

/** `--ignore-scripts`: nothing of it runs until a test starts it. */
function installNpm(folder: string): void {
  complain(run('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']));
}

function run(command: string, words: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Shows the last lines of what failed; true where nothing did. */
function complain({ status, stdout, stderr, error }: SpawnSyncReturns<string>): boolean {
  if (status === 0) return true;
  say(error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').slice(-8).join('\n'));
  return false;
}
