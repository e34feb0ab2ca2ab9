// Who is judged next: four lanes in turn, in each lane one address after the other, and one message in each turn of the event loop.

import type { Elapsed } from '../kernel/clock.ts';

/** What a message says it is: what is dear about a Response must not keep a LogoutRequest waiting. */
export type Kind = 'logout' | 'other';

/** Where a message waits: by what it says it is, and whether good ones came from its address. */
export type LaneName = `${Kind} ${'known' | 'strange'}`;

/** One that waits. */
export interface InLane {
  readonly turn: Promise<void>;
  /** Waits no more: its turn never comes. */
  fail(error: Error): void;
  leave(): void;
  /** What was judged was bad, and held the processor for so long: its lane rests. */
  rest(heldMs: number): void;
}

interface Waiting {
  readonly go: () => void;
}

interface Lane {
  /** By address, in the order of their turns. */
  readonly queues: Map<string, Set<Waiting>>;
  restsUntil: number;
}

/** A lane rests for so many times what a bad message has cost: bad ones take a quarter of the processor at the most. */
const RESTS = 3;
/** However long the machine stood still meanwhile. */
const LONGEST_REST_MS = 150;

/** Makes them, empty. */
export function openLanes(elapsed: Elapsed) {
  const lane = (): Lane => ({ queues: new Map(), restsUntil: 0 });
  const lanes: Readonly<Record<LaneName, Lane>> = {
    'logout known': lane(),
    'other known': lane(),
    'logout strange': lane(),
    'other strange': lane(),
  };
  const order = Object.values(lanes);
  let isTaken = false;
  let alarm: NodeJS.Timeout | undefined;

  function next(): void {
    if (isTaken) return;
    const now = elapsed();
    const free = order.find(({ queues, restsUntil }) => queues.size > 0 && restsUntil <= now);
    if (free === undefined) {
      whenRested(now);
      return;
    }
    // Behind the others from now on.
    order.splice(order.indexOf(free), 1);
    order.push(free);
    isTaken = true;
    setImmediate(over);
    takeFirst(free).go();
  }

  function over(): void {
    isTaken = false;
    next();
  }

  /** Those that wait are in lanes that rest. */
  function whenRested(now: number): void {
    const busy = order.filter(({ queues }) => queues.size > 0);
    if (busy.length === 0 || alarm !== undefined) return;
    const soonest = Math.min(...busy.map(({ restsUntil }) => restsUntil));
    alarm = setTimeout(() => {
      alarm = undefined;
      next();
    }, soonest - now).unref();
  }

  return {
    /** Waits in a lane for the turn of its address. */
    wait(name: LaneName, address: string): InLane {
      const { queues } = lanes[name];
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const waiting: Waiting = { go: () => resolve(undefined) };
      const queue = queues.get(address) ?? new Set();
      queues.set(address, queue.add(waiting));
      next();
      const leave = (): void => {
        if (queue.delete(waiting) && queue.size === 0 && queues.get(address) === queue) queues.delete(address);
      };
      return {
        turn: promise,
        fail: (error) => {
          leave();
          reject(error);
        },
        leave,
        rest: (heldMs) => {
          lanes[name].restsUntil = elapsed() + Math.min(RESTS * heldMs, LONGEST_REST_MS);
        },
      };
    },
  };
}

/** The oldest of the address whose turn it is, which is behind the others then. */
function takeFirst({ queues }: Lane): Waiting {
  for (const [address, queue] of queues) {
    queues.delete(address);
    for (const first of queue) {
      queue.delete(first);
      if (queue.size > 0) queues.set(address, queue);
      return first;
    }
  }
  throw new TypeError('nobody waits in this lane');
}
