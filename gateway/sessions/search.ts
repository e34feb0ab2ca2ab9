// Finds the sessions that a logout is about, under every secret there is (P3).

import type { KeyedHash } from './keyed-hash.ts';
import type { Records } from './records.ts';
import type { Sealing } from './sealing.ts';
import type { Session, Sessions } from './sessions.ts';
import type { SessionRecord, Store } from './store.ts';
import { anybodyFor, namesFor } from './subject-names.ts';

/** What it takes. */
export interface SearchParts {
  readonly store: Store;
  readonly sealing: Pick<Sealing, 'hashes'>;
  readonly records: Pick<Records, 'opened'>;
}

/** Makes it. */
export function searchIn({ store, sealing, records }: SearchParts): Pick<Sessions, 'findBySubject' | 'findByIndexes'> {
  /** What is found under each secret; there is one, unless it is being changed. */
  async function found(ask: (hash: KeyedHash) => Promise<SessionRecord[]>): Promise<Session[]> {
    const [hash, ...former] = sealing.hashes;
    if (former.length === 0) return readable(await ask(hash));
    return readable((await Promise.all(sealing.hashes.map(ask))).flat());
  }

  async function readable(all: readonly SessionRecord[]): Promise<Session[]> {
    const sessions: Session[] = [];
    for (const record of all) {
      const session = records.opened(record);
      if (session === undefined) await discard(record);
      else sessions.push(session);
    }
    return sessions;
  }

  /** A logout has found a session that nobody can read: no one is served by it, and it ends here. */
  async function discard({ id, lastUsedAt }: SessionRecord): Promise<void> {
    await store.end(id, lastUsedAt);
    await store.forget(id);
  }

  return {
    findBySubject: (realm, nameIdValue, sessionIndexes) => {
      const names = namesFor(realm, nameIdValue, sessionIndexes);
      return found((hash) => {
        const { subject, indexes } = names(hash);
        return store.findBySubject(subject, indexes);
      });
    },
    findByIndexes: (realm, sessionIndexes) => {
      const names = anybodyFor(realm, sessionIndexes);
      return found((hash) => store.findByIndexes(names(hash).indexes));
    },
  };
}
