import test from 'ava';
import { agreeableClock } from '../../gateway/kernel/clock.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { goByRedis } from '../../gateway/sessions/redis-time.ts';
import { listeningLog } from './people.ts';

const HOUR = 3_600_000;

test('a node whose clock is wrong goes by the time that all nodes see, says so once, and is not moved by a jump of its own', (t) => {
  const { log, heard } = listeningLog();
  let own = 10 * HOUR;
  let elapsed = 500;
  const clock = agreeableClock({ now: () => own as EpochMs }, () => elapsed);
  const hear = goByRedis({ clock, log });
  t.is(Number(clock.now()), 10 * HOUR);
  hear(Buffer.from(String(9 * HOUR)));
  t.is(Number(clock.now()), 9 * HOUR);
  t.deepEqual(
    heard.map(({ event, facts }) => [event, facts['milliseconds']]),
    [['clock-differs', HOUR]],
  );
  own += 5 * HOUR;
  elapsed += 250;
  hear(Buffer.from(String(9 * HOUR + 260)));
  // The way there and back is no reason to set it.
  t.is(Number(clock.now()), 9 * HOUR + 250);
  t.is(heard.length, 1);
  hear(undefined);
  hear(Buffer.from('never'));
  t.is(Number(clock.now()), 9 * HOUR + 250);
});

test('a clock that may not be set stays as it is', (t) => {
  const { log, heard } = listeningLog();
  const clock = { now: () => 7 as EpochMs };
  goByRedis({ clock, log })(Buffer.from('1000000'));
  t.is(Number(clock.now()), 7);
  t.deepEqual(heard, []);
});
