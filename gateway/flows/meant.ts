// Whose sessions a LogoutRequest means (saml-core §3.7.3.1): for carrying it out and for explaining it, in one place.

import { issuedNameId, realmOf, type NameId } from '../kernel/words.ts';
import type { TrustedIdp } from '../saml/guard/message.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';

/** Whom a LogoutRequest names. */
export interface LogoutSubject {
  readonly idp: TrustedIdp;
  readonly nameId: NameId;
  /** None: all sessions of the person. */
  readonly sessionIndexes: readonly string[];
}

/** The same, with the name that the identity provider has in gateway.yaml. */
export type LogoutSubjectAt = Omit<LogoutSubject, 'idp'> & { readonly idp: string };

/** Which sessions those are. */
export interface Meant {
  /** Its SessionIndexes alone decide, whoever they are of (`logout.match`). */
  readonly byIndex: boolean;
  readonly realm: string;
  readonly isMeant: (session: Session) => boolean;
  /** The living ones. Rejects where the store cannot be asked. */
  readonly find: (sessions: Sessions) => Promise<Session[]>;
}

/** Reads whom it means, by the identity provider's `logout.match`. */
export function whoIsMeant(
  serviceProvider: Pick<ServiceProvider, 'app' | 'identityProvider' | 'samePerson'>,
  { idp, nameId, sessionIndexes }: LogoutSubject,
): Meant {
  const byIndex =
    sessionIndexes.length > 0 && serviceProvider.identityProvider(idp.name)?.logoutMatch === 'sessionIndex';
  const isMeant = ({ identity }: Session): boolean =>
    identity.idp === idp.name &&
    identity.sp === serviceProvider.app &&
    (byIndex || serviceProvider.samePerson(idp, nameId, issuedNameId(identity))) &&
    (sessionIndexes.length === 0 || identity.sessionIndexes.some((index) => sessionIndexes.includes(index)));
  const realm = realmOf({ idp: idp.name, sp: serviceProvider.app });
  const find = async (sessions: Sessions): Promise<Session[]> => {
    const found = byIndex
      ? await sessions.findByIndexes(realm, sessionIndexes)
      : await sessions.findBySubject(realm, nameId.value, sessionIndexes);
    return found.filter(isMeant);
  };
  return { byIndex, realm, isMeant, find };
}

/**
 * Sessions with one of its SessionIndexes, where nobody's is meant by name. A SessionIndex may be anybody's (saml-core §2.7.2), so nothing is ended;
 * but an identity provider that means that session must not hear that it is over.
 */
export async function underAnotherName(
  sessions: Sessions,
  realm: string,
  sessionIndexes: readonly string[],
): Promise<Session[]> {
  return sessionIndexes.length === 0 ? [] : sessions.findByIndexes(realm, sessionIndexes);
}

/** What a LogoutRequest would end now; `undefined` where there is no identity provider of that name. Ends nothing. */
export async function wouldEnd(
  { sessions, serviceProvider }: { readonly sessions: Sessions; readonly serviceProvider: ServiceProvider },
  { idp: name, ...about }: LogoutSubjectAt,
): Promise<{ readonly meant: readonly Session[]; readonly others: readonly Session[] } | undefined> {
  const idp = serviceProvider.identityProvider(name);
  if (idp === undefined) return undefined;
  const subject = { idp, ...about };
  const { find, realm } = whoIsMeant(serviceProvider, subject);
  const meant = await find(sessions);
  return { meant, others: meant.length > 0 ? [] : await underAnotherName(sessions, realm, subject.sessionIndexes) };
}
