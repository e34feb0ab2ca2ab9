// The unit for systemd: it starts what the image starts, stops it as policies ask, and takes away what is not needed.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT } from '../../gateway/cli/command.ts';
import { needing } from '../support/needing.ts';
import { readImage, TOP } from './dockerfile.ts';

const FILE = join(TOP, 'deploy/curfew.service');
const unit = readFileSync(FILE, 'utf8');
const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

test('the unit starts what the image starts, with the policies of its own place', (t) => {
  const [, ...words] = readImage().command;
  t.is(
    valueOf('ExecStart'),
    `/usr/bin/node ${words.join(' ').replace('/app/', '/opt/curfew/')} --policies /etc/curfew/policies`,
  );
  t.is(valueOf('KillSignal'), readImage().stopSignal);
  const environment = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, pair = '']) => pair.split('=', 2));
  t.deepEqual(Object.fromEntries(environment), readImage().env);
});

test('whatever starts it as it should be says how large the young generation may be, because V8 goes by the limit of the container', (t) => {
  const words = '--max-semi-space-size=16 --disable-warning=ExperimentalWarning';
  t.true(readImage().command.join(' ').startsWith(`node ${words} /app/gateway/main.ts`));
  t.true(readFileSync(join(TOP, 'README.md'), 'utf8').includes(`node ${words} gateway/main.ts serve`));
});

test('it is stopped no sooner than the manifests allow, and not started again where a policy has a fault', (t) => {
  const manifest = readFileSync(join(TOP, 'deploy/kubernetes/deployment.yaml'), 'utf8');
  t.is(valueOf('TimeoutStopSec'), /terminationGracePeriodSeconds: (\d+)/.exec(manifest)?.[1] ?? '');
  t.is(valueOf('RestartPreventExitStatus'), String(EXIT.fault));
});

needing('systemd-analyze')('systemd understands every line, and finds little that could be taken away still', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-unit-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // Programs that need not be on this machine, and are looked for.
  const program = join(folder, 'node');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  const copy = join(folder, 'curfew.service');
  writeFileSync(copy, unit.replace('/usr/bin/node', program));
  const run = (...words: string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  const { status, stderr } = run('verify', '--man=no', copy);
  t.is(status, 0, stderr);
  // Only what is said of this unit; others on the machine may have faults of their own.
  t.deepEqual(
    stderr.split('\n').filter((line) => line.includes('curfew')),
    [],
  );
  const exposure = run('security', '--offline=true', '--threshold=20', copy);
  t.is(exposure.status, 0, exposure.stdout);
});
