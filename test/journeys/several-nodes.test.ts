// Several nodes over one Redis: what one ends, all have ended before Success is said (P1, P8, P12).

import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { redisKeys } from '../../gateway/sessions/redis-keys.ts';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, stage } from '../support/gateway.ts';
import { inbox } from '../support/inbox.ts';
import { postSoap, soapCodes, soapFor, SUCCESS, type Answer } from '../support/logout-requests.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { furtherNode, untilReady } from '../support/nodes.ts';
import { startRedis } from '../support/redis.ts';
import { networkTo } from '../support/network.ts';
import { startUpstream } from '../support/upstream.ts';
import { endlessApp } from './endless-app.ts';

const law = needing('redis-server');
const redis = missing(['redis-server']).length === 0 ? await startRedis() : undefined;
test.after.always(() => redis?.close());

let prefixes = 0;
/** As short as it may be. */
const LEASE_MS = 500;
/** Each test has keys of its own. */
const options = (address = redis?.url ?? '', leaseMs = LEASE_MS) => {
  prefixes += 1;
  return { store: address, sessions: `  lease: ${leaseMs}ms\n  redis: { prefix: journey${prefixes} }` };
};

/** As if a node had known this run of Redis for a lease: a logout waits for that, in case Redis has just lost something (P1). */
async function knowRun(prefix: string): Promise<void> {
  const [, run = ''] = /run_id:(\w+)/.exec((await redis?.ask('INFO', 'server')) ?? '') ?? [];
  await redis?.ask('SET', redisKeys(prefix).run, run);
}

const answer = async (browser: Browser, url: string): Promise<readonly [number, string | undefined]> => {
  const page: Page = await browser.request(url);
  return [page.status, page.headers['x-curfew'] as string | undefined];
};

law('a logout at one node ends the session at every node, with its connections, before Success (P1, P8)', async (t) => {
  const app = await endlessApp(t);
  const leaseMs = 20_000;
  const kept = options(redis?.url, leaseMs);
  await knowRun(`journey${prefixes}`);
  const scene = await stage(t, { upstream: app.upstream, ...kept });
  const [b, c] = [await furtherNode(t, scene), await furtherNode(t, scene)];
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  for (const node of [scene, b, c]) t.is((await browser.request(node.at('wiki', '/plain'))).status, 200);
  const socket = await browser.openWebSocket(c.at('wiki', '/socket'));
  socket.send('hello');
  t.is(await socket.next(), 'echo hello');
  let isCut = false;
  void socket.closed.then(() => (isCut = true));

  const begunAt = performance.now();
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.true(performance.now() - begunAt < leaseMs, 'nobody waited for a lease');
  t.is(c.running.parts.doors.live.count(), 0);
  for (const node of [scene, b, c]) t.is((await answer(browser, node.at('wiki', '/plain')))[0], 303);
  t.true(isCut);
});

law(
  'a node that Redis is cut off from serves nobody once Success is said, which waits for its lease only (P1, P12)',
  async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, { upstream: app.upstream, ...options() });
    const network = await networkTo(() => redis?.port ?? 0);
    t.teardown(() => network.close());
    const far = await furtherNode(t, scene, `redis://127.0.0.1:${network.port}`);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const socket = await browser.openWebSocket(far.at('wiki', '/socket'));
    socket.send('hello');
    t.is(await socket.next(), 'echo hello');
    t.is((await browser.request(far.at('wiki', '/plain'))).status, 200);

    network.hold();
    const begunAt = performance.now();
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
    const tookMs = performance.now() - begunAt;
    t.true(tookMs < 10 * LEASE_MS, `took ${tookMs}`);
    t.is(far.running.parts.doors.live.count(), 0);
    t.deepEqual(await answer(browser, far.at('wiki', '/plain')), [503, 'SESSIONS_REDIS_UNREACHABLE']);
    network.heal();
    await untilReady(() => far.running.parts.checks.store());
    t.is((await answer(browser, far.at('wiki', '/plain')))[0], 303);
  },
);

law('while Redis is away nobody is served for longer than the lease, and sessions survive (P12, P13)', async (t) => {
  const own = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  t.teardown(() => own.close());
  const scene = await stage(t, options(own.url));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await own.kill();
  const killedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const [status, code] = await answer(browser, scene.at('wiki'));
    if (status !== 200) {
      t.deepEqual([status, code], [503, 'SESSIONS_REDIS_UNREACHABLE']);
      break;
    }
    t.true(askedAt - killedAt < LEASE_MS);
  }
  const refused = await browser.request(scene.at('wiki'));
  t.is(refused.headers['retry-after'], '5');
  t.is((await postSoap(scene, soapFor(scene, 'alice'))).headers['x-curfew'], 'SESSIONS_REDIS_UNREACHABLE');
  await own.start();
  await untilReady(() => scene.running.parts.checks.store());
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});

const CALLED = `${OPEN('wiki')}signOut: { call: { method: GET, path: /bye }, deadline: 10s, required: true }
`;

/** An app whose goodbye waits for the test; every other answer sets a cookie. */
async function slowGoodbye(t: ExecutionContext) {
  const byes = inbox<ServerResponse>('goodbye');
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/bye') byes.put(response);
    else response.setHeader('set-cookie', 'SID=1').end('ok');
  });
  t.teardown(() => upstream.close());
  return { upstream, byes, said: () => upstream.requests.filter(({ url }) => url === '/bye').length };
}

law(
  'a logout at a second node waits for the goodbye that the first has under way, and repeats none (P1, P5, P7)',
  async (t) => {
    const { upstream, byes, said } = await slowGoodbye(t);
    const scene = await stage(t, { upstream, apps: { wiki: CALLED }, ...options() });
    const b = await furtherNode(t, scene);
    const atB = { ...scene, url: `http://login.test:${b.port}` };
    await scene.signedIn('alice', scene.at('wiki'));
    const [same, other] = [soapFor(scene, 'alice'), soapFor(scene, 'alice')];
    const answered: string[] = [];
    const note = (name: string, answer: Promise<Answer>): Promise<Answer> => {
      void answer.then(() => answered.push(name));
      return answer;
    };
    const first = note('first', postSoap(scene, same));
    const bye = await byes.next();
    const again = note('again', postSoap(atB, same));
    const another = note('another', postSoap(atB, other));
    // Time enough for either to be answered, were it not to wait.
    await Promise.race([again, another, pause(300)]);
    t.deepEqual(answered, []);
    bye.end('gone');
    for (const answer of await Promise.all([first, again, another])) t.deepEqual(soapCodes(scene, answer), SUCCESS);
    t.is(said(), 1);
    const logouts = [...scene.audit, ...b.audit].filter(({ event }) => event === 'logout-request');
    t.deepEqual(logouts.map((line) => 'repeated' in line && line.repeated).sort(), [false, false, true]);
  },
);

law('a cookie that an app sets through one node is sent by another on the very next request (P7)', async (t) => {
  const upstream = await startUpstream((request, response) => {
    const [, value] = /^\/set\/(\d+)/.exec(request.url ?? '') ?? [];
    if (value !== undefined) response.setHeader('set-cookie', `SID=${value}; Path=/`);
    response.end(request.headers.cookie ?? 'none');
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, ...options() });
  const b = await furtherNode(t, scene);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  t.is((await browser.request(b.at('wiki', '/read'))).body, 'none');
  for (let turn = 1; turn <= 20; turn += 1) {
    const [here, there] = turn % 2 === 0 ? [scene, b] : [b, scene];
    const set = await browser.request(here.at('wiki', `/set/${turn}`));
    t.is(set.status, 200);
    t.is((await browser.request(there.at('wiki', '/read'))).body, `SID=${turn}`);
  }
  t.false(upstream.requests.some(({ rawHeaders }) => rawHeaders.some((field) => field.includes('curfew'))));
});

law(
  'a session in a form of another version keeps a logout from Success until a node ends it (P1, docs/nodes.md)',
  async (t) => {
    const { store, sessions } = options();
    const scene = await stage(t, { store, sessions });
    const b = await furtherNode(t, scene);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const ask = async (...words: readonly string[]): Promise<string> => (await redis?.ask(...words)) ?? '';
    const prefix = /prefix: (\w+)/.exec(sessions)?.[1];
    const [key = ''] = /\{.*/.exec(await ask('KEYS', `{${prefix}}:session:*`)) ?? [];
    const form = (version: string): Promise<string> => ask('SETRANGE', key, '0', version);
    await form('2');
    const request = soapFor(scene, 'alice');
    const atB = { ...scene, url: `http://login.test:${b.port}` };
    const refused = await postSoap(atB, request);
    t.deepEqual([refused.status, refused.headers['x-curfew']], [503, 'SESSIONS_REDIS_FOREIGN']);
    await form('1');
    t.is((await browser.request(scene.at('wiki'))).status, 200, 'it lived on where it can be read');
    t.deepEqual(soapCodes(scene, await postSoap(scene, request)), SUCCESS);
    t.is((await browser.request(scene.at('wiki'))).status, 303);
  },
);

law('a cookie set while Redis is away is sent by every node when it is back (P7, P13)', async (t) => {
  const network = await networkTo(() => redis?.port ?? 0);
  t.teardown(() => network.close());
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/set') {
      network.cut();
      response.setHeader('set-cookie', 'SID=1; Path=/');
    }
    response.end(request.headers.cookie ?? 'none');
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, ...options() });
  const far = await furtherNode(t, scene, `redis://127.0.0.1:${network.port}`);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  t.is((await browser.request(far.at('wiki', '/read'))).body, 'none');
  t.is((await browser.request(far.at('wiki', '/set'))).status, 200);
  t.is((await browser.request(scene.at('wiki', '/read'))).body, 'none', 'nobody else can know yet');
  network.heal();
  await untilReady(() => far.running.parts.checks.store());
  t.is((await browser.request(far.at('wiki', '/read'))).body, 'SID=1');
  await untilReady(() => {
    const isWritten = far.lines.some(({ event }) => event === 'cookies-written-late');
    return isWritten ? Promise.resolve() : Promise.reject(new Error('not yet'));
  });
  t.is((await browser.request(scene.at('wiki', '/read'))).body, 'SID=1');
});
