// `curfew keys` where nothing can be written.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { curfew } from '../journeys/child.ts';

test('keys that cannot be written are said in a sentence, with what to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // A file in the place of a folder is refused to everybody; missing rights are not, where the test is run by root.
  writeFileSync(join(folder, 'file'), '');
  const { code, output, complaints } = await curfew(t, 'keys', '--certs', join(folder, 'file/certs'));
  t.is(code, 1);
  t.is(output, '');
  t.regex(
    complaints,
    /file\/certs cannot be written to: ENOTDIR.*\nRun this as a user who may, or name another folder/,
  );
  t.notRegex(complaints, /\n\s+at /);
});
