// Sessions whose end somebody began and nobody will finish: the process died in between.

import type { Log } from '../kernel/log.ts';
import type { SessionRecord, Store } from './store.ts';

/**
 * Hands what is left to `finish`: at once, and, where several nodes share the store, whenever one has gone. There a store that is away is
 * waited for; where this process has it to itself, a failure rejects.
 */
export async function adoptFrom(
  store: Pick<Store, 'adopt' | 'nodes'>,
  finish: (left: readonly SessionRecord[]) => Promise<void>,
  log: Log,
): Promise<void> {
  const { nodes } = store;
  const once = async (): Promise<void> => {
    const left = await store.adopt();
    if (left.length > 0) await finish(left);
  };
  if (nodes === undefined) return once();
  const now = (): void => {
    once().catch((error: unknown) => log.warn('orphans-not-adopted', { error: String(error) }));
  };
  nodes.onOrphans(now);
  if (nodes.holds()) now();
}
