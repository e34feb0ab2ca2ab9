// Endings under way on this node: the session is out of the store, where nobody finds it any more, and its apps are still being told.

import type { Session } from '../sessions/sessions.ts';
import type { Ended } from './end-session.ts';

/** The endings under way, for whoever must not say that a person is out before they are (P1). */
export interface Endings {
  /** Follows one from before the store is asked until it is over. `session` is what the store answers. */
  follow(session: Promise<Session | undefined>, ended: Promise<Ended | undefined>): void;
  /** Waits for those of the sessions meant that are under way now, and tells how they ended. */
  of(isMeant: (session: Session) => boolean): Promise<readonly Ended[]>;
}

/** None yet. */
export function openEndings(): Endings {
  const underWay = new Map<Promise<Ended | undefined>, Promise<Session | undefined>>();
  return {
    follow(session, ended) {
      underWay.set(ended, session);
      const over = (): void => void underWay.delete(ended);
      ended.then(over, over);
    },
    async of(isMeant) {
      const all = [...underWay].map(async ([ended, ending]) => {
        // Where the store refused, the session lives and is found there.
        const session = await ending.catch(() => undefined);
        return session !== undefined && isMeant(session) ? ended : undefined;
      });
      return (await Promise.all(all)).filter((ended) => ended !== undefined);
    },
  };
}
