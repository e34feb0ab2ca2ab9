// How long an identity provider's word is good. One that does not tell us when somebody leaves is asked again, on the way to the next page,
// whether the person is still there (`revalidate`).

import type { EpochMs } from '../kernel/words.ts';
import type { Session } from '../sessions/sessions.ts';

/**
 * `good`: serves. `due`: the next page asks first; what scripts ask for is served meanwhile. `over`: as long again has passed, and nothing is
 * served before the identity provider has answered.
 */
export type Standing = 'good' | 'due' | 'over';

/** How a session stands now. On the way of every request: no promise, no allocation. */
export type StandingOf = (session: Session, now: EpochMs) => Standing;

/** Judges by how long each identity provider's word is good; undefined: until the session ends. */
export const standings =
  (revalidateMs: (idp: string) => number | undefined): StandingOf =>
  ({ identity, createdAt }, now) => {
    const goodForMs = revalidateMs(identity.idp);
    if (goodForMs === undefined) return 'good';
    // Either way: a clock that was set back must not make a word good for longer.
    const age = Math.abs(now - (identity.provenAt ?? createdAt));
    if (age < goodForMs) return 'good';
    return age < 2 * goodForMs ? 'due' : 'over';
  };
