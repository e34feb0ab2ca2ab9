// `serve --workers N`: several processes behind one address, each a node, and one that watches over them.

import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { openBrowser, type Browser } from '../support/browser.ts';
import type { BrowserSocket } from '../support/browser-socket.ts';
import { OPEN, scenery, signIn, type Scenery, type StageOptions } from '../support/gateway.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { untilReady } from '../support/nodes.ts';
import { startRedis } from '../support/redis.ts';
import { curfew, serving, type Serving } from './child.ts';
import { endlessApp } from './endless-app.ts';

const law = needing('redis-server');
const redis = missing(['redis-server']).length === 0 ? await startRedis() : undefined;
test.after.always(() => redis?.close());

let prefixes = 0;
const options = (more: StageOptions = {}): StageOptions => {
  prefixes += 1;
  const sessions = `  lease: 1s\n  redis: { prefix: workers${prefixes} }`;
  return { apps: { wiki: OPEN('wiki') }, store: redis?.url ?? '', sessions, ...more };
};

interface Several extends Scenery {
  readonly child: Serving;
  readonly browser: Browser;
  readonly at: (path?: string) => string;
  /** A request over a connection of its own, so that the workers take turns. */
  readonly ask: (path?: string) => Promise<number>;
  readonly logout: () => Promise<readonly string[]>;
  readonly admin: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
}

async function several(t: ExecutionContext, more: StageOptions = {}): Promise<Several> {
  const scene = await scenery(t, options(more));
  const child = await serving(t, scene.folder, [], {}, ['--workers', '2']);
  const browser = openBrowser();
  t.teardown(() => browser.close());
  const admin = async (path: string): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await fetch(`${child.admin}${path}`, { headers: { connection: 'close' } });
    return { status: answer.status, text: await answer.text() };
  };
  await untilReady(async () => {
    const { status, text } = await admin('/readyz');
    if (status !== 200) throw new Error(text);
  });
  scene.idp.registerServiceProvider((await browser.request(`${scene.url}/saml/metadata`)).body);
  const at = (path = '/'): string => `http://wiki.test:${scene.port}${path}`;
  return {
    ...scene,
    ...{ child, browser, at, admin },
    ask: async (path) => (await browser.request(at(path), { mode: 'fetch', headers: { connection: 'close' } })).status,
    logout: async () =>
      (await scene.idp.signOutEverywhere('alice'))[0]?.codes.map((code) => code.split(':').at(-1) ?? '') ?? [],
  };
}

/** Looks until it is so, for twenty seconds. */
async function until(isSo: () => boolean): Promise<void> {
  for (let left = 1000; !isSo(); left -= 1) {
    if (left === 0) throw new Error(`not so within 20 s: ${isSo.toString()}`);
    await pause(20);
  }
}

/** The workers' process numbers, as Linux tells them. */
const workersOf = ({ pid }: Serving): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const linesOf = ({ lines }: Serving, event: string) => lines.filter((line) => line['event'] === event);

const served = (child: Serving): Set<unknown> =>
  new Set(
    linesOf(child, 'request')
      .filter(({ outcome }) => outcome === 200)
      .map(({ worker }) => worker),
  );

law('a session that one worker began is served by all, and ended at all before Success (P1, P8)', async (t) => {
  const app = await endlessApp(t);
  const { browser, at, ask, logout, child, admin } = await several(t, { upstream: app.upstream });
  await signIn(browser, 'alice', at());
  while (served(child).size < 2)
    for (const status of await Promise.all([1, 2, 3, 4].map(() => ask('/plain')))) t.is(status, 200);
  const sockets: BrowserSocket[] = [];
  // Whichever worker answers tells of its own: some are here and some there.
  for (let isAtBoth = false; !isAtBoth;) {
    sockets.push(await browser.openWebSocket(at('/socket')), await browser.openWebSocket(at('/socket')));
    const { sessions } = JSON.parse((await admin('/sessions')).text) as { sessions: { connections: number }[] };
    const here = sessions[0]?.connections ?? 0;
    isAtBoth = here > 0 && here < sockets.length;
  }
  t.is(app.webSockets(), sockets.length);
  t.deepEqual(await logout(), ['Success']);
  for (let turn = 0; turn < 4; turn += 1) t.is(await ask('/plain'), 401);
  for (const socket of sockets) await socket.closed;
  await until(() => app.webSockets() === 0);
});

law('a worker that is killed under load is started anew, and no session is lost (P13)', async (t) => {
  const { browser, at, ask, logout, child, admin } = await several(t);
  await signIn(browser, 'alice', at());
  const [first = 0] = workersOf(child);
  const answers: number[] = [];
  let isOver = false;
  t.teardown(() => (isOver = true));
  const asking = [1, 2, 3].map(async () => {
    while (!isOver) answers.push(await ask().catch(() => 0));
  });
  await until(() => answers.length > 30);
  const before = requestsIn((await admin('/metrics')).text);
  t.true(before > 20);
  process.kill(first, 'SIGKILL');
  await until(() => linesOf(child, 'worker-restarted').length === 1);
  const since = answers.length;
  await until(() => answers.length > since + 30);
  isOver = true;
  await Promise.all(asking);
  t.true(answers.filter((status) => status !== 200).length <= 3, 'more than what was under way has failed');
  t.deepEqual(new Set(answers.slice(since + 3)), new Set([200]));
  t.is(workersOf(child).length, 2);
  t.false(workersOf(child).includes(first));
  const { text } = await admin('/metrics');
  t.true(requestsIn(text) > before, 'what the dead one had counted is gone from the sums');
  t.regex(text, /^curfew_worker_restarts_total 1$/m);
  t.regex(text, /^curfew_workers_serving 2$/m);
  t.deepEqual(await logout(), ['Success']);
  t.is(await ask(), 401);
});

const requestsIn = (metrics: string): number =>
  Number(/^curfew_request_duration_seconds_count\{app="wiki",class="2xx"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);

law('whichever worker an operator meets answers for all of them', async (t) => {
  const { browser, at, ask, admin, child } = await several(t);
  await signIn(browser, 'alice', at());
  for (let turn = 0; turn < 9; turn += 1) await ask();
  for (let turn = 0; turn < 4; turn += 1) {
    const { text } = await admin('/metrics');
    t.is(requestsIn(text), 10);
    t.regex(text, /^curfew_sessions 1$/m);
    t.regex(text, /^curfew_lease_held 1$/m);
    t.regex(text, /^curfew_sign_ins_total\{idp="corp"\} 1$/m);
    const ready = JSON.parse((await admin('/readyz')).text) as object;
    t.like(ready, { ready: true, sessions: 1, workers: { serving: 2, of: 2 } });
  }
  const ended = await fetch(`${child.admin}/logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"nameId":"alice@example.test"}',
  });
  t.is(((await ended.json()) as { ended: unknown[] }).ended.length, 1);
  t.is(await ask(), 401);
  for (let turn = 0; turn < 4; turn += 1) {
    const { text } = await admin('/sessions');
    t.is((JSON.parse(text) as { logouts: unknown[] }).logouts.length, 1, 'a worker has not heard of the logout');
  }
});

law('SIGTERM has every worker say that it stops, finish what is under way, and leave (exit 0)', async (t) => {
  const app = await endlessApp(t);
  const { child, admin, ask } = await several(t, {
    upstream: app.upstream,
    gateway: 'shutdown: { drain: 1s, finish: 5s }',
  });
  const answers = [1, 2, 3, 4].map(() => ask('/public/slow'));
  const held = [await app.held.next(), await app.held.next(), await app.held.next(), await app.held.next()];
  const gone = child.stop('SIGTERM');
  await untilReady(async () => {
    const { status, text } = await admin('/readyz');
    if (status !== 503 || !text.includes('stopping')) throw new Error(text);
  });
  for (const response of held) response.end('finished');
  t.deepEqual(await Promise.all(answers), [200, 200, 200, 200]);
  t.is(await gone, 0);
  t.is(linesOf(child, 'stopping').length, 1);
  t.is(linesOf(child, 'listening').length, 1);
  t.is(linesOf(child, 'configured').length, 1);
});

law('each worker writes an audit file of its own, and each is a chain (docs/audit.md)', async (t) => {
  const { child, browser, at, logout, folder } = await several(t, { gateway: 'audit: { file: audit.jsonl }' });
  await signIn(browser, 'alice', at());
  t.deepEqual(await logout(), ['Success']);
  t.is(await child.stop('SIGINT'), 0);
  const files = [1, 2].map((number) => join(folder, `audit.${number}.jsonl`));
  for (const file of files) t.is((await curfew(t, 'audit', 'verify', file, '--policies', folder)).code, 0);
  const texts = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  for (const event of ['sign-in', 'session-ended', 'logout-request'])
    t.is(texts.split(`"event":"${event}"`).length, 2, event);
});

law('a worker finds no sound configuration: the others serve on, and the fault is said once', async (t) => {
  const { browser, at, ask, child, folder } = await several(t);
  await signIn(browser, 'alice', at());
  const file = join(folder, 'wiki.yaml');
  const sound = await readFile(file, 'utf8');
  await writeFile(file, sound.replace('access:', 'acess:'));
  const [first = 0] = workersOf(child);
  process.kill(first, 'SIGKILL');
  await until(() => linesOf(child, 'worker-died').length >= 3);
  for (let turn = 0; turn < 4; turn += 1) t.is(await ask(), 200);
  await writeFile(file, sound);
  await until(() => linesOf(child, 'worker-restarted').length === 1);
  t.is(workersOf(child).length, 2);
});

law('a worker that would keep its sessions elsewhere is not started beside the others (P1)', async (t) => {
  const { browser, at, ask, logout, child, folder } = await several(t);
  await signIn(browser, 'alice', at());
  const file = join(folder, 'gateway.yaml');
  const before = await readFile(file, 'utf8');
  await writeFile(file, before.replace('prefix: workers', 'prefix: elsewhere'));
  const [first = 0] = workersOf(child);
  process.kill(first, 'SIGKILL');
  await until(() => linesOf(child, 'worker-died').length >= 3);
  t.is(workersOf(child).length, 1);
  t.is(child.complaints().split('sessions.redis').length, 2, child.complaints());
  for (let turn = 0; turn < 4; turn += 1) t.is(await ask(), 200);
  t.deepEqual(await logout(), ['Success']);
  await writeFile(file, before);
  await until(() => linesOf(child, 'worker-restarted').length === 1);
  t.is(await ask(), 401);
});

law('a reload that is asked for while a worker starts reaches that one as well', async (t) => {
  let metadata = '';
  let held: (() => void) | undefined;
  let isHolding = false;
  const server = createServer((_, response) => {
    if (isHolding) held = () => response.end(metadata);
    else response.end(metadata);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { ask, child, folder } = await several(t, {
    gateway: 'reload: { onChange: false }',
    metadata: (xml) => (metadata = xml),
    metadataAt: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  });
  isHolding = true;
  const [first = 0] = workersOf(child);
  process.kill(first, 'SIGKILL');
  // By then it has read the policies.
  await until(() => held !== undefined);
  const file = join(folder, 'wiki.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('/public/**', '/elsewhere/**'));
  process.kill(child.pid, 'SIGHUP');
  await until(() => linesOf(child, 'configuration-reloaded').length === 1);
  isHolding = false;
  held?.();
  await until(() => linesOf(child, 'configuration-reloaded').length === 2);
  for (let turn = 0; turn < 8; turn += 1) t.is(await ask('/public/x'), 401);
});

law(
  'SIGHUP and POST /reload reach every worker, and one that is started anew afterwards is like the others',
  async (t) => {
    const { child, browser, folder, upstream, admin, port } = await several(t, {
      gateway: 'reload: { onChange: false }',
    });
    const reloads = () => linesOf(child, 'configuration-reloaded');
    const add = (app: string) =>
      writeFile(join(folder, `${app}.yaml`), OPEN(app).replaceAll('${UPSTREAM}', upstream.url));
    await add('second');
    process.kill(child.pid, 'SIGHUP');
    await until(() => reloads().length === 2);
    await add('third');
    const asked = await fetch(`${child.admin}/reload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
    });
    t.is(asked.status, 200);
    await until(() => reloads().length === 4);
    t.deepEqual(
      reloads()
        .map(({ worker }) => Number(worker))
        .sort(),
      [1, 1, 2, 2],
    );
    const [first = 0] = workersOf(child);
    process.kill(first, 'SIGKILL');
    await until(() => linesOf(child, 'worker-restarted').length === 1);
    t.is(linesOf(child, 'worker-configured-otherwise').length, 0);
    for (let turn = 0; turn < 4; turn += 1) {
      const third = `http://third.test:${port}/public/x`;
      t.is((await browser.request(third, { headers: { connection: 'close' } })).status, 200);
    }
    // One that is started from files the others have not taken over is named.
    await add('fourth');
    const [second = 0] = workersOf(child);
    process.kill(second, 'SIGKILL');
    await until(() => linesOf(child, 'worker-restarted').length === 2);
    t.is(linesOf(child, 'worker-configured-otherwise').length, 1);
    t.regex((await admin('/readyz')).text, /"of": ?2/);
  },
);

law('what stands in the way of the start is said once, with the exit code of one process', async (t) => {
  const scene = await scenery(t, options());
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(scene.port, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { code, complaints } = await curfew(t, 'serve', '--policies', scene.folder, '--workers', '3');
  t.is(code, 1);
  t.is(complaints.split('another program listens there').length, 2, complaints);
});

test('several workers on a store of one process are a fault, for check and serve alike (P1)', async (t) => {
  const { folder } = await scenery(t);
  for (const command of ['check', 'serve']) {
    const { code, complaints } = await curfew(t, command, '--policies', folder, '--workers', '2');
    t.is(code, 2);
    t.regex(complaints, /^1 fault, nothing was started\n--workers +asks for 2 processes, and sessions\.store \("file:/);
  }
});
