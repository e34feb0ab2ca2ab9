// Who takes the most, against looking at all of them.

import test from 'ava';
import { openRanks } from '../../gateway/http/ranks.ts';

test('whoever takes the most is found after any moves, to the nearest 4 KiB', (t) => {
  const ranks = openRanks<string>();
  const taken = new Map<string, number>();
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let turn = 0; turn < 2000; turn += 1) {
    const name = `address ${next(20)}`;
    const was = taken.get(name) ?? 0;
    const is = next(3) === 0 ? 0 : next(300_000);
    ranks.move(name, was, is);
    taken.set(name, is);
    const most = Math.max(...taken.values());
    const found = ranks.most();
    if (most === 0) t.is(found, undefined);
    else t.true(most - (taken.get(found ?? '') ?? 0) < 4096, `${found} at turn ${turn}`);
  }
});
