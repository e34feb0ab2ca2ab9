// Whose sessions a LogoutRequest means (saml-core §3.7.3.1): for carrying it out and for explaining it, in one place.

import { issuedNameId, realmOf, type Identity, type NameId } from '../kernel/words.ts';
import type { TrustedIdp } from '../saml/guard/message.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Roll } from '../sessions/roll.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { isAlike } from './alike.ts';

/** Whom a LogoutRequest names. */
export interface LogoutSubject {
  readonly idp: TrustedIdp;
  readonly nameId: NameId;
  /** None: all sessions of the person. */
  readonly sessionIndexes: readonly string[];
}

/** The same, with the name that the identity provider has in gateway.yaml. */
export type LogoutSubjectAt = Omit<LogoutSubject, 'idp'> & { readonly idp: string };

/** What of a session says whether it is meant. */
export type Known = Pick<Identity, 'idp' | 'sp' | 'nameId' | 'issuedNameId' | 'sessionIndexes'>;

/** Which sessions those are. */
export interface Meant {
  /** Its SessionIndexes alone decide, whoever they are of (`logout.match`). */
  readonly byIndex: boolean;
  readonly realm: string;
  readonly isMeant: (session: { readonly identity: Known }) => boolean;
  /** The living ones. Rejects where the store cannot be asked. */
  readonly find: (sessions: Sessions) => Promise<Session[]>;
}

/** Reads whom it means, by the identity provider's `logout.match`. */
export function whoIsMeant(
  serviceProvider: Pick<ServiceProvider, 'app' | 'identityProvider' | 'differences'>,
  { idp, nameId, sessionIndexes }: LogoutSubject,
): Meant {
  const byIndex =
    sessionIndexes.length > 0 && serviceProvider.identityProvider(idp.name)?.logoutMatch === 'sessionIndex';
  const isMeant = ({ identity }: { readonly identity: Known }): boolean => {
    if (identity.idp !== idp.name || identity.sp !== serviceProvider.app) return false;
    const own = identity.sessionIndexes;
    const isIndexed = own.some((index) => sessionIndexes.includes(index));
    if (byIndex && own.length > 0) return isIndexed;
    // A sign-in that had no SessionIndex may be of any session there: in doubt it is over (P1).
    return (
      (isIndexed || sessionIndexes.length === 0 || own.length === 0) &&
      serviceProvider.differences(idp, nameId, issuedNameId(identity)).length === 0
    );
  };
  const realm = realmOf({ idp: idp.name, sp: serviceProvider.app });
  const find = async (sessions: Sessions): Promise<Session[]> => {
    const named = await sessions.findBySubject(realm, nameId.value, sessionIndexes);
    if (!byIndex) return named.filter(isMeant);
    return once([...named, ...(await sessions.findByIndexes(realm, sessionIndexes))]).filter(isMeant);
  };
  return { byIndex, realm, isMeant, find };
}

/**
 * Sessions that nobody's name means, with one of its SessionIndexes, or with the value of its NameID but another Format or qualifier. A SessionIndex may
 * be anybody's (saml-core §2.7.2) and so may a value (§2.2.2), so nothing is ended; but an identity provider that means that session must not hear that
 * it is over.
 */
export async function underAnotherName(
  sessions: Sessions,
  { realm, isMeant }: Pick<Meant, 'realm' | 'isMeant'>,
  { nameId, sessionIndexes }: Pick<LogoutSubject, 'nameId' | 'sessionIndexes'>,
): Promise<Session[]> {
  const [named, indexed] = await Promise.all([
    sessions.findBySubject(realm, nameId.value, sessionIndexes),
    sessionIndexes.length === 0 ? [] : sessions.findByIndexes(realm, sessionIndexes),
  ]);
  return once([...named, ...indexed]).filter((session) => !isMeant(session));
}

const once = (sessions: readonly Session[]): Session[] => [...new Map(sessions.map((one) => [one.id, one])).values()];

/** What a LogoutRequest would end now, and where that is nothing, whom it may have been about. */
export interface WouldEnd {
  readonly meant: readonly Session[];
  /** As `underAnotherName` finds them. */
  readonly others: readonly Session[];
  /** Under the same name in other letters: ten at the most. */
  readonly alike: readonly Session[];
}

/** What is needed to say so. */
export interface WouldEndParts {
  readonly sessions: Sessions;
  readonly roll: Pick<Roll, 'search'>;
  readonly serviceProvider: ServiceProvider;
}

const MOST_ALIKE = 10;

/** Asks; `undefined` where there is no identity provider of that name. Ends nothing, and may read every session there is. */
export async function wouldEnd(
  { sessions, roll, serviceProvider }: WouldEndParts,
  { idp: name, ...about }: LogoutSubjectAt,
): Promise<WouldEnd | undefined> {
  const idp = serviceProvider.identityProvider(name);
  if (idp === undefined) return undefined;
  const subject = { idp, ...about };
  const whom = whoIsMeant(serviceProvider, subject);
  const meant = await whom.find(sessions);
  if (meant.length > 0) return { meant, others: [], alike: [] };
  const others = await underAnotherName(sessions, whom, subject);
  const alike = others.length > 0 ? [] : await roll.search(isAlike(serviceProvider, subject), MOST_ALIKE);
  return { meant, others, alike: alike.map(({ session }) => session) };
}
