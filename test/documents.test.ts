// What documents show is tried as it stands there.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadConfiguration } from '../gateway/config/load.ts';
import type { EpochMs } from '../gateway/kernel/words.ts';
import { openMetrics } from '../gateway/ops/metrics.ts';
import type { GoodbyeFailure } from '../gateway/upstream/goodbye.ts';
import { curfew } from './journeys/child.ts';
import { scenery } from './support/gateway.ts';

const docs = join(import.meta.dirname, '../docs');
const yamlOf = (name: string): string[] =>
  [...readFileSync(join(docs, name), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');

test.serial(
  'the policies and the cases of docs/policies.md are good, and every case comes out as it says',
  async (t) => {
    const blocks = yamlOf('policies.md');
    const { folder } = await scenery(t, { apps: {} });
    const isCases = (text: string): boolean => text.startsWith('- case:');
    for (const text of blocks.filter((one) => !isCases(one))) {
      writeFileSync(join(folder, `${/^app: (.*)$/m.exec(text)?.[1] ?? 'unnamed'}.yaml`), text);
    }
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'tests/cases.yaml'), blocks.filter(isCases).join('\n'));
    const { code, output, complaints } = await curfew(t, 'policies', 'test', '--policies', folder);
    t.is(code, 0, `${output}${complaints}`);
    t.regex(output, /\n9 passed, 0 failed\n$/);
  },
);

test.serial('the settings that docs/sign-in.md shows are good together', async (t) => {
  const blocks = yamlOf('sign-in.md');
  const { folder } = await scenery(t, { apps: {} });
  const gateway = join(folder, 'gateway.yaml');
  const written = readFileSync(gateway, 'utf8');
  const metadata = readFileSync(join(folder, 'idp.xml'), 'utf8');
  writeFileSync(join(folder, 'corp-idp.xml'), metadata);
  writeFileSync(
    join(folder, 'partner-idp.xml'),
    metadata.replace(/entityID="[^"]+"/, 'entityID="https://partner.example"'),
  );
  const [providers, ...rest] = blocks.filter((text) => text.startsWith('identityProviders:'));
  t.deepEqual(rest, []);
  writeFileSync(gateway, written.replace(/identityProviders:\n(?: .*\n|\n)+/, providers ?? ''));
  for (const text of blocks.filter((one) => one.startsWith('app:'))) {
    writeFileSync(join(folder, `${/^app: (.*)$/m.exec(text)?.[1] ?? 'unnamed'}.yaml`), text);
  }
  const { code, output, complaints } = await curfew(t, 'check', '--policies', folder);
  t.is(code, 0, `${output}${complaints}`);
});

const pages = readdirSync(join(docs, 'idp')).filter((name) => name !== 'README.md');

test.serial('every gateway.yaml in docs/idp is good', async (t) => {
  const { folder } = await scenery(t, { apps: {} });
  const gateway = join(folder, 'policies/gateway.yaml');
  mkdirSync(join(folder, 'policies'));
  mkdirSync(join(folder, 'certs/tls'), { recursive: true });
  const certificate = readFileSync(join(folder, 'sp.crt'));
  for (const name of ['sp.crt', 'idp-ca.crt', 'tls/login.crt']) writeFileSync(join(folder, 'certs', name), certificate);
  for (const name of ['sp.key', 'tls/login.key'])
    writeFileSync(join(folder, 'certs', name), readFileSync(join(folder, 'sp.key')), { mode: 0o600 });
  const metadata = readFileSync(join(folder, 'idp.xml'));
  writeFileSync(
    join(folder, 'policies/wiki.yaml'),
    'app: wiki\nhosts: [wiki.example.com]\nupstream: http://10.0.0.1\naccess: [{ allow: authenticated }]\n',
  );
  for (const page of pages) {
    const blocks = yamlOf(join('idp', page));
    t.true(blocks.length > 0, page);
    for (const block of blocks) {
      for (const [, file] of block.matchAll(/metadata: \.\.\/certs\/(\S+)/g))
        writeFileSync(join(folder, 'certs', file ?? ''), metadata);
      const rest = [
        'publicUrl: https://login.example.com',
        'saml: { keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }] }',
        ...(/^sessions:/m.test(block) ? [] : ['sessions: { secret: "${env:SESSION_SECRET}" }']),
      ];
      writeFileSync(gateway, `${rest.join('\n')}\n${block}`);
      const env = { SESSION_SECRET: 'a'.repeat(64) };
      const loaded = loadConfiguration(join(folder, 'policies'), env, {
        idpMetadata: () => undefined,
        template: () => undefined,
        certificates: () => [],
      });
      t.deepEqual('faults' in loaded ? loaded.faults : [], [], page);
    }
  }
});

test('docs/idp/README.md has a row for every page, and every page the same sections', (t) => {
  const index = readFileSync(join(docs, 'idp/README.md'), 'utf8');
  const linked = [...index.matchAll(/^\| \[[^\]]+\]\(([\w.-]+)\)/gm)].map(([, name]) => name);
  t.deepEqual(linked.toSorted(), pages.toSorted());
  for (const page of pages) {
    const text = readFileSync(join(docs, 'idp', page), 'utf8');
    const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title.replace(/^At .*/, 'At'));
    t.deepEqual(sections, ['At', 'In gateway.yaml', 'What logout reaches', 'Quirks', 'Check'], page);
    t.regex(text, /run as it is|run here|not tried here/i, page);
  }
});

test.serial('what docs/migrating.md and docs/upgrading.md show is good, on one gateway', async (t) => {
  const { folder } = await scenery(t, { apps: {} });
  const policies = join(folder, 'policies');
  mkdirSync(policies);
  mkdirSync(join(folder, 'certs'));
  const blocks = [...yamlOf('migrating.md'), ...yamlOf('upgrading.md')];
  t.is(blocks.length, 5);
  const metadata = readFileSync(join(folder, 'idp.xml'), 'utf8');
  for (const [, name = ''] of blocks.join('').matchAll(/certs\/([\w.-]+)/g)) {
    const from = name.startsWith('session.secret') ? undefined : /crt|cert/.test(name) ? 'sp.crt' : 'sp.key';
    const text = from === undefined ? name.padEnd(48, 'x') : readFileSync(join(folder, from), 'utf8');
    writeFileSync(join(folder, 'certs', name), text, { mode: 0o600 });
  }
  writeFileSync(join(folder, 'certs/campus.xml'), metadata);
  const part = (start: string): string => blocks.find((text) => text.includes(start)) ?? '';
  writeFileSync(
    join(policies, 'gateway.yaml'),
    `publicUrl: https://login.example.com
${part('saml:\n  keys:')}${part('sessions:')}${part('identityProviders:').replace(/metadata: \S+/, 'metadata: ../certs/campus.xml')}`,
  );
  for (const app of blocks.filter((one) => one.includes('\napp:')))
    writeFileSync(join(policies, `${/^app: (.*)$/m.exec(app)?.[1] ?? ''}.yaml`), app);
  const { code, output, complaints } = await curfew(t, 'check', '--policies', policies);
  t.is(code, 0, `${output}${complaints}`);
  t.regex(output, /wiki: .*\n.*courses: |courses: .*\n.*wiki: /);
});

test.serial('the sections of gateway.yaml that other pages show are good, all of them on one gateway', async (t) => {
  const { folder } = await scenery(t, { apps: {} });
  const policies = join(folder, 'policies');
  for (const name of ['policies', 'certs', 'pages']) mkdirSync(join(folder, name));
  for (const name of ['sp.key', 'sp.crt', 'idp.xml'])
    writeFileSync(join(folder, 'certs', name), readFileSync(join(folder, name)), { mode: 0o600 });
  writeFileSync(join(folder, 'pages/logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const sections = ['administration', 'audit', 'nodes', 'pages', 'tracing'].map((page) => yamlOf(`${page}.md`));
  t.deepEqual(
    sections.map(({ length }) => length),
    [1, 1, 1, 1, 1],
  );
  const rest = `publicUrl: https://login.example.com
saml: { keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }] }
identityProviders: [{ name: corp, metadata: ../certs/idp.xml }]
`;
  const shown = sections.join('').replace(/^sessions:\n/m, '$&  secret: "${env:SECRET}"\n');
  writeFileSync(join(policies, 'gateway.yaml'), `${rest}${shown}`);
  writeFileSync(
    join(policies, 'wiki.yaml'),
    'app: wiki\nhosts: [wiki.example.com]\nupstream: http://10.0.0.1\naccess: [{ allow: anyone }]\n',
  );
  const loaded = loadConfiguration(
    policies,
    { SECRET: 'a'.repeat(64), REDIS_PASSWORD: 'b', OTLP_AUTHORIZATION: 'c' },
    { idpMetadata: () => undefined, template: () => undefined, certificates: () => [] },
  );
  t.deepEqual('faults' in loaded ? loaded.faults : [], []);
});

test('docs/metrics.md names every alert, every metric and every outcome of a goodbye', async (t) => {
  const text = readFileSync(join(docs, 'metrics.md'), 'utf8');
  const alerts = readFileSync(join(docs, '../deploy/alerts.yaml'), 'utf8');
  const metrics = openMetrics({ apps: [], identityProviders: [] }, { ofProcess: false });
  const configuration = () => ({ goodAt: 0 as EpochMs, isFaulty: false });
  const none = { configuration, certificates: () => [], metadata: () => [], holdsLease: undefined };
  metrics.watch({ sessions: { count: () => Promise.resolve(0) }, live: { count: () => 0 }, ...none });
  const named = (pattern: RegExp, source: string) => [...source.matchAll(pattern)].map(([, name = '']) => name);
  const all = [...named(/alert: (\w+)/g, alerts), ...named(/^# TYPE (\w+)/gm, await metrics.text())];
  t.true(all.length > 30);
  for (const name of all) t.true(text.includes(`\`${name}\``), name);
  for (const name of new Set(named(/`((?:Curfew|curfew_)\w+)`/g, text)))
    t.true(all.includes(name) || name.startsWith('curfew_worker'), name);
  const failures: Record<GoodbyeFailure, true> = {
    ...{ refused: true, unreachable: true, certificate: true, 'broken-off': true, timeout: true, 'too-long': true },
    ...{ 'too-many-redirects': true, unsendable: true, status: true, 'nothing-to-follow': true },
    ...{ 'several-to-follow': true, 'leads-outside': true, unexpected: true },
  };
  for (const outcome of Object.keys(failures)) t.true(text.includes(`\`${outcome}\``), outcome);
});

test('every file and test that the threat model, the limits and the architecture name is there, and every page is in the index', (t) => {
  const top = join(docs, '..');
  const tests = readdirSync(join(top, 'test'), { recursive: true, encoding: 'utf8' });
  const texts = ['threat-model.md', 'architecture.md', 'limits.md'].map((name) =>
    readFileSync(join(docs, name), 'utf8'),
  );
  // A file without its folder is told apart from a word by the sentence around it, and not here.
  const named = [...texts.join('').matchAll(/`([\w-]+\/[\w/-]+\.(?:test\.)?ts|[\w-]+\.test\.ts)`/g)].map(
    ([, name = '']) => name,
  );
  t.true(named.length > 60);
  for (const name of named) {
    const isThere = name.endsWith('.test.ts')
      ? tests.some((one) => one === name.replace(/^test\//, '') || one.endsWith(`/${name}`))
      : [join(top, name), join(top, 'gateway', name)].some((path) => existsSync(path));
    t.true(isThere, name);
  }
  const index = readFileSync(join(docs, 'README.md'), 'utf8');
  for (const page of readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'README.md'))
    t.true(index.includes(`(${page})`), `docs/README.md does not lead to ${page}`);
});

test('every link in every page leads to something, and to a heading where it names one', (t) => {
  const top = join(docs, '..');
  const pages = [
    ...['README.md', 'SECURITY.md', 'CHANGELOG.md'].map((name) => join(top, name)),
    ...readdirSync(docs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(docs, name)),
  ];
  const prose = (page: string): string => readFileSync(page, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const anchors = (page: string): string[] =>
    [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    );
  let checked = 0;
  for (const page of pages)
    for (const [, file = '', anchor] of prose(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const target = file === '' ? page : join(page, '..', file);
      t.true(existsSync(target), `${page}: ${file}`);
      if (anchor !== undefined && target.endsWith('.md'))
        t.true(anchors(target).includes(anchor), `${page}: #${anchor}`);
      checked += 1;
    }
  t.true(checked > 150, `${checked}`);
});
