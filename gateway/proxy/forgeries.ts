// Somebody tried to speak in another's name (P11). The field was removed; the operator hears of it, and not a line for each.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Measures } from '../kernel/measures.ts';
import type { EpochMs } from '../kernel/words.ts';

/** One field that imitated an identity header. */
export interface Forgery {
  readonly app: string;
  /** The identity header it reads as, in canonical spelling. */
  readonly header: string;
  /** Whom the socket is connected to; by the request's id the log has the rest. */
  readonly peer: string;
  readonly requestId: string;
}

/** Whoever sends a thousand of them must not fill the log. */
const A_LINE_EVERY_MS = 60_000;

/** Counts each; the log gets one line a minute for each app, with how many there were since the last. Never throws, never waits. */
export function watchForgeries(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
}): (forgery: Forgery) => void {
  const { clock, log, measures } = parts;
  const byApp = new Map<string, { toldAt: EpochMs; untold: number }>();
  return ({ app, ...facts }) => {
    measures.count('identity-header-forged', { app });
    const now = clock.now();
    const last = byApp.get(app);
    // A clock that was put back does not silence the log until it has caught up.
    if (last !== undefined && now >= last.toldAt && now < plus(last.toldAt, A_LINE_EVERY_MS)) {
      last.untold += 1;
      return;
    }
    log.warn('identity-header-forged', { app, ...facts, notToldBefore: last?.untold ?? 0 });
    byApp.set(app, { toldAt: now, untold: 0 });
  };
}
