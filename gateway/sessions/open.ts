// Opens what `sessions.store` names, and joins store, sealing and cache to the room's three interfaces.

import type { Log } from '../kernel/log.ts';
import { jarsIn } from './jars.ts';
import { KeptSessions } from './keep.ts';
import { ledgerIn } from './ledger.ts';
import { marksOf, type Marks } from './marks.ts';
import { MemoryStore } from './memory.ts';
import { sealingOf } from './sealing.ts';
import { Records } from './records.ts';
import { openRedisStore, type RedisStoreOptions } from './redis.ts';
import { rollOf, type Roll } from './roll.ts';
import type { Jars, Ledger, Sessions } from './sessions.ts';
import type { StoreAddress } from './settings.ts';
import { SqliteStore } from './sqlite.ts';
import type { Nodes, Store } from './store.ts';
import type { Terms } from './terms.ts';

/** What sessions need to be kept. */
export interface SessionsOptions extends Terms {
  readonly store: Store;
  /** `sessions.secret`: the first seals, all open. At least 32 bytes each. */
  readonly secrets: readonly string[];
  /** Sessions remembered in this process, at least 1. */
  readonly cacheMax: number;
  /** What they may take in memory, roughly. Default 144 MiB. */
  readonly cacheMaxBytes?: number | undefined;
  readonly log: Log;
}

/** What a store at an address needs to be opened. */
export interface StoreOptions extends Pick<RedisStoreOptions, 'leaseMs' | 'clock' | 'elapsed' | 'log'> {
  readonly store: StoreAddress;
  readonly redis: Pick<
    RedisStoreOptions,
    'prefix' | 'ca' | 'certificate' | 'key' | 'sentinelPassword' | 'waitReplicas'
  >;
}

/**
 * The store at an address. A relative path starts at the working directory. Throws SESSIONS_STORE_LOCKED, _FOREIGN or _UNOPENED where
 * the file cannot be had; a Redis that is away is waited for, and every call rejects meanwhile.
 */
export function openStore({ store, redis, ...rest }: StoreOptions): Store {
  if (store.kind === 'file') return new SqliteStore(store.path);
  if (store.kind === 'memory') return new MemoryStore();
  return openRedisStore({ address: store, ...redis, ...rest });
}

/** What the other rooms see of this one. */
export interface OpenSessions {
  /**
   * Goes by other terms and secrets from now on. `isSecretGone`: one that may have sealed something is not among them. What it sealed serves nobody
   * from then on, and whoever has a connection open for it must be cut: no logout finds them any more. Throws SESSIONS_SECRET_WEAK.
   */
  readonly follow: (next: Terms & Pick<SessionsOptions, 'secrets'>) => { readonly isSecretGone: boolean };
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  readonly jars: Jars;
  readonly marks: Marks;
  readonly roll: Roll;
  /** Where several nodes share the store. */
  readonly nodes: Nodes | undefined;
}

/** Sessions, ledger and jars over one store. Throws SESSIONS_SECRET_WEAK. `sessions.close` closes the store. */
export function openSessions(options: SessionsOptions): OpenSessions {
  const { store, secrets, idleMs, lifetimeMs, cacheMax, cacheMaxBytes, log } = options;
  const sealing = sealingOf(secrets);
  const jars = jarsIn(store, sealing);
  const kept = { store, cacheMax, cacheMaxBytes, log, sealing, terms: { idleMs, lifetimeMs } };
  const sessions = new KeptSessions(kept);
  let used = secrets;
  return {
    sessions,
    follow(next) {
      sealing.rekey(next.secrets);
      const isSecretGone = !used.every((secret) => next.secrets.includes(secret));
      used = next.secrets;
      sessions.follow({ idleMs: next.idleMs, lifetimeMs: next.lifetimeMs }, { forget: isSecretGone });
      return { isSecretGone };
    },
    ledger: ledgerIn(store, sealing),
    jars,
    roll: rollOf(store, new Records(kept), jars),
    marks: marksOf(sealing),
    nodes: store.nodes,
  };
}
