// Sessions that are over while an app that had to be told was not, and the identity provider has not heard so: the process that had its LogoutRequest died
// before it could answer. Without this its next LogoutRequest would find nobody, and Success would be a lie (P1).

import { withoutSpaceAround } from '../kernel/white-space.ts';
import { plus, type Clock } from '../kernel/clock.ts';
import { issuedNameId, realmOf } from '../kernel/words.ts';
import type { Ledger, Session } from '../sessions/sessions.ts';
import { isComplete } from './elsewhere.ts';
import type { Goodbye } from './goodbyes.ts';
import type { Known, LogoutSubject, Meant } from './meant.ts';

/** The memory of them. */
export interface Untold {
  /** Remembers a session, where its goodbyes are not complete: for a day, or until it is said. */
  note(session: Pick<Session, 'identity'>, goodbyes: readonly Goodbye[]): Promise<void>;
  /** Those that a LogoutRequest means; `said` forgets them, once it has been answered by the truth. */
  of(
    whom: Pick<Meant, 'byIndex' | 'realm' | 'isMeant'>,
    subject: Pick<LogoutSubject, 'nameId' | 'sessionIndexes'>,
  ): Promise<{ readonly sessions: number; said(): Promise<void> }>;
}

const KEPT_MS = 24 * 3_600_000;
/** Under one name; more say nothing more. */
const MOST = 100;

/** Makes it; what is remembered is in the ledger. */
export function openUntold({ ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }): Untold {
  const keep = (name: string, all: readonly Known[]): Promise<unknown> =>
    all.length === 0
      ? ledger.take('untold', name, clock.now())
      : ledger.keep('untold', name, all.slice(-MOST), plus(clock.now(), KEPT_MS));
  const under = async (name: string): Promise<readonly Known[]> =>
    ((await ledger.read('untold', name, clock.now())) ?? []) as readonly Known[];

  return {
    async note({ identity }, goodbyes) {
      if (isComplete(goodbyes)) return;
      const { idp, sp, sessionIndexes } = identity;
      const known: Known = { idp, ...(sp !== undefined && { sp }), nameId: issuedNameId(identity), sessionIndexes };
      for (const name of [named(realmOf(identity), known.nameId.value), ...indexed(realmOf(identity), sessionIndexes)])
        await keep(name, [...(await under(name)), known]);
    },

    async of({ byIndex, realm, isMeant }, { nameId, sessionIndexes }) {
      const names = [named(realm, nameId.value), ...(byIndex ? indexed(realm, sessionIndexes) : [])];
      const found = await Promise.all(
        names.map(async (name) => {
          const all = await under(name);
          return { name, all: all.length, others: all.filter((identity) => !isMeant({ identity })) };
        }),
      );
      return {
        sessions: Math.max(...found.map(({ all, others }) => all - others.length)),
        said: async () => {
          for (const { name, all, others } of found) if (others.length < all) await keep(name, others);
        },
      };
    },
  };
}

const named = (realm: string, value: string): string => `${realm} name ${withoutSpaceAround(value)}`;

const indexed = (realm: string, indexes: readonly string[]): string[] =>
  indexes.map((index) => `${realm} index ${index}`);
