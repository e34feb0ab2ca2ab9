// The one clock that all nodes can see. Idle time, lifetimes, tickets and awaited answers mean the same on every node, whatever its own clock says.

import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { EpochMs } from '../kernel/words.ts';

/** Clocks that a time service keeps are nearer than this. */
const APART_MS = 2000;

/** Sets `clock`, where it may be set, to what Redis says the time is, and warns where that is another time. */
export function goByRedis({ clock, log }: { readonly clock: Clock; readonly log: Log }): (time: unknown) => void {
  return (time) => {
    const at = Number(time);
    if (clock.agree === undefined || !Number.isSafeInteger(at)) return;
    const milliseconds = clock.now() - at;
    if (Math.abs(milliseconds) > APART_MS) log.warn('clock-differs', { milliseconds });
    clock.agree(at as EpochMs);
  };
}
