import test from 'ava';
import { atMost } from '../../gateway/sessions/at-most.ts';

test('no more are under way at once than allowed, and all have their turn, in order, whatever becomes of one', async (t) => {
  const inTurn = atMost(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let most = 0;
  let underWay = 0;
  const all = [0, 1, 2, 3, 4].map((one) =>
    inTurn(async () => {
      begun.push(one);
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => ends.push(resolve));
      underWay -= 1;
      if (one === 1) throw new Error('fails');
      return one;
    }).catch(() => 'failed'),
  );
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    ends[turn]?.();
  }
  t.deepEqual(await Promise.all(all), [0, 'failed', 2, 3, 4]);
  t.deepEqual(begun, [0, 1, 2, 3, 4]);
  t.is(most, 2);
  // Nobody is left behind in the count.
  t.is(await inTurn(() => Promise.resolve('again')), 'again');
});
