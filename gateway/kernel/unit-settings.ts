// Durations in settings: read, held to their bounds, and refused in the same words everywhere.

import * as z from 'zod';
import { durationMs } from './units.ts';

/** setTimeout fires at once for more than 2³¹−1 ms, some 24.8 days. */
export const LONGEST_TIMER = '24d';

/**
 * A duration, as milliseconds. The bounds are written as people write them, and so is the example, which a fault offers. `why` says what
 * comes of more, or less.
 */
export const duration = (
  example: string,
  { least = '1ms', most = '365d', why }: { least?: string; most?: string; why?: string } = {},
) =>
  z
    .string()
    .meta({ title: 'duration', examples: [example] })
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined && ms >= bound(least) && ms <= bound(most)) return ms;
      const outside = `is out of bounds: at least ${least}, at most ${most}${why === undefined ? '' : `; ${why}`}`;
      context.addIssue(ms === undefined ? 'is no duration' : outside);
      return z.NEVER;
    });

function bound(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new TypeError(`${text} is no duration`);
  return ms;
}
