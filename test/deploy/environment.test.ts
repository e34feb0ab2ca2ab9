// What is read from the environment is written down, and nothing else is read.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TOP } from './dockerfile.ts';

const page = readFileSync(join(TOP, 'docs/deployment.md'), 'utf8').split('## The environment')[1] ?? '';
const documented = new Set([...page.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));

/** Every variable that the text of a program names; one behind a constant is looked up among `constants`. */
function namesIn(text: string, constants: ReadonlyMap<string, string> = new Map()): string[] {
  const named = [...text.matchAll(/\benv(?:\.([A-Z][A-Z0-9_]*)|\[\s*['"]([^'"]+)['"]\s*\]|\[([A-Z][A-Z0-9_]*)\])/g)];
  return named.map(([, member, key, constant]) => member ?? key ?? constants.get(constant ?? '') ?? 'unknown');
}

const files = readdirSync(join(TOP, 'gateway'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(TOP, 'gateway', path), 'utf8') }));

const constants = new Map(
  files.flatMap(({ text }) =>
    [...text.matchAll(/\bconst ([A-Z][A-Z0-9_]*) = '([^']*)'/g)].map(([, name = '', value = '']): [string, string] => [
      name,
      value,
    ]),
  ),
);

test('every variable that curfew reads by name is in docs/deployment.md', (t) => {
  t.deepEqual(
    files.flatMap(({ path, text }) =>
      namesIn(text, constants)
        .filter((name) => !documented.has(name))
        .map((name) => `${path}: ${name}`),
    ),
    [],
  );
});

test('the environment comes in at one place, and is handed on from there', (t) => {
  const found = files.flatMap(({ path, text }) => [...text.matchAll(/\bprocess\.env\b(?!\s*[.[])/g)].map(() => path));
  t.deepEqual(found, ['main.ts']);
});

test('variables that images, units and manifests set are in docs/deployment.md, or named by a policy', (t) => {
  const set = [
    ...[...readFileSync(join(TOP, 'Dockerfile'), 'utf8').matchAll(/^ENV (\w+)=/gm)],
    ...[...readFileSync(join(TOP, 'deploy/curfew.service'), 'utf8').matchAll(/^Environment=(\w+)=/gm)],
  ].map(([, name]) => name);
  t.true(set.length > 0);
  for (const name of set) t.true(documented.has(name), name);
});

test('a name that is worked out comes from a policy or from an option', (t) => {
  const found = files.flatMap(({ path, text }) => [...text.matchAll(/\benv\[(?!['"A-Z])/g)].map(() => path));
  t.deepEqual(
    [...new Set(found)].filter((path) => !path.startsWith('config/')),
    ['cli/drill/wish.ts'],
  );
});

test('the ways of naming a variable are found', (t) => {
  t.deepEqual(namesIn(`process.env['A'] process.env.B env["C"] given.env.D_E env[name] env.path`), [
    'A',
    'B',
    'C',
    'D_E',
  ]);
});
