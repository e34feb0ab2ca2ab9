// The story of signing in: AuthnRequest, login where needed, Response.

import { randomText } from '../../gateway/kernel/random.ts';
import { authenticate, nameIdOf, type NameIdKind } from './accounts.ts';
import { type Answer, html, seeOther } from './answers.ts';
import { postFields } from './bindings.ts';
import { composeResponse } from './compose.ts';
import { loginFields, PASSWORD, refusalFields } from './fields.ts';
import { FORMAT, STATUS } from './names.ts';
import { autoPostPage, loginPage } from './pages.ts';
import type { AuthnRequest } from './read.ts';
import type { Received } from './receive.ts';
import { Refusal } from './refusal.ts';
import type { ServiceProvider } from './service-provider.ts';
import { beginSession, endSessions, type IdpSession, type State } from './state.ts';

const MAX_AWAITING_LOGIN = 1000;
export const SESSION_COOKIE = 'DEMOIDP';

/** Answers an AuthnRequest: with a Response at once where the person is signed in, otherwise with the login form. */
export function signOn(state: State, asked: Received<AuthnRequest>, session: IdpSession | undefined): Answer {
  const { message } = asked;
  assertionConsumerOf(asked);
  if (nameIdKindOf(state, message) === undefined) {
    return refuse(state, asked, [STATUS.requester, STATUS.invalidNameIdPolicy]);
  }
  const isStrongEnough = message.contexts.length === 0 || message.contexts.includes(session?.context ?? PASSWORD);
  if (session && !message.forceAuthn && isStrongEnough) return respond(state, session, asked);
  // saml-core §3.4.1: a passive request must not take over the screen.
  if (message.isPassive) {
    return refuse(state, asked, [
      STATUS.responder,
      session && !isStrongEnough ? STATUS.noAuthnContext : STATUS.noPassive,
    ]);
  }
  const [oldest] = state.awaitingLogin.keys();
  if (oldest !== undefined && state.awaitingLogin.size >= MAX_AWAITING_LOGIN) state.awaitingLogin.delete(oldest);
  const login = randomText();
  state.awaitingLogin.set(login, asked);
  return html(loginPage({ login, accounts: state.accounts, sp: asked.sp.entityId }));
}

/** Takes the login form. A login ends the session this browser had: who signs in may be somebody else. */
export function logIn(state: State, form: URLSearchParams, former: IdpSession | undefined): Answer {
  const login = form.get('login') ?? '';
  const asked = state.awaitingLogin.get(login);
  if (login !== '' && !asked) throw new Refusal('This login form has been used already. Go back to the application.');
  const person = authenticate(state.accounts, form.get('username') ?? '', form.get('password') ?? '');
  if (!person) {
    return html(loginPage({ login, accounts: state.accounts, sp: asked?.sp.entityId, failed: true }), 403);
  }
  state.awaitingLogin.delete(login);
  if (former) endSessions(state, [former]);
  // A demonstration believes that whoever fills in the form has shown what was asked for.
  const session = beginSession(state, person, asked?.message.contexts[0]);
  const cookie = { 'set-cookie': `${SESSION_COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Lax` };
  if (!asked) return seeOther(state.addresses.home, cookie);
  const answer = respond(state, session, asked);
  return { ...answer, headers: { ...answer.headers, ...cookie } };
}

/** A Response nobody asked for (saml-profiles §4.1.5). */
export function unsolicited(
  state: State,
  session: IdpSession,
  entityId: string | undefined,
  relayState: string | undefined,
): Answer {
  const sp = entityId === undefined ? [...state.serviceProviders.values()][0] : state.serviceProviders.get(entityId);
  const location = sp?.assertionConsumers[0]?.location;
  if (!sp || location === undefined) throw new Refusal('No such service provider is registered.');
  return post(state, session, { sp, location, inResponseTo: undefined, kind: state.nameIdKind, relayState });
}

function respond(state: State, session: IdpSession, asked: Received<AuthnRequest>): Answer {
  return post(state, session, {
    sp: asked.sp,
    location: assertionConsumerOf(asked),
    inResponseTo: asked.message.id,
    kind: nameIdKindOf(state, asked.message) ?? state.nameIdKind,
    relayState: asked.relayState,
  });
}

function post(
  state: State,
  session: IdpSession,
  to: {
    readonly sp: ServiceProvider;
    readonly location: string;
    readonly inResponseTo: string | undefined;
    readonly kind: NameIdKind;
    readonly relayState: string | undefined;
  },
): Answer {
  const nameId = nameIdOf(session.account, to.kind, state.entityId, to.sp.entityId);
  const xml = composeResponse(
    state,
    loginFields({
      issuer: state.entityId,
      audience: to.sp.entityId,
      assertionConsumer: to.location,
      inResponseTo: to.inResponseTo,
      now: state.clock.now(),
      authnInstant: session.authnInstant,
      nameId,
      sessionIndex: session.sessionIndex,
      context: session.context,
      attributes: session.account.attributes,
    }),
  );
  session.participants.set(to.sp.entityId, { sp: to.sp, nameId });
  return html(autoPostPage(to.location, postFields('SAMLResponse', xml, to.relayState)));
}

function refuse(state: State, asked: Received<AuthnRequest>, codes: readonly string[]): Answer {
  const assertionConsumer = assertionConsumerOf(asked);
  const fields = refusalFields({
    issuer: state.entityId,
    assertionConsumer,
    inResponseTo: asked.message.id,
    now: state.clock.now(),
    codes,
  });
  const xml = composeResponse(state, fields);
  return html(autoPostPage(assertionConsumer, postFields('SAMLResponse', xml, asked.relayState)));
}

/** Only an address from the metadata will do: a Response must not be sent wherever a request says (saml-profiles §4.1.4.1). */
function assertionConsumerOf({ message, sp }: Received<AuthnRequest>): string {
  const known = sp.assertionConsumers.find(({ location, index }) => {
    if (message.assertionConsumer !== undefined) return location === message.assertionConsumer;
    return message.assertionConsumerIndex === undefined || index === message.assertionConsumerIndex;
  });
  if (!known) throw new Refusal('The AuthnRequest names an address that is not in the service provider’s metadata.');
  return known.location;
}

function nameIdKindOf(state: State, message: AuthnRequest): NameIdKind | undefined {
  switch (message.nameIdFormat) {
    case undefined:
    case FORMAT.unspecified:
      return state.nameIdKind;
    case FORMAT.emailAddress:
      return 'emailAddress';
    case FORMAT.persistent:
      return 'persistent';
    default:
      return undefined;
  }
}
