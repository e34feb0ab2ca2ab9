// The one admission: whether a request may pass, for HTTP requests and upgrades alike. Nothing is awaited where nothing has to be
// waited for, because this runs for every request.

import type { Clock } from '../kernel/clock.ts';
import type { SignInDemand, Token } from '../kernel/words.ts';
import type { Connection, End, LiveConnections } from '../live/registry.ts';
import type { POLICY_CODES } from '../policy/codes.ts';
import { decide } from '../policy/decide.ts';
import type { Methods } from '../policy/method.ts';
import type { Readings } from '../policy/path.ts';
import type { CompiledApp, Table } from '../policy/table.ts';
import type { Session, Sessions, Soon } from '../sessions/sessions.ts';
import { isKnownTo, type App } from './app.ts';
import type { StandingOf } from './proof.ts';

/** What a door knows of a request. */
export interface Asked {
  /** The Host header. */
  readonly host: string;
  /** The host's name as cookies know it: lower case, without port. */
  readonly hostName: string;
  readonly readings: Readings | 'ambiguous';
  readonly method: Methods;
  readonly token: Token | undefined;
  /** A browser is going to a page, and may be sent elsewhere first without losing anything. */
  readonly isPage: boolean;
}

/** What becomes of a request. A refusal before its app is known has none. */
export type Admission =
  /** May pass. With a session the connection is registered; whoever forwards releases it. */
  | { readonly kind: 'pass'; readonly app: App; readonly session: Session; readonly connection: Connection }
  | { readonly kind: 'pass'; readonly app: App; readonly session: undefined; readonly connection: undefined }
  /** `demand`: what the session there is lacks. */
  | { readonly kind: 'sign-in'; readonly app: App; readonly demand?: SignInDemand }
  | {
      readonly kind: 'refused';
      readonly app: App | undefined;
      readonly code: keyof typeof POLICY_CODES;
      /** Whose, where it was somebody who is signed in. */
      readonly session?: Session;
    };

/** What the admission needs. */
export interface AdmitParts {
  readonly table: Table<App>;
  readonly sessions: Pick<Sessions, 'find' | 'touch' | 'reread'>;
  readonly standing: StandingOf;
  readonly live: Pick<LiveConnections, 'register'>;
  readonly clock: Clock;
  /** What has taken the place of these: whoever still waits for the store then is judged by it (docs/reload.md). */
  successor?: AdmitParts | undefined;
}

/** Decides. Rejects only where the store cannot be asked (P12). */
export function admit(parts: AdmitParts, asked: Asked, client: End): Soon<Admission> {
  if (asked.readings === 'ambiguous') return { kind: 'refused', app: undefined, code: 'PATH_AMBIGUOUS' };
  const found = parts.table.find(asked.host, asked.readings);
  if (found === 'ambiguous') return { kind: 'refused', app: undefined, code: 'PATH_AMBIGUOUS' };
  if (found === undefined) return { kind: 'refused', app: undefined, code: 'HOST_UNKNOWN' };
  const session = asked.token && parts.sessions.find(asked.token, asked.hostName, parts.clock.now());
  const { readings } = asked;
  return session instanceof Promise
    ? session.then((known) => judge(parts, asked, readings, found, known, client))
    : judge(parts, asked, readings, found, session, client);
}

function judge(
  parts: AdmitParts,
  asked: Asked,
  readings: Readings,
  found: CompiledApp<App>,
  session: Session | undefined,
  client: End,
  isReread = false,
): Soon<Admission> {
  // From here to the registration nothing waits: what is registered later than this is looked over by whoever put the successor there.
  if (parts.successor !== undefined) return admit(parts.successor, asked, client);
  const { app } = found;
  // Somebody who signed in at another identity provider is nobody here, and so is somebody whose word is too old.
  const known = session && isKnownTo(app, session.identity) ? session : undefined;
  const now = parts.clock.now();
  const standing = known === undefined ? 'good' : parts.standing(known, now);
  const person = standing === 'over' ? undefined : known;
  const decision = decide(found, readings, asked.method, person?.identity, now);
  const isDue = standing === 'over' || (standing === 'due' && asked.isPage);
  if (known !== undefined && !isReread && (isDue || decision.outcome === 'step-up')) {
    // Another node may have heard of the person meanwhile.
    return parts.sessions
      .reread(known.id, parts.clock.now())
      .then((fresh) => judge(parts, asked, readings, found, fresh, client, true));
  }
  if (decision.outcome === 'forbidden')
    return { kind: 'refused', app, code: decision.code, ...(person && { session: person }) };
  if (decision.outcome === 'sign-in') return { kind: 'sign-in', app };
  if (decision.outcome === 'step-up') return { kind: 'sign-in', app, demand: decision };
  if (person === undefined) return { kind: 'pass', app, session: undefined, connection: undefined };
  // What is for anyone needs nobody's word.
  if (isDue && decision.reason !== 'anyone') return { kind: 'sign-in', app };

  // Registered before the second look: in the other order a logout between the two leaves a connection nobody cuts (P8).
  const connection = parts.live.register(person.id, client, asked);
  const lookAgain = (lives: boolean): Soon<Admission> => {
    if (lives) return { kind: 'pass', app, session: person, connection };
    connection.release();
    return judge(parts, asked, readings, found, undefined, client);
  };
  const lives = parts.sessions.touch(person.id, parts.clock.now());
  if (!(lives instanceof Promise)) return lookAgain(lives);
  return lives.then(lookAgain, (error: unknown) => {
    connection.release();
    throw error;
  });
}
