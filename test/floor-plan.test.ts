// The house (docs/design.md): which room may import which, which package belongs to which room, one copy of what
// reads signatures, and no file too long to read. The checker itself is tested on made-up trespasses below.

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, normalize } from 'node:path/posix';
import test from 'ava';
import ts from 'typescript';
import { codesOfRooms } from '../gateway/config/codes-of-rooms.ts';

const TOP = join(import.meta.dirname, '..');

const FLOOR: Record<string, number> = {
  kernel: 0,
  ...{ saml: 1, sessions: 1, policy: 1, upstream: 1, live: 1, proxy: 1, pages: 1 },
  flows: 2,
  ...{ http: 3, ops: 3 },
  // Builds and joins everything; imported by nobody below.
  joinery: 4,
};

/** Packages, and modules of Node that open what one room alone should open, with the rooms that may import them. */
const PACKAGES: Record<string, string[]> = {
  yaml: ['config'],
  zod: ['config', 'settings.ts'],
  samlify: ['saml'],
  'xml-crypto': ['saml'],
  'lru-cache': ['sessions'],
  ioredis: ['sessions'],
  'node:sqlite': ['sessions'],
  undici: ['proxy'],
  'http-proxy': ['proxy'],
  parse5: ['upstream'],
  'tough-cookie': ['upstream'],
  koa: ['http', 'ops'],
  '@koa/router': ['http', 'ops'],
  pino: ['ops'],
  'prom-client': ['ops'],
  '@opentelemetry/api': ['ops'],
  '@opentelemetry/sdk-trace': ['ops'],
  '@opentelemetry/resources': ['ops'],
  '@opentelemetry/exporter-trace-otlp-http': ['ops'],
};

const MOST_LINES = 250;
/** Tables may be longer: their length is the number of their rows. */
const TABLES = /(?:^|\/)codes\.ts$/;

/** What is wrong with one file's imports; `path` is counted from `gateway`. */
function trespasses(path: string, text: string): string[] {
  const room = roomOf(path);
  const found = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const computed =
    /\bimport\(\s*[^\s'"]/.test(text) && path !== 'config/codes-of-rooms.ts' ? ['imports what it computes'] : [];
  return [...found.flatMap((target) => trespass(path, room, target) ?? []), ...computed].map(
    (what) => `${path}: ${what}`,
  );
}

function trespass(path: string, room: string, target: string): string | undefined {
  if (!target.startsWith('.')) return packageTrespass(path, room, target);
  const file = normalize(join(path, '..', target));
  // The demonstration stands beside the gateway, and the command line starts it.
  if (file.startsWith('../demo/') && room === 'joinery') return undefined;
  if (file.startsWith('..')) return `imports ${target} from outside gateway`;
  const other = roomOf(file);
  if (other === room) return undefined;
  if (room === 'config') return other === 'kernel' || isSettings(file) ? undefined : `config imports ${file}`;
  if (other === 'config') return room === 'joinery' ? undefined : `${room} imports config`;
  const [here, there] = [FLOOR[room], FLOOR[other]];
  if (here === undefined || there === undefined) return `${here === undefined ? room : other} has no floor`;
  if (here === there) return `${room} imports ${other} on the same floor`;
  return here < there ? `${room} imports ${other} from a higher floor` : undefined;
}

function packageTrespass(path: string, room: string, target: string): string | undefined {
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = PACKAGES[target.startsWith('node:') ? target : name];
  if (allowed !== undefined) {
    return allowed.includes(room) || (allowed.includes('settings.ts') && isSettings(path))
      ? undefined
      : `imports ${name}`;
  }
  if (target.startsWith('node:')) return builtinModules.includes(target.slice(5)) ? undefined : `imports ${target}`;
  return `imports ${name}, which belongs to no room`;
}

const isSettings = (path: string): boolean => /^\w+\/(?:[a-z-]+-)?settings\.ts$/.test(path);

/** The first folder; what stands beside the rooms, and the command line, joins them. */
function roomOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  return rest.length === 0 || first === 'cli' ? 'joinery' : first;
}

const files = readdirSync(join(TOP, 'gateway'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(TOP, 'gateway', path), 'utf8') }));

test('no room imports what it must not', (t) => {
  t.true(files.length > 20);
  t.deepEqual(
    files.flatMap(({ path, text }) => trespasses(path, text)),
    [],
  );
});

test(`no file is longer than ${MOST_LINES} lines, except tables`, (t) => {
  const long = files.filter(({ path, text }) => !TABLES.test(path) && text.split('\n').length - 1 > MOST_LINES);
  t.deepEqual(
    long.map(({ path }) => path),
    [],
  );
});

const EXPORTED =
  /(?<=^(.*)\n(?:\/\/ prettier-ignore\n)?)export (?:async )?(?:const|function|class|interface|type) (\w+)/gm;

test('every exported name says what it promises', (t) => {
  const silent = files.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORTED)]
      .filter(([, before = '']) => !/\*\/$|^\/\/ prettier-ignore$/.test(before))
      .map(([, , name = '']) => `${path} ${name}`),
  );
  t.deepEqual(silent, []);
});

test('a code belongs to one room only', async (t) => {
  const rooms = await codesOfRooms(join(TOP, 'gateway'));
  const codes = [...rooms.values()].flatMap((list) => Object.keys(list));
  t.true(codes.length > 10);
  t.deepEqual(codes.toSorted(), [...new Set(codes)].toSorted());
});

test('what reads signatures is there once (two XML parsers disagree, and an attacker chooses)', (t) => {
  const { packages } = JSON.parse(readFileSync(join(TOP, 'package-lock.json'), 'utf8')) as { packages: object };
  for (const name of ['samlify', 'xml-crypto', '@xmldom/xmldom', 'xpath']) {
    const copies = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`));
    t.deepEqual(copies, [`node_modules/${name}`]);
  }
});

for (const [path, line, complaint] of [
  ['saml/a.ts', "import { x } from '../sessions/store.ts';", 'saml imports sessions on the same floor'],
  ['saml/guard/a.ts', "import type { X } from '../../live/registry.ts';", 'saml imports live on the same floor'],
  ['policy/a.ts', "export * from '../flows/admit.ts';", 'policy imports flows from a higher floor'],
  ['policy/a.ts', "const { x } = await import('../http/app.ts');", 'policy imports http from a higher floor'],
  ['http/a.ts', "import '../ops/log.ts';", 'http imports ops on the same floor'],
  ['ops/a.ts', "import { serve } from '../server.ts';", 'ops imports joinery from a higher floor'],
  ['flows/a.ts', "import { x } from '../cli/serve.ts';", 'flows imports joinery from a higher floor'],
  ['kernel/a.ts', "import type { X } from '../saml/codes.ts';", 'kernel imports saml from a higher floor'],
  ['kernel/a.ts', "import * as z from 'zod';", 'imports zod'],
  ['config/a.ts', "import { parseTemplate } from '../proxy/identity.ts';", 'config imports proxy/identity.ts'],
  ['http/a.ts', "import type { Configuration } from '../config/load.ts';", 'http imports config'],
  ['policy/table.ts', "import * as z from 'zod';", 'imports zod'],
  ['saml/a.ts', "import { DatabaseSync } from 'node:sqlite';", 'imports node:sqlite'],
  ['http/a.ts', "import { select } from 'xml-crypto/lib/x.js';", 'imports xml-crypto'],
  ['saml/a.ts', "import { parse } from '@xmldom/other';", 'imports @xmldom/other, which belongs to no room'],
  ['saml/a.ts', "import fs from 'fs';", 'imports fs, which belongs to no room'],
  ['saml/a.ts', "import pad from 'left-pad';", 'imports left-pad, which belongs to no room'],
  [
    'saml/a.ts',
    "import { x } from '../../test/support/idp.ts';",
    'imports ../../test/support/idp.ts from outside gateway',
  ],
  ['flows/a.ts', "import { x } from '../../demo/main.ts';", 'imports ../../demo/main.ts from outside gateway'],
  ['saml/a.ts', 'await import(`../${room}/x.ts`);', 'imports what it computes'],
  ['attic/a.ts', "import { x } from '../kernel/clock.ts';", 'attic has no floor'],
] as const) {
  test(`the floor plan sees that ${path} ${complaint}: ${line}`, (t) => {
    t.deepEqual(trespasses(path, line), [`${path}: ${complaint}`]);
  });
}

for (const [path, line] of [
  ['flows/a.ts', "import { x } from '../saml/guard/index.ts';"],
  ['server.ts', "import { loadConfiguration } from './config/load.ts';"],
  ['cli/a.ts', "import { x } from '../parts.ts';"],
  ['saml/settings.ts', "import * as z from 'zod';"],
  ['config/a.ts', "import { x } from '../saml/settings.ts';"],
  ['saml/guard/a.ts', "import { x } from '../codes.ts';"],
  ['ops/a.ts', "import { pino } from 'pino';"],
  ['proxy/a.ts', "import { Pool } from 'undici'; import net from 'node:net';"],
] as const) {
  test(`the floor plan lets ${path} be: ${line}`, (t) => {
    t.deepEqual(trespasses(path, line), []);
  });
}
