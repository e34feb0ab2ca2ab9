// Marks say that a browser was given something in a session: short, keyed, and checked without asking the store, on every node alike.

import { sameSecret } from '../kernel/random.ts';
import type { SessionId } from '../kernel/words.ts';
import type { Sealing } from './sealing.ts';

/** Says whose a cookie in the browser is. */
export interface Marks {
  /** The mark of a cookie that an app has set in a session: 22 characters. */
  of(session: SessionId, app: string, cookie: string): string;
  /** Whether it is, under any of the secrets; in time that does not depend on where they differ. */
  fits(mark: string, session: SessionId, app: string, cookie: string): boolean;
}

/** Marks under the secrets of `sealing`. */
export function marksOf(sealing: Pick<Sealing, 'hashes'>): Marks {
  return {
    of: (session, app, cookie) => sealing.hashes[0]('mark', session, app, cookie),
    fits: (mark, session, app, cookie) =>
      sealing.hashes.some((hash) => sameSecret(hash('mark', session, app, cookie), mark)),
  };
}
