// How often something may be done: so many times in a period, at once or spread over it. One number is kept for each of those who do it.

import type { Elapsed } from './clock.ts';

/** So many times in `periodMs`. Whoever has done nothing for a period may do all of them at once. */
export interface Rate {
  readonly times: number;
  readonly periodMs: number;
}

/** What has been taken of allowances; it outlives the configuration that says how large they are. */
export interface Allowances {
  /** Takes one; answers with 0, or takes none and answers in how many milliseconds there is one. `undefined` is no limit. */
  take(key: string, rate: Rate | undefined): number;
  /** The same without taking one. */
  wait(key: string, rate: Rate | undefined): number;
  /** How many are remembered. */
  readonly size: number;
}

/** Some 10 MB at the most: many addresses make it forget, they cannot make it grow. */
const MOST_KEYS = 65_536;

/** Makes them, with nothing taken; ITU-T I.371's virtual scheduling, so that taking one costs two look-ups. */
export function openAllowances(elapsed: Elapsed, most = MOST_KEYS): Allowances {
  // When what was taken is earned again, in the order of taking: the first has been silent for the longest time.
  const earnedAt = new Map<string, number>();

  function look(key: string, { times, periodMs }: Rate): { readonly next: number; readonly wait: number } {
    const now = elapsed();
    const each = periodMs / times;
    const next = Math.max(earnedAt.get(key) ?? 0, now) + each;
    return { next, wait: Math.max(0, next - now - periodMs) };
  }

  return {
    take(key, rate) {
      if (rate === undefined) return 0;
      const { next, wait } = look(key, rate);
      // A hair over is what adding fractions of milliseconds costs.
      if (wait > 1e-6) return wait;
      earnedAt.delete(key);
      earnedAt.set(key, next);
      if (earnedAt.size > most) earnedAt.delete(earnedAt.keys().next().value ?? key);
      return 0;
    },
    wait: (key, rate) => (rate === undefined ? 0 : look(key, rate).wait),
    get size() {
      return earnedAt.size;
    },
  };
}
