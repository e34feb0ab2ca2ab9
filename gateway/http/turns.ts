// In what order SAML messages are judged, and how much may wait. Whoever sends one is a stranger until it is judged, and some cost ten times what a good
// one does: so one is judged in each turn of the event loop, addresses take turns, and LogoutRequests, and addresses that good messages came from, wait
// behind none of the others (P1).

import type { Elapsed } from '../kernel/clock.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { Familiar } from '../kernel/familiar.ts';
import type { Measures } from '../kernel/measures.ts';
import { subscriber } from '../kernel/subscriber.ts';
import { refuseHttp } from './codes.ts';
import { openLanes, type Kind } from './lanes.ts';

/** What may be read and wait at once, in bytes. */
export interface MessageLimits {
  /** Of one stranger's address. */
  readonly perAddress: number;
  /** Of all strangers; and as much again of addresses that good messages came from. */
  readonly all: number;
}

/** One message, from before its body is read until it is judged. */
export interface Place {
  /** Resolves when it may be judged. Rejects with MESSAGES_TOO_MANY where its room was given to somebody else. */
  turn(kind: Kind): Promise<void>;
  /** Does a part of judging it; what holds the processor meanwhile is counted. */
  held<T>(work: () => T): T;
  /** Gives its room back. */
  judged(isGood: boolean): void;
}

/** The place of whoever need not wait. */
export const FREE: Place = { turn: () => Promise.resolve(), held: (work) => work(), judged: () => {} };

/** Takes room for a message of so many bytes; `giveUp` is called where it has to make room while it is read. Throws MESSAGES_TOO_MANY. */
export type Enter = (address: string, bytes: number, giveUp: (error: CurfewError) => void) => Place;

/** What is remembered of those that wait, whatever the limits are. */
export type Turns = ReturnType<typeof openTurns>;

interface Waiting {
  readonly bytes: number;
  readonly evict: () => void;
}

/** All that waits of one address; the newest last. */
interface Crowd {
  bytes: number;
  readonly waiting: Set<Waiting>;
}

/** What a request takes beside its body. */
const OVERHEAD_BYTES = 4096;
const RETRY_AFTER_S = 2;

/** Makes them, with nothing waiting. */
export function openTurns(parts: {
  readonly elapsed: Elapsed;
  readonly familiar: Familiar;
  readonly measures: Pick<Measures, 'count'>;
}) {
  const lanes = openLanes(parts.elapsed);
  const rooms = { known: new Map<string, Crowd>(), strange: new Map<string, Crowd>() };
  const taken = { known: 0, strange: 0 };

  const tooMany = (by: 'address' | 'all', address: string): CurfewError => {
    parts.measures.count('limited', { what: 'messages', by });
    return refuseHttp('MESSAGES_TOO_MANY', { detail: { by, address, retryAfterSeconds: RETRY_AFTER_S } });
  };

  return (limits: MessageLimits): Enter =>
    (address, size, giveUp) => {
      const from = subscriber(address);
      const who = parts.familiar.knows(address) ? 'known' : 'strange';
      const room = rooms[who];
      const bytes = size + OVERHEAD_BYTES;
      const own = room.get(from)?.bytes ?? 0;
      if (who === 'strange' && own + bytes > limits.perAddress) throw tooMany('address', address);
      while (taken[who] + bytes > limits.all) {
        // Whoever takes the most gives up its newest, so that many of one never keep out the one of another.
        const [, most] = [...room].reduce(
          (a, b) => (b[1].bytes > a[1].bytes ? b : a),
          ['', { bytes: 0, waiting: none }],
        );
        const newest = [...most.waiting].at(-1);
        if (most.bytes - (newest?.bytes ?? 0) < own + bytes || newest === undefined) throw tooMany('all', address);
        newest.evict();
      }
      const crowd = room.get(from) ?? { bytes: 0, waiting: new Set() };
      room.set(from, crowd);
      crowd.bytes += bytes;
      taken[who] += bytes;
      let lane: ReturnType<typeof lanes.wait> | undefined;
      let isIn = true;
      let heldMs = 0;
      const leave = (): void => {
        if (!isIn) return;
        isIn = false;
        lane?.leave();
        taken[who] -= bytes;
        crowd.bytes -= bytes;
        crowd.waiting.delete(waiting);
        if (crowd.bytes === 0) room.delete(from);
      };
      const waiting: Waiting = {
        bytes,
        evict: () => {
          const error = tooMany('all', address);
          lane?.fail(error);
          leave();
          if (lane === undefined) giveUp(error);
        },
      };
      crowd.waiting.add(waiting);
      return {
        async turn(kind) {
          if (!isIn) throw tooMany('all', address);
          lane = lanes.wait(`${kind} ${who}`, from);
          await lane.turn;
          crowd.waiting.delete(waiting);
        },
        held(work) {
          const begunAt = parts.elapsed();
          try {
            return work();
          } finally {
            heldMs += parts.elapsed() - begunAt;
          }
        },
        judged(isGood) {
          if (isIn && !isGood) lane?.rest(heldMs);
          leave();
        },
      };
    };
}

const none: Crowd['waiting'] = new Set();
