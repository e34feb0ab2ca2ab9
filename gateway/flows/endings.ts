// Endings under way on this node: the session is out of the store, where nobody finds it any more, and its apps are still being told.

import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import type { Session } from '../sessions/sessions.ts';
import type { Ended } from './end-session.ts';

/** The endings under way, for whoever must not say that a person is out before they are (P1). */
export interface Endings {
  /** Follows one from before the store is asked until it is over. `closing` is what the store answers. */
  follow(closing: Promise<Session | undefined>, ended: Promise<Ended | undefined>): void;
  /** Waits for those of the sessions meant that are under way now, and tells how they ended. */
  of(isMeant: (session: Session) => boolean): Promise<readonly Ended[]>;
  /**
   * Takes the last step of one. Where it fails it is left for `again`: unfinished, the session would be waited for by every later logout of that person
   * at another node, and said not to be over. Never rejects.
   */
  last(id: SessionId, step: () => Promise<void>): Promise<void>;
  /** Takes the steps again that have failed. Never rejects. */
  again(): Promise<void>;
}

/** None yet. */
export function openEndings({ log }: { readonly log: Log }): Endings {
  const failed = new Map<SessionId, () => Promise<void>>();
  const last: Endings['last'] = async (id, step) => {
    try {
      await step();
      failed.delete(id);
    } catch (error) {
      failed.set(id, step);
      log.warn('session-not-forgotten', { session: id, error: String(error) });
    }
  };
  const underWay = new Set<UnderWay>();
  const nothing: Promise<readonly Ended[]> = Promise.resolve([]);
  return {
    last,
    again: async () => {
      await Promise.all([...failed].map(([id, step]) => last(id, step)));
    },
    follow(closing, ended) {
      const one: UnderWay = { closing, ended, session: 'unknown' };
      underWay.add(one);
      // Where the store refused, the session lives and is found there.
      const closed = (session: Session | undefined): void => void (one.session = session);
      closing.then(closed, () => closed(undefined));
      const over = (): void => void underWay.delete(one);
      ended.then(over, over);
    },
    of(isMeant) {
      const meant: Promise<Ended | undefined>[] = [];
      for (const one of underWay) {
        if (one.session === 'unknown') meant.push(whenKnown(one, isMeant));
        else if (one.session !== undefined && isMeant(one.session)) meant.push(one.ended);
      }
      if (meant.length === 0) return nothing;
      return Promise.all(meant).then((all) => all.filter((ended) => ended !== undefined));
    },
  };
}

/** One ending. A hundred may be under way when a logout asks whether they are of its person, so what the store has answered is kept beside it. */
interface UnderWay {
  readonly closing: Promise<Session | undefined>;
  readonly ended: Promise<Ended | undefined>;
  session: Session | undefined | 'unknown';
}

const whenKnown = ({ closing, ended }: UnderWay, isMeant: (session: Session) => boolean): Promise<Ended | undefined> =>
  closing.then(
    (session) => (session !== undefined && isMeant(session) ? ended : undefined),
    () => undefined,
  );
