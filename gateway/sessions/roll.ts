// Who is signed in, for administrators: read from the store page by page, and opened in this process only.

import type { EpochMs } from '../kernel/words.ts';
import type { Jars, Session } from './sessions.ts';
import type { Records } from './records.ts';
import type { Store } from './store.ts';

/** One session as administrators see it. */
export interface RollEntry {
  readonly session: Session;
  /** As the store knows it: a minute late at most. */
  readonly lastUsedAt: EpochMs;
}

/** Reads it. Every method rejects where the store cannot be asked. */
export interface Roll {
  /** Those that end last first. What nobody can read is left out. */
  page(offset: number, limit: number): Promise<readonly RollEntry[]>;
  /**
   * Those that `isWanted`, of all. Sessions that begin or end meanwhile move the pages, so they overlap, and one that is renewed just then may be
   * missed.
   */
  search(isWanted: (session: Session) => boolean, limit: number): Promise<readonly RollEntry[]>;
  /** The apps that have set cookies in a session. */
  apps(session: Session): Promise<readonly string[]>;
}

const AT_ONCE = 500;
const OVERLAP = 50;

/** Makes it. */
export function rollOf(store: Store, records: Pick<Records, 'opened'>, jars: Pick<Jars, 'apps'>): Roll {
  const page = async (offset: number, limit: number): Promise<RollEntry[]> =>
    (await store.list(offset, limit)).flatMap((record) => {
      const session = records.opened(record);
      return session === undefined ? [] : [{ session, lastUsedAt: record.lastUsedAt }];
    });
  return {
    page,
    async search(isWanted, limit) {
      const found = new Map<string, RollEntry>();
      const living = await store.count();
      for (let offset = 0; offset < living && found.size < limit; offset += AT_ONCE - OVERLAP)
        for (const entry of await page(offset, AT_ONCE))
          if (isWanted(entry.session)) found.set(entry.session.id, entry);
      return [...found.values()].slice(0, limit);
    },
    apps: ({ id }) => jars.apps(id),
  };
}
