// Sessions that are over while an app that had to be told was not, and the identity provider has not heard so: the process that had its LogoutRequest died
// before it could answer. Without this its next LogoutRequest would find nobody, and Success would be a lie (P1).

import { withoutSpaceAround } from '../kernel/white-space.ts';
import { plus, type Clock } from '../kernel/clock.ts';
import { issuedNameId, realmOf, type SessionId } from '../kernel/words.ts';
import type { Ledger, Session } from '../sessions/sessions.ts';
import { isComplete } from './elsewhere.ts';
import type { Goodbye } from './goodbyes.ts';
import type { Known, LogoutSubject, Meant } from './meant.ts';

/** The memory of them. */
export interface Untold {
  /** Remembers a session, where its goodbyes are not complete: for a day, or until it is said. Once, however often it is noted. */
  note(session: Pick<Session, 'id' | 'identity'>, goodbyes: readonly Goodbye[]): Promise<void>;
  /** Those that a LogoutRequest means; `said` forgets them, once it has been answered by the truth, and none that has been noted since. */
  of(
    whom: Pick<Meant, 'byIndex' | 'realm' | 'isMeant'>,
    subject: Pick<LogoutSubject, 'nameId' | 'sessionIndexes'>,
  ): Promise<{ readonly sessions: number; said(): Promise<void> }>;
}

/** One of them, as it is kept. */
type Entry = Known & { readonly session: SessionId };

const KEPT_MS = 24 * 3_600_000;
/** Under one name; more say nothing more. */
const MOST = 100;

/** Makes it; what is remembered is in the ledger. */
export function openUntold({ ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }): Untold {
  const under = async (name: string): Promise<readonly Entry[]> =>
    entriesIn(await ledger.read('untold', name, clock.now()));
  /** In one step: two sessions of a person may end at once, on two nodes, while a third says what it has found. */
  const change = (name: string, next: (stood: readonly Entry[]) => readonly Entry[]): Promise<void> => {
    const now = clock.now();
    const changed = (stood: unknown) => {
      const value = next(entriesIn(stood));
      return value.length === 0 ? undefined : { value: value.slice(-MOST), until: plus(now, KEPT_MS) };
    };
    return ledger.change('untold', name, changed, now);
  };

  return {
    async note({ id, identity }, goodbyes) {
      if (isComplete(goodbyes)) return;
      const { idp, sp, sessionIndexes } = identity;
      const nameId = issuedNameId(identity);
      const entry: Entry = { session: id, idp, ...(sp !== undefined && { sp }), nameId, sessionIndexes };
      const realm = realmOf(identity);
      for (const name of [named(realm, nameId.value), ...indexed(realm, sessionIndexes)])
        await change(name, (stood) => [...stood.filter(({ session }) => session !== id), entry]);
    },

    async of({ byIndex, realm, isMeant }, { nameId, sessionIndexes }) {
      const names = [named(realm, nameId.value), ...(byIndex ? indexed(realm, sessionIndexes) : [])];
      const found = await Promise.all(
        names.map(async (name) => ({
          name,
          meant: (await under(name)).filter((identity) => isMeant({ identity })).map(({ session }) => session),
        })),
      );
      return {
        sessions: new Set(found.flatMap(({ meant }) => meant)).size,
        said: async () => {
          for (const { name, meant } of found)
            if (meant.length > 0)
              await change(name, (stood) =>
                stood.filter((entry) => !(meant.includes(entry.session) && isMeant({ identity: entry }))),
              );
        },
      };
    },
  };
}

const entriesIn = (kept: unknown): readonly Entry[] => (kept ?? []) as readonly Entry[];

const named = (realm: string, value: string): string => `${realm} name ${withoutSpaceAround(value)}`;

const indexed = (realm: string, indexes: readonly string[]): string[] =>
  indexes.map((index) => `${realm} index ${index}`);
