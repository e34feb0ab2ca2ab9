// Looks at the store that `sessions.store` names and leaves it as it is: whether it could be used, and what should be put right first.

import { silentLog } from '../kernel/log.ts';
import type { StoreOptions } from './open.ts';
import { lookAtRedis } from './redis-look.ts';
import { lookAtFile } from './sqlite-look.ts';

/** A store that can be used. Sentences, without a full stop. */
export interface Looked {
  readonly found: string;
  /** What works and should be put right. */
  readonly notes: readonly string[];
}

/** Looks at the store. Rejects with the reason, SESSIONS_*, where `openStore` would find no store there or one it could not use. */
export async function lookAtStore({ store, redis }: Pick<StoreOptions, 'store' | 'redis'>): Promise<Looked> {
  if (store.kind === 'memory') return { found: 'memory', notes: ['sessions end with the process; it is for tests'] };
  if (store.kind === 'file') return lookAtFile(store.path);
  return lookAtRedis({ address: store, ...redis, log: silentLog });
}
