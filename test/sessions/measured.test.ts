import test from 'ava';
import { untraced } from '../../gateway/kernel/tracing.ts';
import { measured } from '../../gateway/sessions/measured.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Store } from '../../gateway/sessions/store.ts';
import { at } from './records.ts';

/** A store, what was counted and timed of it, and a clock that moves by 5 ms each time it is asked. */
function stage(differing: Partial<Store> = {}) {
  const told: unknown[] = [];
  let now = 0;
  const inner = Object.assign(new MemoryStore(), differing);
  const store = measured(
    inner,
    {
      measures: {
        count: (name, labels) => told.push([name, labels]),
        time: (name, labels, milliseconds) => told.push([name, labels, milliseconds]),
      },
      tracing: untraced,
    },
    () => (now += 5),
  );
  return { store, told };
}

test('every call of the store is timed by its name, and answered as the store answers it', async (t) => {
  const { store, told } = stage();
  t.true(await store.once('kind', 'name', at(1), at(0)));
  t.false(await store.once('kind', 'name', at(1), at(0)));
  t.deepEqual(told, [
    ['store', { operation: 'once' }, 5],
    ['store', { operation: 'once' }, 5],
  ]);
});

test('a call that fails is counted and timed, and fails for whoever made it, also where the store throws at once', async (t) => {
  const rejects = (): Promise<number> => Promise.reject(new Error('away'));
  const throws = (): Promise<number> => {
    throw new Error('away');
  };
  for (const count of [rejects, throws]) {
    const { store, told } = stage({ count });
    await t.throwsAsync(store.count(), { message: 'away' });
    t.deepEqual(told, [
      ['store-error', { operation: 'count' }],
      ['store', { operation: 'count' }, 5],
    ]);
  }
});
