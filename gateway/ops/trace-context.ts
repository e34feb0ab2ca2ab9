// What arrives as `traceparent`, whom it is believed from, and what a trace that begins here is called (W3C Trace Context).

import { randomFillSync } from 'node:crypto';

/** Whose traces are gone on with: everybody's, those of `trustedProxies`, or nobody's. */
export type TraceTrust = 'anyone' | 'proxies' | 'nobody';

/** Where a request stands: its trace, and what it was called before. */
export interface Place {
  readonly traceId: string;
  /** What the one before calls its step; where the trace begins here, a name nobody else has. */
  readonly parentId: string;
  readonly isContinued: boolean;
  readonly isSampled: boolean;
}

/** Finds the place of a request that arrives. Allocates little: it is every request's way. */
export type Placing = (traceparent: string | string[] | undefined, isTrusted: boolean) => Place;

/** §3.2.2: version, trace, parent, flags; later versions may have more behind it. Ids of zeros are none. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

const TRACE_BYTES = 16;
const BYTES = 24;
/** Names are drawn so many at a time: asking the system for each would take longer than all else. */
const AT_ONCE = 64;

/** Makes it. `sample` is the share of traces that begin here and are timed, from 0 to 1. */
export function openPlacing({ sample, trust }: { readonly sample: number; readonly trust: TraceTrust }): Placing {
  const drawn = Buffer.alloc(AT_ONCE * BYTES);
  const below = sample * 2 ** 48;
  let next = drawn.length;

  function begun(): Place {
    if (next === drawn.length) {
      randomFillSync(drawn);
      next = 0;
    }
    const at = next;
    next += BYTES;
    // The end of the id decides, as with samplers elsewhere, so that two gateways of one share agree.
    const isSampled = drawn.readUIntBE(at + TRACE_BYTES - 6, 6) < below;
    const names = drawn.toString('hex', at, next);
    return { traceId: names.slice(0, 32), parentId: names.slice(32), isContinued: false, isSampled };
  }

  return (traceparent, isTrusted) => {
    // A sampled flag costs us a trace: a stranger's is no reason to make one (W3C Trace Context §6.2).
    const isBelieved = trust === 'anyone' || (trust === 'proxies' && isTrusted);
    if (!isBelieved || typeof traceparent !== 'string') return begun();
    const [, version, traceId, parentId, flags = '', more] = TRACEPARENT.exec(traceparent) ?? [];
    if (traceId === undefined || parentId === undefined || (version === '00' && more !== undefined)) return begun();
    return { traceId, parentId, isContinued: true, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
  };
}

/** §3.2: of the flags only `sampled` is known here, and only what is known is passed on. */
export const traceparentOf = (traceId: string, id: string, isSampled: boolean): string =>
  `00-${traceId}-${id}-${isSampled ? '01' : '00'}`;
