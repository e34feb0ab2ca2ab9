import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { codesOfRooms } from '../../gateway/config/codes-of-rooms.ts';
import { documents } from '../../gateway/config/documents.ts';
import { APP_EXAMPLE, GATEWAY_EXAMPLE } from '../../gateway/config/examples.ts';
import { appSchema, describeSchema, gatewaySchema, type Described } from '../../gateway/config/schema.ts';
import { configured, load, PAIR, warningsOf, keyPair } from './folder.ts';

const TOP = join(import.meta.dirname, '../..');

test('the documents say what the code says', async (t) => {
  const made = documents(await codesOfRooms(join(TOP, 'gateway')));
  t.is(made.size, 4);
  for (const [path, text] of made) {
    t.true(
      readFileSync(join(TOP, path), 'utf8') === text,
      `${path} is not current; run \`node gateway/config/write-documents.ts\``,
    );
  }
});

test('the page of reasons lists the codes of the code, and no others', async (t) => {
  const rooms = await codesOfRooms(join(TOP, 'gateway'));
  const page = readFileSync(join(TOP, 'docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
  t.deepEqual(
    listed,
    [...rooms.values()].flatMap((codes) => Object.keys(codes)),
  );
});

test('the examples load as they are', (t) => {
  const files = {
    'policies/gateway.yaml': GATEWAY_EXAMPLE,
    'policies/wiki.yaml': APP_EXAMPLE,
    'policies/secrets/wiki.yaml': 'ada@example.com: { user: ada, password: p }',
    'certs/idp-ca.crt': keyPair().cert,
    'certs/wiki-ca.crt': keyPair().cert,
    'certs/curfew.crt': PAIR.cert,
    'certs/curfew.key': PAIR.key,
    'pages/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'certs/collector-ca.crt': keyPair().cert,
  };
  const loaded = load(t, files, { OTLP_AUTHORIZATION: 'Bearer token' });
  t.is(configured(loaded).apps[0]?.access.length, 6);
  t.deepEqual(warningsOf(loaded), []);
});

test('every key has a sentence', (t) => {
  const silent: string[] = [];
  const walk = (path: string, { properties, items, anyOf }: Described): void => {
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (!/\.$/.test(value.description ?? '')) silent.push(`${path}.${key}`);
      walk(`${path}.${key}`, value);
    }
    for (const inner of [items, ...(anyOf ?? [])]) if (inner !== undefined) walk(path, inner);
  };
  walk('gateway', describeSchema(gatewaySchema));
  walk('app', describeSchema(appSchema));
  t.deepEqual(silent, []);
});

test('the examples name every key there is', (t) => {
  const missing = (schema: Described, example: string): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
      ...(new RegExp(`\\b${key}:`).test(example) ? [] : [key]),
      ...missing(value, example),
      ...missing(value.items ?? {}, example),
    ]);
  t.deepEqual(missing(describeSchema(gatewaySchema), GATEWAY_EXAMPLE), []);
  t.deepEqual(missing(describeSchema(appSchema), APP_EXAMPLE), []);
});
