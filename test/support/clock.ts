// A clock that moves only when a test says so.

import type { Clock } from '../../gateway/kernel/clock.ts';
import { plus } from '../../gateway/kernel/clock.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';

export interface ManualClock extends Clock {
  /** Moves on by `ms` milliseconds (negative: back) and answers the new time. */
  advance(ms: number): EpochMs;
}

/** Stands at `startAt` (ISO text with Z) until it is advanced. */
export function manualClock(startAt = '2026-01-02T03:04:05.000Z'): ManualClock {
  let now = Date.parse(startAt) as EpochMs;
  if (Number.isNaN(now)) throw new TypeError(`no time: ${startAt}`);
  return {
    now: () => now,
    advance: (ms) => (now = plus(now, ms)),
  };
}
