// Folders that are made for what the gateway keeps.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from '../../gateway/kernel/folder.ts';

test('a folder is made with those above it, for this user alone, and left as it is where it is there', (t) => {
  const top = mkdtempSync(join(tmpdir(), 'curfew-folder-'));
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const folder = join(top, 'a', 'b');
  makeFolder(folder);
  for (const made of [folder, join(top, 'a')]) t.is(statSync(made).mode & 0o777, 0o700);
  makeFolder(folder, 0o777);
  t.is(statSync(folder).mode & 0o777, 0o700);
  writeFileSync(join(top, 'file'), '');
  t.throws(() => makeFolder(join(top, 'file', 'c')), { code: 'ENOTDIR' });
});

test('where a folder is there in which nothing can be made, the reason is said', (t) => {
  for (const folder of ['/proc/curfew', '/proc/curfew/further']) t.throws(() => makeFolder(folder), { code: 'ENOENT' });
});
