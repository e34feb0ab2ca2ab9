// What one running identity provider knows: its keys and addresses, its service providers, who is signed in where.

import type { Clock } from '../../gateway/kernel/clock.ts';
import { randomText } from '../../gateway/kernel/random.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import type { Account, NameIdKind } from './accounts.ts';
import type { Variations } from './compose.ts';
import type { Tls } from './deliver.ts';
import { newId } from './fields.ts';
import type { Chain } from './front-channel.ts';
import type { IdentityProviderKeys } from './keys.ts';
import type { NameIdFields } from './messages.ts';
import type { AuthnRequest } from './read.ts';
import type { Received } from './receive.ts';
import type { ServiceProvider } from './service-provider.ts';

export type NameId = NameIdFields & { readonly value: string };

/** A service provider that a session's person has gone to. */
export interface Participant {
  readonly sp: ServiceProvider;
  readonly nameId: NameId;
}

/** One login in one browser: one SessionIndex, the same for every service provider. */
export interface IdpSession {
  /** The cookie's value. */
  readonly id: string;
  readonly account: Account;
  readonly authnInstant: EpochMs;
  readonly sessionIndex: string;
  /** How the person signed in; undefined: by a password. */
  readonly context: string | undefined;
  /** By entityID. */
  readonly participants: Map<string, Participant>;
}

export interface Addresses {
  readonly home: string;
  readonly singleSignOn: string;
  readonly singleLogout: string;
  /** Server to server, so by number and not by a name only browsers resolve. */
  readonly soap: string;
}

export interface State {
  readonly entityId: string;
  readonly addresses: Addresses;
  readonly keys: IdentityProviderKeys;
  readonly clock: Clock;
  readonly accounts: readonly Account[];
  readonly nameIdKind: NameIdKind;
  readonly tls: Tls | undefined;
  readonly vary: Variations;
  readonly serviceProviders: Map<string, ServiceProvider>;
  /** By cookie. */
  readonly sessions: Map<string, IdpSession>;
  /** AuthnRequests that wait for a login, by the id in the login form. */
  readonly awaitingLogin: Map<string, Received<AuthnRequest>>;
  /** Front-channel logouts under way, by the ID of the LogoutRequest that is out. */
  readonly chains: Map<string, Chain>;
  /** Every message that was verified, oldest first. */
  readonly received: Received[];
}

/** Begins a session for a person who has just proved who they are. */
export function beginSession(state: State, account: Account, context?: string): IdpSession {
  const session: IdpSession = {
    id: randomText(),
    account,
    authnInstant: state.clock.now(),
    sessionIndex: newId(),
    context,
    participants: new Map(),
  };
  state.sessions.set(session.id, session);
  return session;
}

/** Ends these sessions here; says nothing to anybody. */
export function endSessions(state: State, sessions: readonly IdpSession[]): void {
  for (const session of sessions) state.sessions.delete(session.id);
}
