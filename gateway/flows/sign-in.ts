// Signing in, across hosts: the app's host sends the browser to the public host, the identity provider sends it back there, and a
// ticket that works once, in this browser, brings it home (docs/architecture.md, "Signing in, across hosts").

import type { Audit } from '../kernel/audit.ts';
import { plus, type Clock } from '../kernel/clock.ts';
import { randomText, sameSecret } from '../kernel/random.ts';
import type { EpochMs, SessionId, Token } from '../kernel/words.ts';
import { refuse } from '../saml/codes.ts';
import type { VerifiedResponse } from '../saml/guard/message.ts';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import type { IdentityProvider, ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger, Session, Sessions } from '../sessions/sessions.ts';
import { aimOf, unsolicitedAim } from './aim.ts';
import type { App } from './app.ts';
import { refuseFlow } from './codes.ts';
import type { EndSession } from './end-session.ts';
import { personOf, rememberTypist, type Person } from './typist.ts';

/** What signing in needs. */
export interface SignInParts {
  readonly apps: readonly App[];
  readonly publicOrigin: string;
  readonly publicHostName: string;
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly endSession: EndSession;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** What `/saml/login` was asked for, and by whom. */
export interface SignInWish {
  readonly app: string | undefined;
  readonly returnTo: string | undefined;
  /** The identity provider that was chosen, if any was. */
  readonly idp: string | undefined;
  /** Hash of the nonce cookie on the app's host. */
  readonly bind: string | undefined;
  /** Hash of the nonce cookie on the public host. */
  readonly browser: string;
  /** The session that is already there, if any. */
  readonly session: Session | undefined;
}

/** What to do with the browser next. */
export type Next =
  | { readonly kind: 'go'; readonly url: string }
  | { readonly kind: 'send'; readonly message: Outgoing }
  /** The person says where they sign in. */
  | { readonly kind: 'choose'; readonly app: string; readonly offered: readonly Offered[] };

/** An identity provider that an app offers. */
export interface Offered {
  readonly name: string;
  readonly title: string;
}

/** Time to type a password, look for the second factor, and come back. */
const SIGN_IN_MS = 60 * 60_000;
const TICKET_MS = 30_000;
/** Anybody may begin a sign-in, and what is kept of it stays for an hour: a longer address to return to is refused. */
export const LONGEST_RETURN = 3000;

interface Ticket {
  readonly session: SessionId;
  readonly hostName: string;
  readonly returnTo: string;
  readonly bind: string;
  readonly person: Person | undefined;
  readonly expiresAt: EpochMs;
}

/** The steps of signing in, each for one address. */
export type SignIn = ReturnType<typeof openSignIn>;

/** Makes the steps of signing in; nothing is kept between them but in the ledger. */
export function openSignIn(parts: SignInParts) {
  const { apps, sessions, ledger, serviceProvider, clock } = parts;

  /** Home with a ticket, or straight where no ticket is needed. */
  async function home(session: Session, returnTo: string, bind: string | undefined): Promise<string> {
    const { hostname } = new URL(returnTo);
    if (bind === undefined || hostname === parts.publicHostName) return returnTo;
    const id = randomText();
    const { id: sessionId, identity, expiresAt } = session;
    const person = personOf(identity);
    const ticket: Ticket = { session: sessionId, hostName: hostname, returnTo, bind, person, expiresAt };
    await ledger.keep('ticket', id, ticket, plus(clock.now(), TICKET_MS));
    return `${new URL(returnTo).origin}/.curfew/enter?ticket=${id}`;
  }

  return {
    /** Where an app host sends a browser that has no session. */
    address: (app: App, returnTo: string, bind: string): string =>
      `${parts.publicOrigin}/saml/login?${new URLSearchParams({ app: app.app, return: returnTo, bind }).toString()}`,

    /** Single sign-on inside the gateway where a session lives, otherwise an AuthnRequest, or first a question. Throws RETURN_REFUSED, IDP_NOT_OFFERED. */
    async start(wish: SignInWish): Promise<Next> {
      if ((wish.returnTo?.length ?? 0) > LONGEST_RETURN)
        throw refuseFlow('RETURN_REFUSED', { detail: { reason: 'long' } });
      const { app, returnTo } = aimOf(apps, wish);
      const idp = idpFor(serviceProvider, app, wish.idp);
      const here = wish.session?.identity.idp;
      if (wish.session && here !== undefined && app.identityProviders.includes(here) && here === (wish.idp ?? here)) {
        return { kind: 'go', url: await home(wish.session, returnTo, wish.bind) };
      }
      if (idp === undefined) {
        const offered = app.identityProviders.map((name) => idpNamed(serviceProvider, name));
        return { kind: 'choose', app: app.app, offered: offered.map(({ name, title }) => ({ name, title })) };
      }
      const { id, message } = serviceProvider.signInRequest(idp, clock.now());
      const sent = { idp: idp.name, browser: wish.browser, app: app.app, returnTo, bind: wish.bind };
      await ledger.keep('authn-request', id, sent, plus(clock.now(), SIGN_IN_MS));
      return { kind: 'send', message };
    },

    /**
     * Begins the session of a verified Response, in the place of any that the same browser began before. Throws SAML_LOGGED_OUT where the
     * identity provider has logged it out in the meantime (P6), RETURN_REFUSED.
     */
    async finish(
      response: VerifiedResponse,
      at: {
        /** Hash of the nonce cookie on the public host. */
        readonly browser: string;
        /** The session this browser had until now on the public host, where its cookie came along. */
        readonly earlier: Session | undefined;
      },
      requestId: string,
    ): Promise<{ token: Token; url: string }> {
      const { identity, request, id: messageId, idp } = response;
      const { returnTo } = aimOf(apps, request ?? unsolicitedAim(apps, idp.name, response.relayState));
      const session = await sessions.begin(identity, response.sessionNotOnOrAfter, clock.now());
      if (session === 'tombstoned') throw refuse('SAML_LOGGED_OUT', { detail: { idp: idp.name, messageId } });
      const token = await sessions.mint(session.id, parts.publicHostName);
      // Ended between two lines: by a logout that came while this was under way.
      if (token === undefined) throw refuse('SAML_LOGGED_OUT', { detail: { idp: idp.name, messageId } });
      await rememberTypist(ledger, token, personOf(identity), session.expiresAt);
      parts.audit.record(
        { event: 'sign-in', idp: idp.name, nameId: identity.nameId.value, session: session.id, messageId },
        requestId,
      );
      // A Response is posted from another site, where the session's cookie stays at home: the nonce tells who was here before.
      // Tabs that are opened again sign in at once, and each has to meet the one before.
      const before = await ledger.swap('browser', at.browser, session.id, session.expiresAt, clock.now());
      await replace(parts.endSession, [before as SessionId | undefined, at.earlier?.id], session.id, requestId);
      return { token, url: await home(session, returnTo, request?.bind) };
    },

    /** Redeems a ticket on the app's host. Throws TICKET_REFUSED. */
    async enter(
      wish: {
        ticket: string;
        hostName: string;
        /** Hash of the nonce cookie on this host. */
        bind: string | undefined;
        /** The session this browser had until now on this host. */
        earlier: Session | undefined;
      },
      requestId: string,
    ): Promise<{ token: Token; url: string; session: SessionId }> {
      const ticket = (await ledger.take('ticket', wish.ticket, clock.now())) as Ticket | undefined;
      const fits =
        ticket !== undefined &&
        wish.bind !== undefined &&
        ticket.hostName === wish.hostName &&
        sameSecret(ticket.bind, wish.bind);
      const token = fits ? await sessions.mint(ticket.session, ticket.hostName) : undefined;
      if (ticket === undefined || token === undefined) {
        throw refuseFlow('TICKET_REFUSED', { detail: { known: ticket !== undefined, host: wish.hostName } });
      }
      await rememberTypist(ledger, token, ticket.person, ticket.expiresAt);
      await replace(parts.endSession, [wish.earlier?.id], ticket.session, requestId);
      return { token, url: ticket.returnTo, session: ticket.session };
    },
  };
}

/** The identity provider to ask; undefined where the person has to choose one. Throws IDP_NOT_OFFERED. */
function idpFor(
  serviceProvider: ServiceProvider,
  { identityProviders }: App,
  wanted: string | undefined,
): IdentityProvider | undefined {
  if (wanted !== undefined && !identityProviders.includes(wanted))
    throw refuseFlow('IDP_NOT_OFFERED', { detail: { idp: wanted.slice(0, 63) } });
  const [only, second] = identityProviders;
  const name = wanted ?? (second === undefined ? only : undefined);
  return name === undefined ? undefined : idpNamed(serviceProvider, name);
}

function idpNamed(serviceProvider: ServiceProvider, name: string): IdentityProvider {
  const idp = serviceProvider.identityProvider(name);
  // The configuration has seen to it that every app's identity providers are there.
  if (idp === undefined) throw new TypeError(`no identity provider ${name}`);
  return idp;
}

/** Whoever signs in on a browser takes the place of whoever was there (P10). */
async function replace(
  endSession: EndSession,
  earlier: readonly (SessionId | undefined)[],
  now: SessionId,
  requestId: string,
): Promise<void> {
  for (const id of new Set(earlier)) {
    if (id !== undefined && id !== now) await endSession(id, { reason: 'replaced', requestId });
  }
}
