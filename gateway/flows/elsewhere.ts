// What other nodes have under way at this moment, for whoever must not say that a person is out before they are (P1, P5). The
// other node may die in the middle: what it had claimed is then anybody's, and what it was ending is taken over.

import { setTimeout as pause } from 'node:timers/promises';
import { plus, type Clock, type Elapsed } from '../kernel/clock.ts';
import type { SessionId } from '../kernel/words.ts';
import type { Ledger, Session, Sessions } from '../sessions/sessions.ts';
import type { Nodes } from '../sessions/store.ts';
import type { Goodbye } from './goodbyes.ts';

/** The other nodes, as the stories see them. */
export interface Elsewhere {
  /**
   * Runs `work` on one node at a time for each name. Where another node is at it, waits for what `known` then finds instead.
   */
  once<T>(name: string, known: () => Promise<T | undefined>, work: () => Promise<T>): Promise<T>;
  /**
   * Waits until the endings of the sessions meant that others have under way are over, and tells how; and until no node serves what the
   * store has lost: a session that is not found there may be remembered elsewhere.
   */
  over(isMeant: (session: Session) => boolean): Promise<{ readonly sessions: number; readonly complete: boolean }>;
  /** Notes for the others how the apps were told, before the session is forgotten. */
  told(id: SessionId, goodbyes: readonly Goodbye[]): Promise<void>;
}

/** What it takes. */
export interface ElsewhereParts {
  readonly sessions: Pick<Sessions, 'unfinished'>;
  readonly ledger: Ledger;
  /** Undefined where this process has the store to itself. */
  readonly nodes: Pick<Nodes, 'claim' | 'settled'> | undefined;
  readonly clock: Clock;
  readonly elapsed: Elapsed;
}

const LOOK_EVERY_MS = 25;
/** Longer than any goodbye's usual deadline and a takeover together; then the truth is that we do not know. */
const LONGEST_MS = 15_000;
const REMEMBERED_MS = 10 * 60_000;

/** Whether every app that had to be told was. */
export const isComplete = (goodbyes: readonly Goodbye[]): boolean =>
  goodbyes.every(({ required, outcome }) => !required || outcome.kind === 'told');

/** Makes it. Where there are no other nodes nothing is asked. */
export function openElsewhere({ sessions, ledger, nodes, clock, elapsed }: ElsewhereParts): Elsewhere {
  if (nodes === undefined) return NOWHERE;

  return {
    async once(name, known, work) {
      const until = elapsed() + LONGEST_MS;
      for (;;) {
        const release = await nodes.claim('at work', name);
        try {
          const found = await known();
          if (found !== undefined) return found;
          // Whoever is at it this long has hung; doing it twice does no harm, as every step of it is done by one.
          if (release !== undefined || elapsed() > until) return await work();
        } finally {
          await release?.();
        }
        await pause(LOOK_EVERY_MS);
      }
    },

    async over(isMeant) {
      const [unfinished] = await Promise.all([sessions.unfinished(), nodes.settled()]);
      const meant = unfinished.filter(isMeant).map(({ id }) => id);
      let left = meant;
      const until = elapsed() + LONGEST_MS;
      while (left.length > 0) {
        if (elapsed() > until) return { sessions: meant.length, complete: false };
        await pause(LOOK_EVERY_MS);
        const still = new Set((await sessions.unfinished()).map(({ id }) => id));
        left = left.filter((id) => still.has(id));
      }
      const failed = await Promise.all(meant.map((id) => ledger.read('not-told', id, clock.now())));
      return { sessions: meant.length, complete: failed.every((one) => one === undefined) };
    },

    async told(id, goodbyes) {
      if (!isComplete(goodbyes)) await ledger.keep('not-told', id, true, plus(clock.now(), REMEMBERED_MS));
    },
  };
}

const NOBODY = Promise.resolve({ sessions: 0, complete: true });
const DONE = Promise.resolve();
/** For a process that has the store to itself. */
const NOWHERE: Elsewhere = {
  once: async (_name, known, work) => (await known()) ?? work(),
  over: () => NOBODY,
  told: () => DONE,
};
