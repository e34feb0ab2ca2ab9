// Signing in, across hosts: the app's host sends the browser to the public host, the identity provider sends it back there, and a
// ticket that works once, in this browser, brings it home (docs/architecture.md, "Signing in, across hosts").

import type { Audit } from '../kernel/audit.ts';
import { plus, type Clock } from '../kernel/clock.ts';
import { NO_DEMAND, type EpochMs, type SignInDemand } from '../kernel/words.ts';
import { isFresh } from '../policy/decide.ts';
import type { SentAuthnRequest } from '../saml/guard/message.ts';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import type { IdentityProvider, ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger, Session, Sessions } from '../sessions/sessions.ts';
import { addressForAll, aimOf, unsolicitedAim } from './aim.ts';
import { openAnswered } from './answered.ts';
import { isKnownTo, samlBase, type App } from './app.ts';
import type { MayBegin } from './beginnings.ts';
import { refuseFlow } from './codes.ts';
import type { EndSession } from './end-session.ts';
import type { StandingOf } from './proof.ts';
import { openTickets } from './tickets.ts';

/** What signing in needs. */
export interface SignInParts {
  readonly apps: readonly App[];
  readonly publicOrigin: string;
  readonly publicHostName: string;
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly endSession: EndSession;
  readonly standing: StandingOf;
  readonly mayBegin: MayBegin;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** What `/saml/login` was asked for, and by whom. */
export interface SignInWish {
  readonly app: string | undefined;
  readonly returnTo: string | undefined;
  /** The identity provider that was chosen, if any was. */
  readonly idp: string | undefined;
  /** Do not show the person anything: somebody who is not signed in there comes back without a session. */
  readonly passive: boolean;
  /** How the person must have signed in. */
  readonly demand: SignInDemand;
  /** Hash of the nonce cookie on the app's host. */
  readonly bind: string | undefined;
  /** Hash of the nonce cookie on the public host. */
  readonly browser: string;
  /** The client's address. */
  readonly from: string;
  /** The session that is already there, if any. */
  readonly session: Session | undefined;
}

/** What to do with the browser next. */
export type Next =
  | { readonly kind: 'go'; readonly url: string }
  | { readonly kind: 'send'; readonly message: Outgoing }
  /** The person says where they sign in. */
  | { readonly kind: 'choose'; readonly title: string; readonly offered: readonly Offered[] };

/** An identity provider that an app offers. */
export interface Offered {
  readonly name: string;
  readonly title: string;
}

/** Time to type a password, look for the second factor, and come back. */
const SIGN_IN_MS = 60 * 60_000;
const ELSEWHERE_MS = 60_000;
/** Anybody may begin a sign-in, and what is kept of it stays for an hour: a longer address to return to is refused. */
export const LONGEST_RETURN = 3000;

/** The steps of signing in, each for one address. */
export type SignIn = ReturnType<typeof openSignIn>;

/** Makes the steps of signing in; nothing is kept between them but in the ledger. */
export function openSignIn(parts: SignInParts) {
  const { sessions, ledger, serviceProvider, clock } = parts;
  const tickets = openTickets(parts);

  /** Where an app host sends a browser that has no session, or none that will do. */
  const address = (
    app: Pick<App, 'app' | 'ownSp' | 'origins'>,
    returnTo: string,
    bind: string,
    { contexts, force }: SignInDemand = NO_DEMAND,
  ): string => {
    const query = new URLSearchParams({ app: app.app, return: returnTo, bind });
    for (const context of contexts) query.append('context', context);
    if (force) query.set('force', '');
    return `${samlBase(app, parts.publicOrigin)}/login?${query.toString()}`;
  };
  const signInAgain = ({ app: name, returnTo, bind, demand }: SentAuthnRequest): string =>
    address(aimOf(parts, { app: name, returnTo }).app, returnTo, bind ?? '', demand);

  /** How the session of whoever asks stands, as the store has it: another node may have heard of the person meanwhile. */
  async function sessionFor(app: App, { session, idp, demand }: SignInWish) {
    if (session === undefined || !isKnownTo(app, session.identity)) return undefined;
    if (idp !== undefined && idp !== session.identity.idp) return undefined;
    const serves = (one: Session): boolean =>
      parts.standing(one, clock.now()) === 'good' && meets(app, one, demand, clock.now());
    const known = serves(session) ? session : await sessions.reread(session.id, clock.now());
    return known && { session: known, serves: serves(known) };
  }

  return {
    ...tickets,
    /**
     * Where a browser goes on with whose Response nobody had asked for one, signed but not believed: its identity provider is asked who is there. So
     * nobody can sign others in to an account of theirs (profiles §4.1.5). Once a minute for each browser: an identity provider that never says
     * what it answers would otherwise go on without end.
     */
    async begunElsewhere(idp: string, relayState: string | undefined, browser: string): Promise<string | undefined> {
      const { app, returnTo } = unsolicitedAim(parts, idp, relayState);
      const isFirst = await ledger.once('begun-elsewhere', browser, plus(clock.now(), ELSEWHERE_MS), clock.now());
      if (app === undefined || !isFirst) return undefined;
      const query = new URLSearchParams({ app, idp, ...(returnTo !== undefined && { return: returnTo }) });
      return `${samlBase(aimOf(parts, { app, returnTo }).app, parts.publicOrigin)}/login?${query.toString()}`;
    },

    ...openAnswered(parts, tickets, signInAgain),
    address,
    addressForAll: () => addressForAll(parts),

    /**
     * Single sign-on inside the gateway where a session lives, otherwise an AuthnRequest, or first a question. A session whose word is too old, or
     * that was not begun as it is asked for, goes on where the identity provider says so. Throws RETURN_REFUSED, IDP_NOT_OFFERED,
     * CONTEXT_UNKNOWN, SIGN_INS_TOO_MANY.
     */
    async start(wish: SignInWish): Promise<Next> {
      if ((wish.returnTo?.length ?? 0) > LONGEST_RETURN)
        throw refuseFlow('RETURN_REFUSED', { detail: { reason: 'long' } });
      const { app, returnTo, offered, title } = aimOf(parts, wish);
      const { bind, browser, demand } = wish;
      if (!isDemandOf(app, demand)) throw refuseFlow('CONTEXT_UNKNOWN', { detail: { app: app.app } });
      const chosen = idpFor(serviceProvider, offered, wish.idp);
      const known = await sessionFor(app, wish);
      if (known?.serves === true) return { kind: 'go', url: await tickets.home(known.session, returnTo, bind) };
      const idp = known === undefined ? chosen : idpNamed(serviceProvider, known.session.identity.idp);
      if (idp === undefined) {
        const idps = offered.map((name) => idpNamed(serviceProvider, name));
        return { kind: 'choose', title, offered: idps.map((one) => ({ name: one.name, title: one.title })) };
      }
      // Whoever is signed in is not asked again whether they are there; for another context they may have to show more.
      const passive = wish.passive || (known !== undefined && meets(app, known.session, demand, clock.now()));
      parts.mayBegin(wish.from);
      const { id, message, expects } = serviceProvider.signInRequest(idp, clock.now(), demand, passive);
      const about = known?.session.id;
      const sp = serviceProvider.app;
      const sent = { idp: idp.name, sp, browser, app: app.app, returnTo, bind, about, demand, ...expects };
      await ledger.keep('authn-request', id, sent satisfies SentAuthnRequest, plus(clock.now(), SIGN_IN_MS));
      return { kind: 'send', message };
    },
  };
}

/** Whether a rule of the app asks for this: a link cannot have people sign in in ways that nobody wants. */
const isDemandOf = ({ access }: App, { contexts, force }: SignInDemand): boolean =>
  contexts.every((context) => access.some(({ authnContext }) => authnContext?.includes(context))) &&
  (!force || access.some(({ forceAuthnAfterMs }) => forceAuthnAfterMs !== undefined));

/** Whether a session was begun, or strengthened, as it is demanded; anew: within what the strictest rule of the app allows. */
function meets({ access }: App, { identity }: Session, { contexts, force }: SignInDemand, now: EpochMs): boolean {
  const within = Math.min(...access.map(({ forceAuthnAfterMs }) => forceAuthnAfterMs ?? Infinity));
  const hasContext = contexts.length === 0 || contexts.includes(identity.authnContext ?? '');
  return hasContext && (!force || isFresh(identity, within, now));
}

/** The identity provider to ask; undefined where the person has to choose one. Throws IDP_NOT_OFFERED. */
function idpFor(
  serviceProvider: ServiceProvider,
  offered: readonly string[],
  wanted: string | undefined,
): IdentityProvider | undefined {
  if (wanted !== undefined && !offered.includes(wanted))
    throw refuseFlow('IDP_NOT_OFFERED', { detail: { idp: wanted.slice(0, 63) } });
  const [only, second] = offered;
  const name = wanted ?? (second === undefined ? only : undefined);
  return name === undefined ? undefined : idpNamed(serviceProvider, name);
}

function idpNamed(serviceProvider: ServiceProvider, name: string): IdentityProvider {
  const idp = serviceProvider.identityProvider(name);
  // The configuration has seen to it that every app's identity providers are there.
  if (idp === undefined) throw new TypeError(`no identity provider ${name}`);
  return idp;
}
