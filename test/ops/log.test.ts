// The log on its way out: lines together and whole; bounded where its reader hangs, and honest about what is lost.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, read, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { openLog } from '../../gateway/ops/log.ts';

test('a reader of the log that hangs costs some megabytes and no more, and what was lost is said', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-log-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, 'r+');
  t.teardown(() => {
    closeSync(pipe);
    rmSync(folder, { recursive: true });
  });
  const { log, audit } = openLog({ level: 'info' }, { to: pipe });
  const told = audit((_idp, nameId) => nameId);
  told.record({ event: 'configuration', what: 'started' });
  t.is(told.trouble?.(), undefined);
  const LINES = 40_000;
  for (let line = 0; line < LINES; line += 1) log.info('request', { line, text: 'x'.repeat(1000) });
  t.regex(told.trouble?.() ?? '', /lines of log and audit are lost/);

  let [text, taken, kept, lost] = ['', 0, 0, undefined as number | undefined];
  const bytes = Buffer.alloc(65_536);
  while (lost === undefined) {
    const { bytesRead } = await promisify(read)(pipe, bytes, 0, bytes.length, null);
    kept += bytesRead;
    const lines = (text + bytes.toString('utf8', 0, bytesRead)).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const { event, lines: missing } = JSON.parse(line) as { event: string; lines?: number };
      if (event === 'request') taken += 1;
      if (event === 'log-lines-lost') lost = missing;
    }
  }
  t.is(taken + lost, LINES);
  t.true(kept < 9 * 2 ** 20, `${kept} bytes were kept`);
  t.true(kept > 7 * 2 ** 20, `${kept} bytes were kept`);
  t.is(told.trouble?.(), undefined);
});

test('where the reader of the log has gone it is said, and whoever reads next has every line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-log-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = (): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = reader();
  const pipe = openSync(path, 'w');
  const { log, audit, flush } = openLog({ level: 'info' }, { to: pipe });
  const told = audit((_idp, nameId) => nameId);
  const trouble = (): string => told.trouble?.() ?? '';
  closeSync(first);
  told.record({ event: 'configuration', what: 'started' });
  while (trouble() === '') await nextTurn();
  t.regex(trouble(), /cannot be written to standard output: EPIPE/);
  const second = reader();
  t.teardown(() => {
    for (const end of [second, pipe]) closeSync(end);
    rmSync(folder, { recursive: true });
  });
  log.info('request', {});
  while (trouble() !== '') await nextTurn();
  await flush();
  const bytes = Buffer.alloc(65_536);
  const lines = bytes.toString('utf8', 0, readSync(second, bytes)).trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { event: string }).event),
    ['configuration', 'request'],
  );
});

test('a full disk behind the log is said, and is no exception', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const { audit, flush } = openLog({ level: 'info' }, { to: full });
  const told = audit((_idp, nameId) => nameId);
  const trouble = (): string => told.trouble?.() ?? '';
  told.record({ event: 'configuration', what: 'started' });
  while (trouble() === '') await nextTurn();
  t.regex(trouble(), /ENOSPC/);
  await flush();
});

test('lines that are written together go out in one piece, and what is left is written out at the end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-log-'));
  const path = join(folder, 'log');
  const file = openSync(path, 'a');
  t.teardown(() => {
    closeSync(file);
    rmSync(folder, { recursive: true });
  });
  const written = (): unknown[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { line?: number }).line);
  const { log, flush } = openLog({ level: 'info' }, { to: file });
  for (let line = 0; line < 3; line += 1) log.info('request', { line });
  t.deepEqual(written(), []);
  await flush();
  t.deepEqual(written(), [0, 1, 2]);
});

test('among the lines of the log people are called as elsewhere: an administrator is no exception', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-log-'));
  const path = join(folder, 'log');
  const file = openSync(path, 'a');
  t.teardown(() => {
    closeSync(file);
    rmSync(folder, { recursive: true });
  });
  const { audit, flush } = openLog({ level: 'info' }, { to: file });
  const administrator = { idp: 'partner', nameId: 'anna', session: 's' };
  const action = { action: 'end-person', idp: 'corp', nameId: 'berta', sessionsEnded: 1 } as const;
  audit((idp, nameId) => `${idp}-${nameId.length}`).record({
    event: 'administrator',
    by: 'saml',
    administrator,
    ...action,
  });
  await flush();
  const line = JSON.parse(readFileSync(path, 'utf8')) as object;
  t.like(line, { ...action, nameId: 'corp-5', administrator: { ...administrator, nameId: 'partner-4' } });
});
