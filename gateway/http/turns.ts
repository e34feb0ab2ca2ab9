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
import { openRanks, type Ranks } from './ranks.ts';

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

/** One that waits, between the one before it and the one after it of the same address. */
interface Waiting {
  readonly bytes: number;
  readonly evict: () => void;
  older: Waiting | undefined;
  newer: Waiting | undefined;
}

/** What one address takes, and the newest of what waits. */
interface Crowd {
  bytes: number;
  newest: Waiting | undefined;
}

interface Room {
  readonly crowds: Map<string, Crowd>;
  readonly ranks: Ranks<Crowd>;
  taken: number;
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
  const empty = (): Room => ({ crowds: new Map(), ranks: openRanks(), taken: 0 });
  const rooms = { known: empty(), strange: empty() };

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
      const own = room.crowds.get(from)?.bytes ?? 0;
      if (who === 'strange' && own + bytes > limits.perAddress) throw tooMany('address', address);
      while (room.taken + bytes > limits.all) {
        // Whoever takes the most gives up its newest, so that many of one never keep out the one of another.
        const most = room.ranks.most();
        const newest = most?.newest;
        if (newest === undefined || most === undefined || most.bytes - newest.bytes < own + bytes)
          throw tooMany('all', address);
        newest.evict();
      }
      const crowd = room.crowds.get(from) ?? { bytes: 0, newest: undefined };
      room.crowds.set(from, crowd);
      take(room, crowd, bytes);
      let lane: ReturnType<typeof lanes.wait> | undefined;
      let isIn = true;
      let heldMs = 0;
      const leave = (): void => {
        if (!isIn) return;
        isIn = false;
        lane?.leave();
        take(room, crowd, -bytes);
        if (isWaiting) unlink(crowd, waiting);
        isWaiting = false;
        if (crowd.bytes === 0) room.crowds.delete(from);
      };
      let isWaiting = true;
      const waiting: Waiting = {
        bytes,
        older: crowd.newest,
        newer: undefined,
        evict: () => {
          const error = tooMany('all', address);
          lane?.fail(error);
          leave();
          if (lane === undefined) giveUp(error);
        },
      };
      if (crowd.newest !== undefined) crowd.newest.newer = waiting;
      crowd.newest = waiting;
      return {
        async turn(kind) {
          if (!isIn) throw tooMany('all', address);
          lane = lanes.wait(`${kind} ${who}`, from);
          await lane.turn;
          if (isWaiting) unlink(crowd, waiting);
          isWaiting = false;
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

function take(room: Room, crowd: Crowd, bytes: number): void {
  const was = crowd.bytes;
  crowd.bytes += bytes;
  room.taken += bytes;
  room.ranks.move(crowd, was, crowd.bytes);
}

function unlink(crowd: Crowd, { older, newer }: Waiting): void {
  if (older !== undefined) older.newer = newer;
  if (newer === undefined) crowd.newest = older;
  else newer.older = older;
}
