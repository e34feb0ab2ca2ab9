// How much room kept forms may take. Nobody has signed in yet, so whoever asks is a stranger, and no stranger may fill the store.

import { plus, type Clock } from '../kernel/clock.ts';
import { subscriber } from '../kernel/subscriber.ts';
import type { EpochMs } from '../kernel/words.ts';

/** Room taken in this process; what is taken falls free by itself when `lastsMs` have passed. */
export interface FormRoom {
  /** Takes room under `id`; false where there is not enough, for this address or for anybody. */
  claim(id: string, address: string, bytes: number): boolean;
  /** Gives it back early. */
  free(id: string): void;
}

/** What one address may have kept at a time: an office behind one address has many people. */
export const MAX_ADDRESS_BYTES = 8 * 1024 ** 2;
/** What all together may have kept at a time. */
export const MAX_ALL_BYTES = 64 * 1024 ** 2;
/** What an entry costs beside its body; bounds how many empty ones there can be. */
const OVERHEAD_BYTES = 2048;

interface Claim {
  readonly from: string;
  readonly bytes: number;
  readonly until: EpochMs;
}

/** Makes it. */
export function openFormRoom({ clock, lastsMs }: { readonly clock: Clock; readonly lastsMs: number }): FormRoom {
  // In the order in which they were made, so the first is the first to fall free.
  const claims = new Map<string, Claim>();
  const ofAddress = new Map<string, number>();
  let all = 0;

  function free(id: string): void {
    const claim = claims.get(id);
    if (claim === undefined) return;
    claims.delete(id);
    all -= claim.bytes;
    const left = (ofAddress.get(claim.from) ?? 0) - claim.bytes;
    if (left > 0) ofAddress.set(claim.from, left);
    else ofAddress.delete(claim.from);
  }

  return {
    claim(id, address, size) {
      const now = clock.now();
      for (const [old, { until }] of claims) {
        if (now < until) break;
        free(old);
      }
      const from = subscriber(address);
      const bytes = size + OVERHEAD_BYTES;
      const taken = ofAddress.get(from) ?? 0;
      if (taken + bytes > MAX_ADDRESS_BYTES || all + bytes > MAX_ALL_BYTES) return false;
      claims.set(id, { from, bytes, until: plus(now, lastsMs) });
      ofAddress.set(from, taken + bytes);
      all += bytes;
      return true;
    },
    free,
  };
}
