// When other policies have taken the place of those that were: what is open and may stay, and sessions that nobody could sign out any more.

import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../kernel/log.ts';
import type { Identity } from '../kernel/words.ts';
import type { LiveConnections } from '../live/registry.ts';
import { decide } from '../policy/decide.ts';
import type { Roll } from '../sessions/roll.ts';
import type { AdmitParts, Asked } from './admit.ts';
import { isKnownTo, type App } from './app.ts';
import type { EndSession } from './end-session.ts';

/**
 * Ends every open connection that would not be admitted to the same application now. Those of an app that is unchanged are left alone. Resolves with how
 * many it ended; in doubt (the store is away) a connection ends (P12).
 */
export function reviewConnections(
  before: Pick<AdmitParts, 'table'>,
  after: AdmitParts,
  live: LiveConnections,
): Promise<number> {
  const mayStay = (about: unknown): boolean | Promise<boolean> => {
    const asked = about as Asked;
    const { readings, host } = asked;
    if (readings === 'ambiguous') return false;
    const [was, is] = [before.table.find(host, readings), after.table.find(host, readings)];
    if (was === undefined || was === 'ambiguous' || is === undefined || is === 'ambiguous') return false;
    if (was.app === is.app) return true;
    if (!leadsToTheSame(was.app, is.app)) return false;
    const now = after.clock.now();
    const judged = (session: Awaited<ReturnType<AdmitParts['sessions']['find']>>): boolean => {
      const known = session !== undefined && isKnownTo(is.app, session.identity) ? session : undefined;
      const isOver = known !== undefined && after.standing(known, now) === 'over';
      return decide(is, readings, asked.method, isOver ? undefined : known?.identity, now).outcome === 'pass';
    };
    const session = asked.token && after.sessions.find(asked.token, asked.hostName, now);
    return session instanceof Promise ? session.then(judged) : judged(session);
  };
  return live.review(mayStay);
}

/** What is open was opened to one server: another one, or one that has to prove itself by other certificates, is none of it. */
const leadsToTheSame = (a: App, b: App): boolean =>
  a.app === b.app && a.upstreamOrigin === b.upstreamOrigin && isDeepStrictEqual(a.upstreamTls, b.upstreamTls);

const AT_ONCE = 500;
/** Others may begin and end meanwhile; whoever still signs in there by what was configured before finds no app that knows them. */
const MOST_ROUNDS = 1000;

/**
 * Ends the sessions that no LogoutRequest could end any more, by the one death: those of identity providers and service providers that are gone. Resolves
 * with how many; what fails is logged, and tried no more: such a session serves nobody.
 */
export async function endStranded(
  {
    roll,
    endSession,
    log,
  }: { readonly roll: Pick<Roll, 'search'>; readonly endSession: EndSession; readonly log: Log },
  isStranded: (identity: Identity) => boolean,
): Promise<number> {
  let ended = 0;
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const found = await roll.search(({ identity }) => isStranded(identity), AT_ONCE);
      const results = await Promise.all(found.map(({ session }) => endSession(session.id, { reason: 'unconfigured' })));
      const count = results.filter((result) => result !== undefined).length;
      ended += count;
      // Whatever another node is ending at this moment is not ours to wait for.
      if (count === 0) break;
    }
  } catch (error) {
    log.warn('stranded-sessions-not-ended', { error: String(error) });
  }
  return ended;
}
