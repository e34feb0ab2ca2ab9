// An administrator ends sessions: by the one death, with an audit line that says by what right.

import type { Audit, AuditEvent } from '../kernel/audit.ts';
import { issuedNameId, type SessionId } from '../kernel/words.ts';
import type { Roll } from '../sessions/roll.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { Ended, EndSession } from './end-session.ts';

/** By what an administrator was let in: somebody who is signed in is named. */
export type Right = 'loopback' | 'token' | SignedIn;

/** An administrator who is signed in. */
export interface SignedIn {
  readonly idp: string;
  readonly nameId: string;
  readonly session: SessionId;
}

const told = (by: Right) =>
  typeof by === 'string' ? { by } : ({ by: 'saml', administrator: by } satisfies Partial<AuditEvent>);

/** What administrators may do. Every method rejects where the store cannot be asked. */
export interface Administrator {
  /** Ends one session; undefined where it has ended already. */
  endSession(id: SessionId, by: Right, requestId: string): Promise<Ended | undefined>;
  /** Ends every session of a person, at one identity provider or at all, and answers which. */
  endPerson(
    person: { readonly nameId: string; readonly idp: string | undefined },
    by: Right,
    requestId: string,
  ): Promise<readonly Ended[]>;
}

/** What it takes. */
export interface AdministratorParts {
  readonly sessions: Pick<Sessions, 'findBySubject'>;
  readonly roll: Pick<Roll, 'search'>;
  readonly endSession: EndSession;
  readonly identityProviders: readonly string[];
  readonly audit: Audit;
}

/** Pages move while they are read. */
const MOST_ROUNDS = 5;
const AT_ONCE = 500;

/** Makes it. */
export function openAdministrator({
  sessions,
  roll,
  endSession,
  identityProviders,
  audit,
}: AdministratorParts): Administrator {
  /** By the name that the identity provider gave, which is found at once, and by the one that is shown, where that is another. */
  async function sessionsOf(nameId: string, idps: readonly string[]): Promise<readonly Session[]> {
    const isMeant = ({ identity }: Session): boolean =>
      idps.includes(identity.idp) && (identity.nameId.value === nameId || issuedNameId(identity).value === nameId);
    const [named, shown] = await Promise.all([
      Promise.all(idps.map((idp) => sessions.findBySubject(idp, nameId, []))),
      roll.search(isMeant, AT_ONCE),
    ]);
    const all = [...named.flat(), ...shown.map(({ session }) => session)];
    return [...new Map(all.map((session) => [session.id, session])).values()];
  }

  return {
    async endSession(id, by, requestId) {
      const ended = await endSession(id, { reason: 'administrator', requestId });
      const who = ended && { idp: ended.session.identity.idp, nameId: ended.session.identity.nameId.value };
      const sessionsEnded = ended === undefined ? 0 : 1;
      audit.record(
        { event: 'administrator', ...told(by), action: 'end-session', ...who, session: id, sessionsEnded },
        requestId,
      );
      return ended;
    },

    async endPerson({ nameId, idp }, by, requestId) {
      const idps = identityProviders.filter((name) => name === (idp ?? name));
      const all: Ended[] = [];
      try {
        for (let round = 0; round < MOST_ROUNDS; round += 1) {
          const found = await sessionsOf(nameId, idps);
          if (found.length === 0) break;
          const ended = await Promise.allSettled(
            found.map(({ id }) => endSession(id, { reason: 'administrator', requestId })),
          );
          all.push(...ended.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : [])));
          // The others are over first: one that cannot be ended must not save them.
          const failed = ended.find((one) => one.status === 'rejected');
          if (failed !== undefined) throw failed.reason;
        }
      } finally {
        const line = { event: 'administrator', action: 'end-person', nameId, sessionsEnded: all.length } as const;
        audit.record({ ...line, ...told(by), ...(idp !== undefined && { idp }) }, requestId);
      }
      return all;
    },
  };
}
