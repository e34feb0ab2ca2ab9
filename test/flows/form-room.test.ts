// No stranger may fill the store.

import test from 'ava';
import { MAX_ADDRESS_BYTES, MAX_ALL_BYTES, openFormRoom } from '../../gateway/flows/form-room.ts';
import { manualClock } from '../support/clock.ts';

const MIB = 1024 ** 2;
const LASTS_MS = 900_000;

const roomAt = (clock = manualClock()) => ({ clock, room: openFormRoom({ clock, lastsMs: LASTS_MS }) });

/** How many claims of this size succeed, each from the address that `from` names. */
function fitting(from: (count: number) => string, bytes: number, room = roomAt().room): number {
  let count = 0;
  while (count < 100_000 && room.claim(`${bytes} ${count}`, from(count), bytes)) count += 1;
  return count;
}

test('one address may claim 8 MiB, and leaves room for the others', (t) => {
  const { room } = roomAt();
  t.is(
    fitting(() => '192.0.2.1', MIB, room),
    MAX_ADDRESS_BYTES / MIB - 1,
  );
  t.true(room.claim('other', '192.0.2.2', MIB));
});

test('all addresses together may claim 64 MiB', (t) => {
  const { room } = roomAt();
  const count = fitting((at) => `192.0.2.${at}`, MIB, room);
  t.is(count, MAX_ALL_BYTES / MIB - 1);
  t.false(room.claim('other', '198.51.100.1', MIB));
});

test('empty forms have an end, too', (t) => {
  t.is(
    fitting(() => '192.0.2.1', 0),
    MAX_ADDRESS_BYTES / 2048,
  );
});

test('what was claimed falls free when it is given back, once, and by itself', (t) => {
  const { room, clock } = roomAt();
  const claim = (id: string): boolean => room.claim(id, '192.0.2.1', 7 * MIB);
  t.true(claim('a'));
  t.false(claim('b'));
  room.free('a');
  room.free('a');
  room.free('unknown');
  t.true(claim('c'));
  t.false(claim('d'));
  clock.advance(LASTS_MS - 1);
  t.false(claim('e'));
  clock.advance(1);
  t.true(claim('f'));
});

test('a clock that is put back frees nothing and blocks nothing for longer than it was put back', (t) => {
  const { room, clock } = roomAt();
  t.true(room.claim('a', '192.0.2.1', 7 * MIB));
  clock.advance(-3_600_000);
  t.false(room.claim('b', '192.0.2.1', 7 * MIB));
  clock.advance(3_600_000 + LASTS_MS);
  t.true(room.claim('c', '192.0.2.1', 7 * MIB));
});

for (const [one, other, isSame] of [
  ['2001:db8::1', '2001:db8::2', true],
  ['2001:db8:0:0:1:2:3:4', '2001:db8::ffff', true],
  ['2001:0DB8:0000:0001::1', '2001:db8:0:1:ffff::', true],
  ['::1', '::2', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db9::1', false],
] as const) {
  test(`${one} and ${other} are ${isSame ? 'one subscriber' : 'two'} (RFC 4291 §2.5.4)`, (t) => {
    const { room } = roomAt();
    t.true(room.claim('a', one, 7 * MIB));
    t.is(room.claim('b', other, 7 * MIB), !isSame);
  });
}
