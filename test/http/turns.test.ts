// In what order messages are judged. Time stands still but where it is moved.

import { setImmediate as loopTurn } from 'node:timers/promises';
import test from 'ava';
import { openFamiliar } from '../../gateway/kernel/familiar.ts';
import type { Kind } from '../../gateway/http/lanes.ts';
import { kindOf } from '../../gateway/http/in-place.ts';
import { openTurns } from '../../gateway/http/turns.ts';

const LIMITS = { perAddress: 20 * 4096, all: 40 * 4096 };

function bench(limits = LIMITS) {
  let now = 0;
  const familiar = openFamiliar(() => now);
  const counts: string[] = [];
  const measures = {
    count: (_name: string, labels: object) => void counts.push('by' in labels ? String(labels.by) : ''),
  };
  const enter = openTurns({ elapsed: () => now, familiar, measures })(limits);
  const judged: string[] = [];
  return {
    familiar,
    counts,
    judged,
    enter: (address: string, giveUp: () => void = () => {}) => enter(address, 0, giveUp),
    /** Waits for a turn, and is judged as bad after so long. */
    send: async (address: string, kind: Kind, costMs = 0): Promise<void> => {
      const place = enter(address, 0, () => {});
      await place.turn(kind);
      judged.push(`${kind} ${address}`);
      place.held(() => (now += costMs));
      place.judged(false);
    },
  };
}

function isRefused(enter: () => unknown): boolean {
  try {
    enter();
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'MESSAGES_TOO_MANY';
  }
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await loopTurn();
}

test('one is judged in each turn of the event loop', async (t) => {
  const { judged, send } = bench();
  for (let at = 0; at < 5; at += 1) void send('192.0.2.1', 'other');
  await turns(1);
  t.true(judged.length <= 2, String(judged.length));
  await turns(10);
  t.is(judged.length, 5);
});

test('of two addresses the one that sends little waits behind one of the other, not behind all', async (t) => {
  const { judged, send } = bench();
  for (let at = 0; at < 10; at += 1) void send('192.0.2.1', 'other');
  void send('192.0.2.2', 'other');
  await turns(20);
  t.true(judged.indexOf('other 192.0.2.2') <= 2, judged.join());
  t.is(judged.length, 11);
});

test('a LogoutRequest waits behind no Response, and one from where good ones came behind no stranger’s (P1)', async (t) => {
  const { judged, send, familiar } = bench();
  familiar.greet('198.51.100.1');
  for (let at = 1; at < 9; at += 1) {
    void send(`192.0.2.${at}`, 'other');
    void send(`192.0.2.${at}`, 'logout');
  }
  void send('203.0.113.1', 'logout');
  void send('198.51.100.1', 'logout');
  await turns(30);
  t.true(judged.indexOf('logout 198.51.100.1') <= 4, judged.join());
  t.is(judged.length, 18);
});

test('after a bad one its lane rests for three times as long as it cost, and the other lanes go on', async (t) => {
  const { judged, send } = bench();
  void send('192.0.2.1', 'other', 10);
  void send('192.0.2.2', 'other', 10);
  await turns(3);
  t.deepEqual(judged, ['other 192.0.2.1']);
  void send('192.0.2.3', 'logout', 30);
  await turns(3);
  t.deepEqual(judged, ['other 192.0.2.1', 'logout 192.0.2.3', 'other 192.0.2.2']);
});

test('one address takes no more room than it may, and its 2⁶⁴ IPv6 addresses no more than one', (t) => {
  const { enter, counts } = bench();
  const places = Array.from({ length: 20 }, (_, at) => enter(`2001:db8::${at}`));
  t.throws(() => enter('2001:db8::ffff'), { code: 'MESSAGES_TOO_MANY' });
  t.deepEqual(counts, ['address']);
  t.notThrows(() => enter('2001:db8:0:1::1'));
  places[0]?.judged(false);
  places[0]?.judged(false);
  enter('2001:db8::ffff');
  t.throws(() => enter('2001:db8::ffff'), { code: 'MESSAGES_TOO_MANY' }, 'room is given back once');
});

test('where all room is taken whoever takes the most gives up its newest, and nobody an equal share', async (t) => {
  const { enter, counts } = bench({ perAddress: 30 * 4096, all: 40 * 4096 });
  const given: string[] = [];
  for (let at = 0; at < 30; at += 1) enter('192.0.2.1', () => given.push('flood'));
  for (let at = 0; at < 10; at += 1) enter(`198.51.100.${at}`, () => given.push('other'));
  const late = enter('203.0.113.1');
  t.deepEqual(given, ['flood']);
  await t.notThrowsAsync(late.turn('logout'));
  for (let at = 0; at < 28; at += 1) enter(`203.0.113.${at + 2}`);
  t.throws(() => enter('203.0.113.200'), { code: 'MESSAGES_TOO_MANY' });
  t.is(given.length, 29);
  t.is(counts.at(-1), 'all');
});

test('one that waits for its turn and has to make room is told so, and never has its turn', async (t) => {
  const { enter } = bench({ perAddress: 3 * 4096, all: 3 * 4096 });
  await enter('192.0.2.1').turn('other');
  const waiting = enter('192.0.2.1').turn('other');
  enter('192.0.2.2');
  const outcome = t.throwsAsync(waiting, { code: 'MESSAGES_TOO_MANY' });
  enter('192.0.2.3');
  await outcome;
});

test('what finds no room is refused at once, however many addresses wait', (t) => {
  const { enter } = bench({ perAddress: 16 * 4096, all: 30_000 * 4096 });
  const addressOf = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
  for (let at = 0; at < 30_000; at += 1) enter(addressOf(at));
  const begunAt = performance.now();
  for (let at = 0; at < 10_000; at += 1) if (!isRefused(() => enter(addressOf(100_000 + at)))) t.fail();
  // To look at all of them each time would take a minute.
  t.true(performance.now() - begunAt < 5000);
});

test('strangers who take all their room take none of where good ones came from', (t) => {
  const { enter, familiar } = bench();
  familiar.greet('198.51.100.1');
  for (let at = 0; at < 40; at += 1) enter(`192.0.2.${at}`);
  t.throws(() => enter('203.0.113.1'), { code: 'MESSAGES_TOO_MANY' });
  for (let at = 0; at < 40; at += 1) enter('198.51.100.1');
  t.throws(() => enter('198.51.100.1'), { code: 'MESSAGES_TOO_MANY' });
});

for (const [raw, kind] of [
  ['SAMLRequest=AAAA', 'logout'],
  ['<S:Envelope', 'logout'],
  ['\u00ef\u00bb\u00bf\n <S:Envelope', 'logout'],
  ['SAMLResponse=AAAA', 'other'],
  ['RelayState=SAMLRequest=', 'other'],
  ['S%41MLResponse=', 'other'],
  ['', 'other'],
] as const) {
  test(`"${raw}" waits among ${kind === 'logout' ? 'LogoutRequests' : 'the others'}`, (t) => {
    t.is(kindOf(Buffer.from(raw, 'latin1')), kind);
    t.is(kindOf(raw), kind);
  });
}
