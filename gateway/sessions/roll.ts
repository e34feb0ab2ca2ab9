// Who is signed in, for administrators: read from the store page by page, and opened in this process only.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EpochMs } from '../kernel/words.ts';
import type { Jars, Session } from './sessions.ts';
import type { Records } from './records.ts';
import type { SessionRecord, Store } from './store.ts';

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
   * Up to `limit` that `isWanted`, of all or of the `newest`. Sessions that begin or end meanwhile move the pages, so they overlap, and one that is renewed
   * just then may be missed. Others get their turn in between: opening a session takes some 20 µs.
   */
  search(isWanted: (session: Session) => boolean, limit: number, newest?: number): Promise<readonly RollEntry[]>;
  /** The apps that have set cookies in a session. */
  apps(session: Session): Promise<readonly string[]>;
}

const AT_ONCE = 500;
const OVERLAP = 50;
/** Opened in one turn of the event loop: a millisecond. */
const IN_ONE_TURN = 50;

/** Makes it. */
export function rollOf(store: Store, records: Pick<Records, 'opened'>, jars: Pick<Jars, 'apps'>): Roll {
  const entryOf = (record: SessionRecord): RollEntry[] => {
    const session = records.opened(record);
    return session === undefined ? [] : [{ session, lastUsedAt: record.lastUsedAt }];
  };
  return {
    page: async (offset, limit) => (await store.list(offset, limit)).flatMap(entryOf),
    async search(isWanted, limit, newest = Infinity) {
      const found = new Map<string, RollEntry>();
      const end = Math.min(await store.count(), newest);
      for (let offset = 0; offset < end && found.size < limit; offset += AT_ONCE - OVERLAP) {
        const page = await store.list(offset, Math.min(AT_ONCE, end - offset));
        for (let at = 0; at < page.length; at += IN_ONE_TURN) {
          for (const entry of page.slice(at, at + IN_ONE_TURN).flatMap(entryOf))
            if (isWanted(entry.session)) found.set(entry.session.id, entry);
          await nextTurn();
        }
      }
      return [...found.values()].slice(0, limit);
    },
    apps: ({ id }) => jars.apps(id),
  };
}
