// Time is handed in: whoever needs to know the time is given a Clock, so that a test can own it.

import type { EpochMs } from './words.ts';

/** Tells the time. */
export interface Clock {
  /** Wall-clock time now. May jump; nothing may count on it only ever growing. */
  now(): EpochMs;
  /** Sets it to the time that all nodes go by. Only a clock that may be set has this. */
  readonly agree?: (at: EpochMs) => void;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() as EpochMs };

/** `at` moved by `ms` milliseconds (negative: back). */
export const plus = (at: EpochMs, ms: number): EpochMs => (at + ms) as EpochMs;

/**
 * Milliseconds since some moment, by a clock that never jumps; it may stand still while the machine is suspended. For how long
 * something has lasted in this process, where a wrong wall clock must not matter.
 */
export type Elapsed = () => number;

/** The machine's own. */
export const systemElapsed: Elapsed = () => performance.now();

/** Less than this is the way to the store and back. */
const NEAR_MS = 100;

/** `own` until it is told what time it is by the clock of the store; from then on that one, counted on by what never jumps. */
export function agreeableClock(own: Clock, elapsed: Elapsed): Clock {
  let ahead: number | undefined;
  const now = (): EpochMs => (ahead === undefined ? own.now() : (Math.round(ahead + elapsed()) as EpochMs));
  return {
    now,
    agree(at) {
      if (ahead === undefined || Math.abs(at - now()) > NEAR_MS) ahead = at - elapsed();
    },
  };
}
