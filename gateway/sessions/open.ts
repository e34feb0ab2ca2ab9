// Opens what `sessions.store` names, and joins store, sealing and cache to the room's three interfaces.

import type { Log } from '../kernel/log.ts';
import { sessionsError } from './codes.ts';
import { jarsIn } from './jars.ts';
import { KeptSessions } from './keep.ts';
import { ledgerIn } from './ledger.ts';
import { MemoryStore } from './memory.ts';
import { sealingOf } from './sealing.ts';
import type { Jars, Ledger, Sessions } from './sessions.ts';
import { SqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

export interface SessionsOptions {
  readonly store: Store;
  /** `sessions.secret`: the first seals, all open. At least 32 bytes each. */
  readonly secrets: readonly string[];
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** Sessions remembered in this process, at least 1. */
  readonly cacheMax: number;
  readonly log: Log;
}

/**
 * The store that `url` names: `file:PATH` (relative to the working directory) or `memory:`. Throws SESSIONS_STORE_UNKNOWN
 * for anything else, SESSIONS_STORE_LOCKED, _FOREIGN or _UNOPENED where the file cannot be had.
 */
export function openStore(url: string): Store {
  if (url === 'memory:') return new MemoryStore();
  if (url.startsWith('file:')) return new SqliteStore(url.slice('file:'.length));
  // Only the scheme: a redis URL carries a password.
  const scheme = /^[\w+.-]*:/.exec(url)?.[0] ?? '(none)';
  throw sessionsError('SESSIONS_STORE_UNKNOWN', { detail: { scheme, known: ['file:PATH', 'memory:'] } });
}

/** What the other rooms see of this one. */
export interface OpenSessions {
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  readonly jars: Jars;
}

/** Sessions, ledger and jars over one store. Throws SESSIONS_SECRET_WEAK. `sessions.close` closes the store. */
export function openSessions(options: SessionsOptions): OpenSessions {
  const { secrets, ...rest } = options;
  const { store } = options;
  const sealing = sealingOf(secrets);
  return {
    sessions: new KeptSessions({ ...rest, sealing }),
    ledger: ledgerIn(store, sealing),
    jars: jarsIn(store, sealing),
  };
}
