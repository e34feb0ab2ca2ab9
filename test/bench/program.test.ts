// Programs that the benchmark starts: none outlives it, nor what they have started themselves.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const PROGRAM = join(import.meta.dirname, '../../bench/program.ts');

test('who breaks the benchmark off ends its programs, and the workers that these have started', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-program-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [socket, worker, bench] = ['socket', 'worker.mjs', 'bench.ts'].map((name) => join(folder, name));
  // It ends by itself when the test does, should nobody end it.
  writeFileSync(
    worker ?? '',
    `import { createServer } from 'node:net';
createServer((asker) => asker.once('data', () => asker.once('close', () => process.exit()).write('here'))).listen(${JSON.stringify(socket)});`,
  );
  // As nginx and Apache: whoever is started waits for another, which listens.
  const command = ['/bin/sh', '-c', '"$0" "$1" & wait', process.execPath, worker];
  writeFileSync(
    bench ?? '',
    `import { startProgram } from ${JSON.stringify(PROGRAM)};
process.once('SIGTERM', () => process.exit(1));
await startProgram(${JSON.stringify(folder)}, ${JSON.stringify(socket)}, ${JSON.stringify(command)});
console.log('started');
setInterval(() => {}, 1000);`,
  );
  const running = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bench ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => running.kill('SIGKILL'));
  await once(running.stdout, 'data');
  const toWorker = connect(socket ?? '');
  t.teardown(() => toWorker.destroy());
  toWorker.write('there?');
  await once(toWorker, 'data');
  const ended = new Promise((resolve) => toWorker.on('error', () => {}).once('close', resolve));
  running.kill('SIGTERM');
  await ended;
  t.pass('the worker has gone with them');
});
