// The latest logouts, as they are told to the audit log, for whoever looks at the sessions page.

import type { Audit, AuditEvent } from '../kernel/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EpochMs } from '../kernel/words.ts';

/** One logout: of a session, or asked for by an identity provider. */
export interface RecentLogout {
  readonly at: EpochMs;
  readonly event: Extract<AuditEvent, { event: 'session-ended' | 'logout-request' }>;
}

/** What is remembered, in this process only. */
export interface Recent {
  readonly audit: Audit;
  /** The newest first. */
  logouts(): readonly RecentLogout[];
  /** Calls `listener` whenever sessions have begun or ended. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}

const MOST = 30;

/** Remembers the last thirty. */
export function openRecent(clock: Clock): Recent {
  const remembered: RecentLogout[] = [];
  const listeners = new Set<() => void>();
  return {
    audit: {
      record: (event) => {
        if (event.event === 'session-ended' || event.event === 'logout-request') {
          remembered.unshift({ at: clock.now(), event });
          remembered.length = Math.min(remembered.length, MOST);
        } else if (event.event !== 'sign-in') return;
        for (const listener of listeners) listener();
      },
    },
    logouts: () => remembered,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
