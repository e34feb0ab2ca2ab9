// What stands where a file belongs. Opening a pipe would wait for ever: these tests would not end.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readRegular, requireFile } from '../../gateway/kernel/regular-file.ts';

test('a pipe, a socket, a device and a folder are said to be what they are, behind links too, and are not opened', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-regular-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  execFileSync('mkfifo', [at('pipe')]);
  const server = createServer().listen(at('socket'));
  await once(server, 'listening');
  t.teardown(() => server.close());
  symlinkSync(at('pipe'), at('link'));
  for (const [path, message] of [
    [at('pipe'), 'is a pipe, and no file'],
    [at('link'), 'is a pipe, and no file'],
    [at('socket'), 'is a socket, and no file'],
    ['/dev/zero', 'is a device, and no file'],
    [folder, 'is a folder'],
  ] as const)
    for (const open of [readRegular, requireFile]) t.throws(() => open(path), { name: 'NotAFile', message }, path);
  t.throws(() => readRegular(at('gone')), { code: 'ENOENT' });
  symlinkSync(at('gone'), at('nowhere'));
  t.notThrows(() => requireFile(at('nowhere')), 'the store and the audit log are made where nothing is');
  writeFileSync(at('file'), 'text');
  t.is(readRegular(at('file')).toString(), 'text');
});

test('a file of the system that has no length is read to its end', (t) => {
  t.regex(readRegular('/proc/self/status').toString(), /^Name:/);
});
