// The image: the Dockerfile's own commands in clean trees, and what they make started as it would be, sealed and as nobody in particular.
// `npm ci` takes the packages from npm's cache or its registry.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { openBrowser } from '../support/browser.ts';
import { scenery } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { readDockerfile, readImage, TOP, type Stage } from './dockerfile.ts';
import { newTree, runWithin, startWithin, type Within } from './tree.ts';

const image = readImage();

test('the image runs as a user that is known by number, is told to stop by SIGTERM, and names its programs without a shell', (t) => {
  t.regex(image.user, /^[1-9]\d*:[1-9]\d*$/);
  t.is(image.stopSignal, 'SIGTERM');
  t.is(image.command[0], 'node');
  t.is(image.command.at(-1), 'serve');
  t.is(image.health[0], 'node');
  t.is(image.env['NODE_ENV'], 'production');
  for (const { from } of readDockerfile()) t.is(from, 'node:24-slim');
});

test('the ports of the image are those of listen, as docs/configuration.md shows them', (t) => {
  const { properties } = JSON.parse(readFileSync(join(TOP, 'policies/schema/gateway.schema.json'), 'utf8')) as {
    properties: { listen: { properties: Record<string, { examples?: string[]; default?: string }> } };
  };
  const ports = Object.values(properties.listen.properties).map((one) =>
    Number((one.default ?? one.examples?.[0])?.split(':').at(-1)),
  );
  t.deepEqual(image.ports.toSorted(), ports.toSorted());
  t.true(image.health.join(' ').includes('http://127.0.0.1:9090/healthz'));
});

test('what is no part of the gateway never gets near an image', (t) => {
  const lines = readFileSync(join(TOP, '.dockerignore'), 'utf8').split('\n');
  const [first, ...rest] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  t.is(first, '*');
  const copied = readDockerfile().flatMap(({ instructions }) =>
    instructions
      .filter(({ name, words }) => name === 'COPY' && !words.startsWith('--from'))
      .flatMap(({ words }) => words.split(' ').slice(0, -1)),
  );
  t.deepEqual(rest.toSorted(), [...new Set(copied)].map((name) => `!${name}`).toSorted());
});

test('compose.yaml and the README mount what the image looks for, seal the rest, and leave time to stop', (t) => {
  const { services } = parse(readFileSync(join(TOP, 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<string, { volumes: string[]; read_only: boolean; cap_drop: string[]; stop_grace_period: string }>;
  };
  for (const name of ['curfew-1', 'curfew-2']) {
    const { volumes = [], ...rest } = services[name] ?? {};
    t.deepEqual(
      volumes.map((one) => one.split(':')[1]),
      ['/policies', '/certs'],
    );
    t.like(rest, { read_only: true, cap_drop: ['ALL'], stop_grace_period: '30s' });
  }
  const [command = ''] = /^docker run .*$/m.exec(readFileSync(join(TOP, 'README.md'), 'utf8')) ?? [];
  t.deepEqual(
    [...command.matchAll(/-v \S+?:(\/\w+)/g)].map(([, at]) => at),
    ['/policies', '/certs', image.volume],
  );
  t.regex(command, /--read-only --cap-drop ALL/);
});

function npmSetting(name: string): string {
  return spawnSync('npm', ['config', 'get', name], { encoding: 'utf8' }).stdout.trim();
}

/** Does what a stage says, in a tree of its own. */
function build(t: ExecutionContext, stage: Stage, root: string, others: ReadonlyMap<string, string>): void {
  newTree(root);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ HOME: '/tmp', npm_config_cache: '/npm-cache', npm_config_registry: npmSetting('registry') },
  };
  let folder = '/';
  const cache = { from: npmSetting('cache'), at: '/npm-cache', isWritable: true };
  mkdirSync(cache.from, { recursive: true });
  for (const { name, words } of stage.instructions) {
    if (name === 'WORKDIR') {
      folder = words;
      mkdirSync(join(root, folder), { recursive: true });
    } else if (name === 'COPY') {
      const [, other, rest = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(words) ?? [];
      const names = rest.split(' ');
      const to = join(root, folder, names.pop() ?? '');
      const [from = TOP] = other === undefined ? [] : [others.get(other) ?? ''];
      const into = (one: string): string => (words.endsWith('./') ? join(to, basename(one)) : to);
      for (const one of names) cpSync(join(from, one), into(one), { recursive: true, verbatimSymlinks: true });
    } else if (name === 'RUN') {
      const { status, said } = runWithin({ root, folder, env, mounts: [cache] }, ['/bin/sh', '-c', words]);
      t.is(status, 0, `${words}\n${said}`);
    }
  }
}

needing('namespaces')(
  'what the Dockerfile makes serves from a tree that nobody can write to, without a shell and as its user, and stops on SIGTERM',
  async (t) => {
    const top = mkdtempSync(join(tmpdir(), 'curfew-image-'));
    t.teardown(() => rmSync(top, { recursive: true, force: true }));
    const trees = new Map<string, string>();
    for (const [at, stage] of readDockerfile().entries()) {
      const root = join(top, `stage${at}`);
      build(t, stage, root, trees);
      trees.set(stage.as ?? 'image', root);
    }
    const root = trees.get('image') ?? '';
    const packages = readdirSync(join(root, 'app/node_modules'));
    t.true(packages.includes('koa'));
    for (const name of ['ava', 'typescript', 'eslint', 'node']) t.false(packages.includes(name), name);
    t.false(existsSync(join(root, 'app/demo')));

    const { folder, port } = await scenery(t, { store: 'file:../data/curfew.db' });
    const policies = join(top, 'policies');
    cpSync(folder, policies, { recursive: true });
    chmodSync(policies, 0o755);
    const [uid = 0] = image.user.split(':').map(Number);
    const data = join(root, image.volume);
    t.is(statSync(data).uid, uid);
    const within: Within = {
      ...{ root, user: image.user, folder: image.folder, env: image.env, isSealed: true },
      mounts: [
        { from: data, at: image.volume, isWritable: true },
        { from: policies, at: '/policies' },
      ],
    };
    const child = startWithin(within, image.command);
    t.teardown(() => child.kill('SIGKILL'));
    const admin = await addressIn(child);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    t.regex(status, new RegExp(`^Uid:\\s${uid}\\s${uid}\\s${uid}\\s${uid}$`, 'm'));
    t.like(await (await fetch(`http://${admin}/readyz`)).json(), { ready: true });
    const browser = openBrowser();
    t.teardown(() => browser.close());
    t.is((await browser.request(`http://login.test:${port}/saml/metadata`)).status, 200);

    const health = image.health.map((word) => word.replace('127.0.0.1:9090', admin));
    t.deepEqual(runWithin(within, health), { status: 0, said: '' });
    const sick = image.health.map((word) => word.replace('127.0.0.1:9090', '127.0.0.1:1'));
    t.is(runWithin(within, sick).status, 1);
    const touch = (at: string) => runWithin(within, ['touch', `${at}/written`]).status;
    t.deepEqual([touch('/app'), touch('/tmp'), touch('/policies'), touch(image.volume)], [1, 1, 1, 0]);
    t.not(runWithin(within, ['sh', '-c', 'true']).status, 0);

    const gone = once(child, 'exit') as Promise<[number | null]>;
    child.kill(image.stopSignal as NodeJS.Signals);
    t.is((await gone)[0], 0);
    const { uid: owner, mode } = statSync(join(data, 'curfew.db'));
    t.deepEqual([owner, mode & 0o777], [uid, 0o600]);
  },
);

/** Where the admin address is, as the log says; rejects with what it says where it does not start. */
async function addressIn(child: ReturnType<typeof startWithin>): Promise<string> {
  const said: string[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString()));
  for await (const line of createInterface(child.stdout)) {
    const entry = JSON.parse(line) as Record<string, unknown>;
    if (entry['event'] === 'listening') return String(entry['admin']);
    said.push(line);
  }
  throw new Error(`it did not start: ${said.join('\n')}`);
}
