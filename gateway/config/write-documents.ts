// `node gateway/config/write-documents.ts` writes the documents that are made from code; with `--check` it writes
// nothing and fails where one is not current.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codesOfRooms } from './codes-of-rooms.ts';
import { documents } from './documents.ts';
import { readText } from './read.ts';

const top = join(import.meta.dirname, '../..');
const isCheck = process.argv.includes('--check');
const made = documents(await codesOfRooms(join(top, 'gateway')));
const stale = [...made].filter(([path, text]) => readText(join(top, path)) !== text);

for (const [path, text] of stale) {
  if (isCheck) {
    console.error(`${path} is not current; run \`node gateway/config/write-documents.ts\``);
    continue;
  }
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
  console.log(`wrote ${path}`);
}
if (isCheck && stale.length > 0) process.exitCode = 1;
