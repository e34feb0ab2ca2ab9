// Nothing stays open: what is under way for a session is cut on both ends before its end is answered (P8).

import { request as requestHttp } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import type { EndReason, SessionId } from '../../gateway/kernel/words.ts';
import type { Browser } from '../support/browser.ts';
import { toLoopback } from '../support/browser-request.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { formFor, post, postSoap, redirectFor, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { endlessApp, type EndlessApp } from './endless-app.ts';

const ALL = ['/download', '/events', '/socket', '/upload'];

/** Opens one of each and answers with the list of those that have ended at the browser's end. */
async function openAll(scene: Stage, browser: Browser, app: EndlessApp): Promise<string[]> {
  const ended: string[] = [];
  const note = (path: string): void => void ended.push(path);
  const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
  void socket.closed.then(() => note('/socket'));
  socket.send('hello');
  if ((await socket.next()) !== 'echo hello') throw new Error('no echo');
  for (const path of ['/events', '/download']) {
    const stream = await browser.openStream(scene.at('wiki', path));
    await stream.next();
    void stream.closed.then((how) => note(how === 'cut' ? path : `${path} ended as if it were whole`));
  }
  openUpload(scene, browser, note);
  await app.uploads.next();
  return ended;
}

function openUpload(scene: Stage, browser: Browser, note: (path: string) => void): void {
  const cookie = browser.cookies('wiki.test').map(({ name, value }) => `${name}=${value}`);
  const upload = requestHttp(scene.at('wiki', '/upload'), {
    method: 'POST',
    agent: false,
    lookup: toLoopback,
    headers: { cookie: cookie.join('; '), 'content-length': '1000000' },
  });
  upload.on('error', () => {});
  upload.on('close', () => note('/upload'));
  upload.write('first piece');
}

/** What the system has been told by now, this process hears within a turn or two of its loop. */
async function heard(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await turn();
}

for (const [how, logout] of [
  ['SOAP', (scene: Stage) => postSoap(scene, soapFor(scene, 'alice'))],
  ['a server’s form', (scene: Stage) => post(`${scene.url}/saml/slo`, formFor(scene, 'alice'))],
  ['Redirect', (scene: Stage) => scene.browser().request(redirectFor(scene, 'alice'))],
] as const) {
  test(`WebSocket, event stream, download and upload are cut on both ends before a LogoutRequest by ${how} is answered (P8)`, async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, { upstream: app.upstream });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const ended = await openAll(scene, browser, app);
    t.deepEqual([app.broken, ended], [[], []]);
    t.is(scene.running.parts.doors.live.count(), 4);
    const answer = await logout(scene);
    t.true(answer.status === 200 || answer.status === 302);
    await heard();
    t.deepEqual(ended.toSorted(), ALL);
    t.deepEqual(app.broken.toSorted(), ALL);
    t.is(scene.running.parts.doors.live.count(), 0);
    t.like(
      scene.audit.find(({ event }) => event === 'logout-request'),
      { connectionsCut: 4 },
    );
  });
}

for (const [reason, end] of [
  ['person', (scene, browser) => browser.visit(scene.at('wiki', '/.curfew/logout'))],
  ['administrator', ({ running }, _browser, id) => running.parts.endSession(id, { reason: 'administrator' })],
  ['idle', (scene) => later(scene, 31)],
  ['lifetime', (scene) => later(scene, 601)],
  ['replaced', ({ running }, _browser, id) => running.parts.endSession(id, { reason: 'replaced' })],
] as const satisfies readonly [EndReason, (scene: Stage, browser: Browser, id: SessionId) => Promise<unknown>][]) {
  test(`a session that ends by "${reason}" leaves nothing open on either side, and the audit line counts it (P8)`, async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, {
      upstream: app.upstream,
      idp: '    logout: { binding: none }',
      // So that the clock reaches the one before the other.
      sessions: `  idle: ${reason === 'lifetime' ? '24h' : '30m'}`,
    });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const begun = scene.audit.find((line) => line.event === 'sign-in');
    const ended = await openAll(scene, browser, app);
    t.is(scene.running.parts.doors.live.count(), 4);
    await end(scene, browser, begun?.session as SessionId);
    await heard();
    t.deepEqual(ended.toSorted(), ALL);
    t.deepEqual(app.broken.toSorted(), ALL);
    t.is(scene.running.parts.doors.live.count(), 0);
    const line = scene.audit.find(({ event }) => event === 'session-ended');
    t.like(line, { reason, connectionsCut: 4 });
  });
}

/** So many minutes pass, and the clock takes its turn. */
function later({ clock, running }: Stage, minutes: number): Promise<number> {
  clock.advance(minutes * 60_000);
  return running.parts.expire();
}

test('a person who leaves cuts what is open in every tab, and a colleague’s connections stay open (P8)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream, idp: '    logout: { binding: none }' });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const ended = await openAll(scene, alice, app);
  const bobs = await bob.openWebSocket(scene.at('wiki', '/socket'));
  await alice.visit(scene.at('wiki', '/.curfew/logout'));
  await heard();
  t.deepEqual(ended.toSorted(), ALL);
  bobs.send('still there');
  t.is(await bobs.next(), 'echo still there');
  t.is(app.webSockets(), 1);
});

test('one SessionIndex cuts the connections of its session and not those of the same person elsewhere (P3, P8)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const [here, there] = [
    await scene.signedIn('alice', scene.at('wiki')),
    await scene.signedIn('alice', scene.at('wiki')),
  ];
  const [mine, other] = [
    await here.openWebSocket(scene.at('wiki', '/socket')),
    await there.openWebSocket(scene.at('wiki', '/socket')),
  ];
  await postSoap(scene, soapFor(scene, 'alice', [scene.idp.sessions()[0]?.sessionIndex ?? '']));
  t.is((await mine.closed).code, 4401);
  other.send('on');
  t.is(await other.next(), 'echo on');
});

test('a WebSocket without a session is refused with 401 and the application hears nothing (P2)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const refused = await t.throwsAsync(scene.browser().openWebSocket(scene.at('wiki', '/socket')));
  t.like(refused, { name: 'UpgradeRefused', status: 401 });
  t.like(refused, { headers: { 'x-curfew': 'SIGN_IN_NEEDED' } });
  const elsewhere = await t.throwsAsync(scene.browser().openWebSocket(scene.at('nobody', '/socket')));
  t.like(elsewhere, { status: 404, headers: { 'x-curfew': 'HOST_UNKNOWN' } });
  t.is(app.upstream.requests.length, 0);
});

test('of fifty requests and upgrades that are under way while a logout comes, none stays open (P1, P8)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const counts = { opened: 0, refused: 0 };
  for (let round = 0; round < 4; round += 1) {
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const started = Array.from({ length: 50 }, async (_unused, at) => {
      const path = ['/socket', '/events', '/download'][at % 3] ?? '';
      // So that some are at the door, some before the application, some through.
      for (let turns = 0; turns < 4 * at; turns += 1) await turn();
      try {
        const open = await (path === '/socket'
          ? browser.openWebSocket(scene.at('wiki', path))
          : browser.openStream(scene.at('wiki', path)));
        const through = !('status' in open) || open.status === 200;
        counts[through ? 'opened' : 'refused'] += 1;
        // This is the law: it ends. Without a cut it would wait for ever.
        await open.closed;
      } catch {
        counts.refused += 1;
      }
    });
    for (let heardOf = 0; heardOf < 8 * (round + 1); heardOf += 1) await app.upstream.nextRequest();
    const answer = await postSoap(scene, soapFor(scene, 'alice'));
    t.deepEqual(soapCodes(scene, answer), SUCCESS);
    const later = await browser.request(scene.at('wiki', '/late'));
    t.is(later.status, 303);
    await Promise.all(started);
    t.is(scene.running.parts.doors.live.count(), 0);
    scene.clock.advance(1000);
  }
  t.is(counts.opened + counts.refused, 200);
  t.true(counts.opened > 0 && counts.refused > 0, JSON.stringify(counts));
  await browsersGone(app);
  t.is(app.webSockets(), 0);
});

/** The application's ends follow the browsers' within a few turns. */
async function browsersGone(app: EndlessApp): Promise<void> {
  for (let turns = 0; turns < 1000 && app.webSockets() > 0; turns += 1) await turn();
}

test('a connection of a person who signed in elsewhere in between is cut when the session is replaced (P8, P10)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const browser = scene.browser();
  const waiting = await browser.visit(scene.at('chat'));
  const form = await browser.visit(scene.at('wiki'));
  await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
  const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
  await browser.settle(await browser.submitForm(waiting, { username: 'bob', password: 'bobpw' }));
  t.is((await socket.closed).code, 4401);
});
