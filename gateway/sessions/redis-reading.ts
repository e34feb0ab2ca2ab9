// Reading sessions from Redis. What is not ours is nobody's session, and is said so in the log.

import type { Log } from '../kernel/log.ts';
import { sha256 } from '../kernel/random.ts';
import type { SessionId } from '../kernel/words.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isForeign } from './redis-failure.ts';
import type { RedisKeys } from './redis-keys.ts';
import { listIn, ownRecordIn, recordIn } from './redis-records.ts';
import type { SessionRecord } from './store.ts';

/** The ways to read records. */
export function openReading(connection: Pick<RedisConnection, 'call'>, keys: RedisKeys, log: Log) {
  /** What `read` finds at `key`; undefined where that is not ours. */
  async function ours<T>(key: string, read: () => Promise<T | 'foreign'>): Promise<T | undefined> {
    const found = await read().catch((error: unknown) => {
      if (isForeign(error)) return 'foreign' as const;
      throw error;
    });
    if (found !== 'foreign') return found;
    // The key's name holds an id; its hash is enough to find it by.
    log.error('store-foreign', { key: sha256(key) });
    return undefined;
  }

  const recordAt = (key: string, id: SessionId): Promise<SessionRecord | undefined> =>
    ours(key, async () => recordIn(id, await connection.call('GET', key)));
  const recordsAt = async (keyOf: (id: SessionId) => string, ids: readonly string[]): Promise<SessionRecord[]> => {
    const found = await Promise.all(ids.map((id) => recordAt(keyOf(id as SessionId), id as SessionId)));
    return found.filter((record) => record !== undefined);
  };
  /**
   * Those a logout may mean. One that cannot be read lives on perhaps, by a node of another version, and is ended by none of this one:
   * then nothing may be answered as if it were (P1).
   */
  async function meant(lists: readonly unknown[]): Promise<SessionRecord[]> {
    const ids = [...new Set(lists.flatMap(listIn))] as SessionId[];
    const found = await Promise.all(
      ids.map(async (id) => ownRecordIn(id, await connection.call('GET', keys.session(id)))),
    );
    return found.filter((record) => record !== undefined);
  }

  return { ours, recordAt, recordsAt, meant };
}
