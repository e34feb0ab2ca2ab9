// Redis stores for the tests of this room: several nodes on one server, each test under a prefix of its own.

import type { ExecutionContext } from 'ava';
import { silentLog } from '../../gateway/kernel/log.ts';
import { systemElapsed } from '../../gateway/kernel/clock.ts';
import { randomText } from '../../gateway/kernel/random.ts';
import { readRedisAddress } from '../../gateway/sessions/redis-address.ts';
import { openRedisStore, type RedisStoreOptions } from '../../gateway/sessions/redis.ts';
import type { Nodes, Store } from '../../gateway/sessions/store.ts';
import { at } from './records.ts';

export type SharedStore = Store & { readonly nodes: Nodes };

/** A name no other test uses. */
export const newPrefix = (): string => `test-${randomText(128)}`;

/** A node of its own on the Redis at `url`; not awaited for. */
export function nodeAt(
  t: ExecutionContext,
  url: string,
  prefix: string,
  differing: Partial<RedisStoreOptions> = {},
): SharedStore {
  const address = readRedisAddress(url);
  if (typeof address === 'string') throw new Error(address);
  const store = openRedisStore({
    address,
    prefix,
    leaseMs: 2000,
    waitReplicas: 0,
    clock: { now: () => at(0) },
    elapsed: systemElapsed,
    log: silentLog,
    ...differing,
  });
  t.teardown(() => store.close());
  return store;
}

/** A node that is one among the others when this resolves. */
export async function readyNode(
  t: ExecutionContext,
  url: string,
  prefix: string,
  differing: Partial<RedisStoreOptions> = {},
): Promise<SharedStore> {
  const store = nodeAt(t, url, prefix, differing);
  await untilReady(store);
  return store;
}

/** Resolves when the store answers. */
export async function untilReady(store: SharedStore): Promise<void> {
  for (let left = 500; ; left -= 1) {
    try {
      await store.ready();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
