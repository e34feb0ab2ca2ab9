// Living sessions whose NameID is the one that a LogoutRequest names in other letters. They are other people's by the standard (saml-core §3.3.4), so none
// of them is ended; but an operator has to learn that Success was said and somebody is still in.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { issuedNameId, type EpochMs } from '../kernel/words.ts';
import type { VerifiedLogoutRequest } from '../saml/guard/message.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Roll } from '../sessions/roll.ts';
import type { Session } from '../sessions/sessions.ts';
import type { LogoutSubject } from './meant.ts';

/** No index knows names by less than all of their letters: the newest sessions are read one by one, some 20 µs each. */
const MOST_READ = 1000;
/** An identity provider that tells us of everybody's logout, also of strangers', must not have them read each time. */
const LOOK_EVERY_MS = 10_000;

/** What is said to whoever finds one: the settings that bring both names together. */
export const ALIKE_REMEDY =
  'have the identity provider write the same NameID when it signs in and when it signs out (signOn.nameIdFormat: persistent), or name the SessionIndex in its LogoutRequests and set logout: { match: sessionIndex }';

/** Whether a session is such a one. */
export const isAlike = (
  { app, differences }: Pick<ServiceProvider, 'app' | 'differences'>,
  { idp, nameId }: Pick<LogoutSubject, 'idp' | 'nameId'>,
): ((session: Session) => boolean) => {
  const folded = foldedOf(nameId.value);
  return ({ identity }) => {
    if (identity.idp !== idp.name || identity.sp !== app) return false;
    const issued = issuedNameId(identity);
    return foldedOf(issued.value) === folded && differences(idp, nameId, issued).includes('value');
  };
};

/** Without the differences that people do not see. */
const foldedOf = (value: string): string => value.trim().normalize('NFC').toLowerCase();

/** What looking for them needs. */
export interface AlikeParts {
  readonly roll: Pick<Roll, 'search'>;
  readonly serviceProvider: Pick<ServiceProvider, 'app' | 'differences'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Says in the log, and answers, how many there are among the newest sessions; undefined where none was found, or where it was looked less than ten seconds
 * ago. Never rejects: a logout that found nobody is over whatever comes of this.
 */
export type LookForAlike = (request: VerifiedLogoutRequest) => Promise<number | undefined>;

/** Makes it. */
export function lookForAlike({ roll, serviceProvider, clock, log }: AlikeParts): LookForAlike {
  let nextAt = -Infinity as EpochMs;
  return async (request) => {
    const now = clock.now();
    // A clock that was set back must not put an end to it.
    if (now < nextAt && plus(now, LOOK_EVERY_MS) >= nextAt) return undefined;
    nextAt = plus(now, LOOK_EVERY_MS);
    try {
      const { length: count } = await roll.search(isAlike(serviceProvider, request), MOST_READ, MOST_READ);
      if (count === 0) return undefined;
      const { idp, id } = request;
      log.warn('logout-names-nobody-quite', { idp: idp.name, messageId: id, sessions: count, remedy: ALIKE_REMEDY });
      return count;
    } catch (error) {
      log.warn('logout-alike-unknown', { error: String(error) });
      return undefined;
    }
  };
}
