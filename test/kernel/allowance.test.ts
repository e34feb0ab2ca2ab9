import test from 'ava';
import { openAllowances } from '../../gateway/kernel/allowance.ts';
import { openFamiliar } from '../../gateway/kernel/familiar.ts';
import { subscriber } from '../../gateway/kernel/subscriber.ts';

const TEN_A_SECOND = { times: 10, periodMs: 1000 };

test('all of a period may come at once, and then one after the other as time goes by', (t) => {
  let now = 5000;
  const allowances = openAllowances(() => now);
  for (let taken = 0; taken < 10; taken += 1) t.is(allowances.take('a', TEN_A_SECOND), 0);
  t.is(allowances.take('a', TEN_A_SECOND), 100);
  t.is(allowances.take('a', TEN_A_SECOND), 100, 'what is refused costs nothing');
  t.is(allowances.take('b', TEN_A_SECOND), 0);
  now += 100;
  t.is(allowances.take('a', TEN_A_SECOND), 0);
  t.true(allowances.take('a', TEN_A_SECOND) > 0);
  now += 1000;
  for (let taken = 0; taken < 10; taken += 1) t.is(allowances.take('a', TEN_A_SECOND), 0);
  t.true(allowances.wait('a', TEN_A_SECOND) > 0);
});

test('no limit is no limit, and looking takes nothing', (t) => {
  const allowances = openAllowances(() => 0);
  for (let taken = 0; taken < 100; taken += 1) {
    t.is(allowances.take('a', undefined), 0);
    t.is(allowances.wait('b', { times: 1, periodMs: 1000 }), 0);
  }
  t.is(allowances.size, 0);
});

test('a hundred thousand addresses take no more memory than those that are remembered', (t) => {
  const allowances = openAllowances(() => 0, 1000);
  for (let at = 0; at < 100_000; at += 1) {
    allowances.take(`stranger ${at}`, TEN_A_SECOND);
    allowances.take('all', { times: 50, periodMs: 1000 });
  }
  t.is(allowances.size, 1000);
  t.is(allowances.take('stranger 1', TEN_A_SECOND), 0);
});

test('whoever takes again and again is not forgotten for those who take once', (t) => {
  const allowances = openAllowances(() => 0, 10);
  for (let at = 0; at < 10; at += 1) {
    t.is(allowances.take('again', TEN_A_SECOND), 0);
    for (let other = 0; other < 9; other += 1) allowances.take(`${at} ${other}`, TEN_A_SECOND);
  }
  t.true(allowances.take('again', TEN_A_SECOND) > 0);
});

test('an address is known for a day after something good came from it, with those beside it', (t) => {
  let now = 0;
  const familiar = openFamiliar(() => now, 2);
  familiar.greet('2001:db8::1');
  t.true(familiar.knows('2001:db8::2'));
  t.false(familiar.knows('2001:db8:0:1::1'));
  now += 86_400_000;
  t.false(familiar.knows('2001:db8::1'));
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) familiar.greet(address);
  t.deepEqual(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => familiar.knows(address)),
    [false, true, true],
  );
});

for (const [address, whose] of [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0DB8:0000:0000:ffff::', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['unknown', 'unknown'],
  ['', ''],
] as const) {
  test(`"${address}" is whoever "${whose}" is (RFC 4291 §2.5)`, (t) => {
    t.is(subscriber(address), whose);
  });
}
