// Time is handed in: whoever needs to know the time is given a Clock, so that a test can own it.

import type { EpochMs } from './words.ts';

/** Tells the time. */
export interface Clock {
  /** Wall-clock time now. May jump; nothing may count on it only ever growing. */
  now(): EpochMs;
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
