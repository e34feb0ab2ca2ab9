// What an identity provider's answer becomes: a session that begins, one that goes on, or one that ends because nobody is there any more.

import { issuedNameId, type Identity, type SessionId, type Token } from '../kernel/words.ts';
import { refuse } from '../saml/codes.ts';
import type { SentAuthnRequest, VerifiedResponse } from '../saml/guard/message.ts';
import type { Session } from '../sessions/sessions.ts';
import { aimOf, unsolicitedAim } from './aim.ts';
import { replace } from './replace.ts';
import type { SignInParts } from './sign-in.ts';
import type { Tickets } from './tickets.ts';
import { personOf, rememberTypist } from './typist.ts';

/** Where the browser goes on, and the token it gets on the public host, if it has a session now. */
export interface Arrival {
  readonly token: Token | undefined;
  readonly url: string;
}

/** The browser that brought an answer. */
export interface Bringer {
  /** Hash of the nonce cookie on the public host. */
  readonly browser: string;
  /** The session this browser had until now on the public host, where its cookie came along. */
  readonly earlier: Session | undefined;
}

/** Carries out what identity providers answer. `signInAgain` is the address at which a person who is not proven begins anew. */
export function openAnswered(
  parts: SignInParts,
  { home }: Pick<Tickets, 'home'>,
  signInAgain: (sent: SentAuthnRequest) => string,
) {
  const { sessions, ledger, serviceProvider, clock, audit, endSession } = parts;

  const loggedOut = ({ id: messageId, idp }: VerifiedResponse) =>
    refuse('SAML_LOGGED_OUT', { detail: { idp: idp.name, messageId } });

  /** As it is known at the service provider that the answer came to. */
  const hereIn = (identity: Identity): Identity =>
    serviceProvider.app === undefined ? identity : { ...identity, sp: serviceProvider.app };

  async function begun(response: VerifiedResponse): Promise<Session> {
    const session = await sessions.begin(hereIn(response.identity), response.sessionNotOnOrAfter, clock.now());
    if (session === 'tombstoned') throw loggedOut(response);
    return session;
  }

  /** The session that was asked about, where the same person is still there; undefined where it has ended, `another` where somebody else is there. */
  async function renewed(
    response: VerifiedResponse,
    about: SessionId,
    requestId: string,
  ): Promise<Session | 'another' | undefined> {
    const now = clock.now();
    const session = await sessions.reread(about, now);
    if (session === undefined) return undefined;
    const { idp } = response;
    const identity = hereIn(response.identity);
    const isSame =
      session.identity.sp === serviceProvider.app &&
      session.identity.idp === idp.name &&
      serviceProvider.differences(idp, issuedNameId(session.identity), issuedNameId(identity)).length === 0;
    if (!isSame) return 'another';
    const answer = await sessions.renew(session, identity, response.sessionNotOnOrAfter, now);
    if (answer !== 'tombstoned') return answer;
    // A logout in force is about what it goes by now: it came before we could be found by that name (P6).
    await endSession(about, { reason: 'idp-logout', requestId });
    throw loggedOut(response);
  }

  return {
    /**
     * Begins the session of a verified Response, in the place of any that the same browser began before; or lets the session go on that it was asked
     * about. Throws SAML_LOGGED_OUT where the identity provider has logged it out in the meantime (P6), RETURN_REFUSED.
     */
    async finish(response: VerifiedResponse, { browser, earlier }: Bringer, requestId: string): Promise<Arrival> {
      const { request, id: messageId, idp } = response;
      const { returnTo } = aimOf(parts, request ?? unsolicitedAim(parts, idp.name, response.relayState));
      const goesOn = request?.about && (await renewed(response, request.about, requestId));
      // It ended while the question was out: what was asked without the person does not sign them in again.
      if (request?.about !== undefined && goesOn === undefined) return { token: undefined, url: signInAgain(request) };
      const session = goesOn === undefined || goesOn === 'another' ? await begun(response) : goesOn;
      const token = await sessions.mint(session.id, parts.publicHostName);
      // Ended between two lines: by a logout that came while this was under way.
      if (token === undefined) throw loggedOut(response);
      const { identity, id, expiresAt } = session;
      await rememberTypist(ledger, token, personOf(identity), expiresAt);
      const event = goesOn === session ? 'proven' : 'sign-in';
      audit.record({ event, idp: idp.name, nameId: identity.nameId.value, session: id, messageId }, requestId);
      // A Response is posted from another site, where the session's cookie stays at home: the nonce tells who was here before. They are ended before
      // that is forgotten, or a failure between the two would leave them in this browser, and nobody to find them (P10).
      const before = await ledger.read('browser', browser, clock.now());
      await replace(endSession, [before as SessionId | undefined, earlier?.id, request?.about], id, requestId);
      // Tabs that are opened again sign in at once, and each has to meet the one before.
      const met = await ledger.swap('browser', browser, id, expiresAt, clock.now());
      if (met !== before) await replace(endSession, [met as SessionId | undefined], id, requestId);
      return { token, url: await home(session, returnTo, request?.bind) };
    },

    /**
     * For an answer without success to a question that was asked without the person (IsPassive): they are not there, or it cannot be told. The
     * session that it was about ends, and the person is asked to sign in. Undefined where this answers no such question of this browser.
     *
     * Whoever knows the ID has it from the identity provider or from this browser, so a signature adds nothing: an IdP often leaves it out here.
     */
    async unproven(inResponseTo: string, browser: string, requestId: string): Promise<Arrival | undefined> {
      const read = (await ledger.read('authn-request', inResponseTo, clock.now())) as SentAuthnRequest | undefined;
      if (read?.passive !== true || read.browser !== browser) return undefined;
      const sent = (await ledger.take('authn-request', inResponseTo, clock.now())) as SentAuthnRequest | undefined;
      if (sent === undefined) return undefined;
      // Nobody had a session: they wanted to know, and now go on without.
      if (sent.about === undefined) return { token: undefined, url: sent.returnTo };
      await endSession(sent.about, { reason: 'unproven', requestId });
      return { token: undefined, url: signInAgain(sent) };
    },
  };
}
