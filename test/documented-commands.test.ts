// Every command that a document has people type is one, with options that it takes.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { curfew } from './journeys/child.ts';

const TOP = join(import.meta.dirname, '..');
const PAGES = [
  ...['README.md', 'SECURITY.md', 'compose.yaml', 'certs/README.md', 'deploy/kubernetes/secrets.example.yaml'],
  ...readdirSync(join(TOP, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
/** As they stand in sentences, in tables, and on lines of their own: the command, and what follows it. */
const TYPED = /(?:curfew -- |`curfew |^curfew |gateway\/main\.ts |curfew-1 )([a-z]+)([^`\n|#>]*)/gm;

test('every command in the documents is one, and takes the options that are written there', async (t) => {
  // What shells complete is made of the commands themselves.
  const { output } = await curfew(t, 'completion', 'bash');
  const known = new Map(
    [...output.matchAll(/^ {4}(\w+)\) known='([^']*)'/gm)].map(([, name = '', words = '']) => [name, words.split(' ')]),
  );
  t.true(known.size > 10);
  let [typed, options] = [0, 0];
  for (const page of PAGES) {
    const text = readFileSync(join(TOP, page), 'utf8');
    const isCode = (at: number): boolean => (text.slice(0, at).match(/^```/gm)?.length ?? 0) % 2 === 1;
    for (const { 0: all, 1: name = '', 2: rest = '', index } of text.matchAll(TYPED)) {
      // A sentence, or a heading of what a command prints, may begin with our name.
      if (all.startsWith('curfew ') && !all.startsWith('curfew --') && (!isCode(index) || rest.startsWith(',')))
        continue;
      const words = known.get(name);
      t.truthy(words, `${page}: ${all}`);
      typed += 1;
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        t.true(words?.includes(option), `${page}: ${all}: ${option}`);
        options += 1;
      }
    }
  }
  t.true(typed > 80 && options > 30, `${typed} commands, ${options} options`);
});
