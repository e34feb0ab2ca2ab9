// Whom a logout concerns: which sessions here, and which service providers are to be told about which SessionIndexes.

import type { LogoutRequest } from './read.ts';
import type { Received } from './receive.ts';
import type { ServiceProvider } from './service-provider.ts';
import type { IdpSession, NameId, State } from './state.ts';

/** One LogoutRequest to be sent. */
export interface Target {
  readonly sp: ServiceProvider;
  readonly nameId: NameId;
  readonly sessionIndexes: readonly string[];
}

/** Every session of this person, in whatever browser. */
export const sessionsOf = (state: State, username: string): IdpSession[] =>
  [...state.sessions.values()].filter(({ account }) => account.username === username);

/** The sessions a LogoutRequest means: this NameID as its sender knows it, any of its SessionIndexes (saml-core §3.7.3.2). */
export const sessionsMeant = (state: State, { message, sp }: Received<LogoutRequest>): IdpSession[] =>
  [...state.sessions.values()].filter(
    (session) =>
      session.participants.get(sp.entityId)?.nameId.value === message.nameId.value &&
      (message.sessionIndexes.length === 0 || message.sessionIndexes.includes(session.sessionIndex)),
  );

/** One target for each service provider and NameID in these sessions, leaving out the service provider named `except`. */
export function targetsOf(sessions: readonly IdpSession[], except?: string): Target[] {
  const targets = new Map<string, Target>();
  for (const { participants, sessionIndex } of sessions) {
    for (const { sp, nameId } of participants.values()) {
      if (sp.entityId === except) continue;
      const key = JSON.stringify([sp.entityId, nameId.value]);
      const sessionIndexes = [...(targets.get(key)?.sessionIndexes ?? []), sessionIndex];
      targets.set(key, { sp, nameId, sessionIndexes });
    }
  }
  return [...targets.values()];
}
