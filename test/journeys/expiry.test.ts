// Sessions end by the clock: unused too long, too old, or when the identity provider said they would.

import test from 'ava';
import type { ResponseFields } from '../../demo/identity-provider/messages.ts';
import type { Browser } from '../support/browser.ts';
import { stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { endlessApp } from './endless-app.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const isIn = async (scene: Stage, browser: Browser): Promise<boolean> =>
  (await browser.request(scene.at('wiki'))).status === 200;

/** An identity provider whose sessions end at this time, or that does not say. */
const endingAt = (sessionNotOnOrAfter: string | undefined): StageOptions => ({
  identityProvider: {
    vary: {
      response: (fields: ResponseFields) => ({
        ...fields,
        assertion: {
          ...fields.assertion,
          authnStatements: fields.assertion?.authnStatements?.map((one) => ({ ...one, sessionNotOnOrAfter })),
        },
      }),
    },
  },
});

/** Uses the session every twenty minutes until `until` is reached or it has ended; answers how long that was. */
async function usedFor(scene: Stage, browser: Browser, untilMs: number): Promise<number> {
  let ms = 0;
  while (ms < untilMs && (await isIn(scene, browser))) {
    scene.clock.advance(20 * MINUTE);
    ms += 20 * MINUTE;
  }
  return ms;
}

test('a session that nobody uses for `idle` ends, before anything has swept', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(30 * MINUTE - 1);
  t.true(await isIn(scene, browser));
  scene.clock.advance(30 * MINUTE);
  t.false(await isIn(scene, browser));
  t.is((await browser.request(scene.at('chat'), { mode: 'fetch' })).status, 401);
});

test('a session ends after `lifetime`, however busy it is', async (t) => {
  const scene = await stage(t, endingAt(undefined));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  t.is(await usedFor(scene, browser, 20 * HOUR), 10 * HOUR);
});

test('a session ends at SessionNotOnOrAfter where that is earlier (saml-core §2.7.2)', async (t) => {
  const scene = await stage(t, endingAt('2026-01-02T06:04:05Z'));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  t.is(await usedFor(scene, browser, 20 * HOUR), 3 * HOUR);
});

test('the settings of `idle` and `lifetime` are what counts', async (t) => {
  const scene = await stage(t, { sessions: '  idle: 2h\n  lifetime: 4h' });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(2 * HOUR - 1);
  t.true(await isIn(scene, browser));
  scene.clock.advance(2 * HOUR - 1);
  t.true(await isIn(scene, browser));
  scene.clock.advance(2);
  t.false(await isIn(scene, browser));
});

for (const [reason, wait] of [
  ['idle', 31 * MINUTE],
  ['lifetime', 9 * HOUR], // the identity provider's own eight hours
] as const) {
  test(`sweeping ends a session for ${reason} and cuts what is open for it, on both ends (P8)`, async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, { upstream: app.upstream, ...(reason === 'idle' ? {} : { sessions: '  idle: 10h' }) });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
    const events = await browser.openStream(scene.at('wiki', '/events'));
    t.is(await scene.running.parts.expire(), 0);
    scene.clock.advance(wait);
    t.is(await scene.running.parts.expire(), 1);
    t.is((await socket.closed).code, 4401);
    t.is(await events.closed, 'cut');
    t.is(scene.running.parts.doors.live.count(), 0);
    t.is(await scene.running.parts.doors.sessions.count(), 0);
    t.like(scene.audit.at(-1), { event: 'session-ended', reason, connectionsCut: 2 });
  });
}

test('a session that is in use when the sweep comes is not swept', async (t) => {
  const scene = await stage(t);
  const [busy, idle] = [await scene.signedIn('alice', scene.at('wiki')), await scene.signedIn('bob', scene.at('wiki'))];
  scene.clock.advance(29 * MINUTE);
  t.true(await isIn(scene, busy));
  scene.clock.advance(2 * MINUTE);
  t.is(await scene.running.parts.expire(), 1);
  t.true(await isIn(scene, busy));
  t.false(await isIn(scene, idle));
});

test('a use shortly before a stop counts after the start (P13)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(29 * MINUTE);
  t.true(await isIn(scene, browser));
  await scene.restart();
  scene.clock.advance(29 * MINUTE);
  t.true(await isIn(scene, browser));
});

test('a clock that is put back neither ends a session nor lets it live longer', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(-HOUR);
  t.true(await isIn(scene, browser));
  scene.clock.advance(HOUR);
  scene.clock.advance(30 * MINUTE);
  t.false(await isIn(scene, browser));
});
