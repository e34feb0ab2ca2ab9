// Nodes as processes of their own, stopped in the middle (SIGSTOP) and killed (P1, P7, P8).

import { connect } from 'node:net';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { openBrowser, type Browser } from '../support/browser.ts';
import { OPEN, scenery, signIn, type Scenery, type Stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { nodeProcess, untilReady } from '../support/nodes.ts';
import { inbox } from '../support/inbox.ts';
import { startRedis } from '../support/redis.ts';
import { startUpstream } from '../support/upstream.ts';
import type { Serving } from './child.ts';
import { endlessApp } from './endless-app.ts';

const law = needing('redis-server');
const redis = missing(['redis-server']).length === 0 ? await startRedis() : undefined;
test.after.always(() => redis?.close());

const LEASE_MS = 1000;

interface Play extends Scenery {
  readonly browser: Browser;
  readonly nodes: readonly (Serving & { readonly port: number })[];
  readonly at: (node: number, path: string) => string;
  /** Sends a LogoutRequest to a node and answers with the status and how long it took. */
  readonly logout: (node: number) => Promise<{ readonly status: number; readonly body: string; readonly ms: number }>;
}

async function play(t: ExecutionContext, prefix: string, options: Parameters<typeof scenery>[1] = {}): Promise<Play> {
  const scene = await scenery(t, {
    ...options,
    store: redis?.url ?? '',
    sessions: `  lease: 1s\n  redis: { prefix: ${prefix} }`,
  });
  // The first has the public host's port.
  const nodes = await Promise.all([nodeProcess(t, scene, scene.port), nodeProcess(t, scene)]);
  const at = (node: number, path: string): string => `http://wiki.test:${nodes[node]?.port}${path}`;
  const browser = openBrowser();
  t.teardown(() => browser.close());
  scene.idp.registerServiceProvider((await browser.request(`${scene.url}/saml/metadata`)).body);
  const logout: Play['logout'] = async (node) => {
    const stageLike = { ...scene, clock: { now: () => Date.now() } } as unknown as Stage;
    const begunAt = performance.now();
    const there = { ...stageLike, url: `http://login.test:${nodes[node]?.port}` };
    const { status, body } = await postSoap(there, soapFor(stageLike, 'alice'));
    return { status, body, ms: performance.now() - begunAt };
  };
  return { ...scene, browser, nodes, at, logout };
}

law(
  'a node that is stopped costs a logout its lease, and serves and passes nothing when it wakes (P1, P8)',
  async (t) => {
    const app = await endlessApp(t);
    const scene = await play(t, 'stopped', { upstream: app.upstream });
    const { browser, at, nodes } = scene;
    await signIn(browser, 'alice', at(0, '/plain'));
    t.is((await browser.request(at(1, '/plain'))).status, 200);
    const socket = await browser.openWebSocket(at(1, '/socket'));
    socket.send('hello');
    t.is(await socket.next(), 'echo hello');
    let isCut = false;
    void socket.closed.then(() => (isCut = true));

    const pid = nodes[1]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    t.teardown(() => process.kill(pid, 'SIGCONT'));
    const before = app.upstream.requests.length;
    // In the socket's buffer before the logout: the node finds it there when it wakes, before any timer of its has run.
    socket.send('sent while it was stopped');
    const cookie = browser.cookies('wiki.test').map(({ name, value }) => `${name}=${value}`);
    const late = connect(nodes[1]?.port ?? 0, '127.0.0.1');
    await once(late, 'connect');
    late.on('error', () => {});
    late.write(`GET /plain HTTP/1.1\r\nHost: wiki.test\r\nCookie: ${cookie.join('; ')}\r\nConnection: close\r\n\r\n`);

    const { status, body, ms } = await scene.logout(0);
    t.is(status, 200);
    t.regex(body, /status:Success/);
    t.true(ms < 5 * LEASE_MS, `took ${ms}`);
    process.kill(pid, 'SIGCONT');
    const [bytes] = (await once(late, 'data')) as [Buffer];
    t.regex(bytes.toString(), /^HTTP\/1\.1 (?:303|401|503) /);
    await socket.closed;
    t.true(isCut);
    t.is(app.upstream.requests.length, before);
    t.deepEqual(app.heard, ['hello']);
    await t.throwsAsync(socket.next());
  },
);

law('the goodbye of a node that is killed in the middle is said by another within seconds (P7)', async (t) => {
  const byes = inbox<string>('goodbye');
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/bye') byes.put(String(request.headers.cookie));
    else response.setHeader('set-cookie', 'SID=1').end('ok');
  });
  t.teardown(() => upstream.close());
  const wiki = `${OPEN('wiki')}signOut: { call: { method: GET, path: /bye }, deadline: 3s }\n`;
  const scene = await play(t, 'killed', { upstream, apps: { wiki } });
  await signIn(scene.browser, 'alice', scene.at(0, '/'));
  const logout = scene.logout(1).catch(() => 'cut');
  t.is(await byes.next(), 'SID=1');
  await scene.nodes[1]?.stop('SIGKILL');
  const killedAt = performance.now();
  t.is(await logout, 'cut');
  t.is(await byes.next(), 'SID=1');
  t.true(performance.now() - killedAt < 10 * LEASE_MS);
});

law('an app that nobody could tell after a node was killed is no Success at another (P1)', async (t) => {
  const byes = inbox<ServerResponse>('goodbye');
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/bye') byes.put(response);
    else response.setHeader('set-cookie', 'SID=1').end('ok');
  });
  t.teardown(() => upstream.close());
  const wiki = `${OPEN('wiki')}signOut: { call: { method: GET, path: /bye }, deadline: 3s, required: true }\n`;
  const scene = await play(t, 'untold', { upstream, apps: { wiki } });
  await signIn(scene.browser, 'alice', scene.at(0, '/'));
  const logout = scene.logout(1).catch(() => 'cut');
  await byes.next();
  await scene.nodes[1]?.stop('SIGKILL');
  t.is(await logout, 'cut');
  (await byes.next()).writeHead(500).end();
  // Over to the last: whoever asks now finds nothing of the session.
  await untilReady(async () => {
    const isLeft = (await redis?.ask('EXISTS', '{untold}:unfinished')) ?? '';
    if (!isLeft.includes(':0')) throw new Error(isLeft);
  });
  t.regex((await scene.logout(0)).body, /status:PartialLogout/);
  t.regex((await scene.logout(0)).body, /status:Success/, 'it has been said');
});
