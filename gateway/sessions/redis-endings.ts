// How a session dies in Redis: ended once and heard of by every node, taken over where nobody finishes it, forgotten.

import type { SessionId } from '../kernel/words.ts';
import { atMost } from './at-most.ts';
import type { Membership } from './membership.ts';
import { membersIn } from './neighbours.ts';
import type { RedisConnection } from './redis-connection.ts';
import { KEPT_MS, type RedisKeys } from './redis-keys.ts';
import type { openReading } from './redis-reading.ts';
import { listIn, recordIn } from './redis-records.ts';
import type { SessionRecord, Store, SubjectNames } from './store.ts';

interface Parts {
  readonly connection: Pick<RedisConnection, 'run' | 'call' | 'replicated'>;
  readonly keys: RedisKeys;
  readonly membership: Pick<Membership, 'name' | 'applyOwn' | 'confirmed'>;
  readonly reading: Pick<ReturnType<typeof openReading>, 'ours' | 'recordAt' | 'recordsAt'>;
  /** Where a living session is found. */
  readonly setsOf: (names: SubjectNames) => string[];
}

/** Endings on their way to Redis at once: it does what one node has sent before it hears another, and a person may have a thousand sessions. */
const MOST_AT_ONCE = 32;

/** The part of a Store that is about the end. `hasLeft`: something of ours is to be adopted. */
export function openRedisEndings({
  connection,
  keys,
  membership,
  reading,
  setsOf,
}: Parts): Pick<Store, 'end' | 'forget' | 'adopt'> & { readonly hasLeft: () => boolean } {
  const { ours, recordAt, recordsAt } = reading;
  const inTurn = atMost(MOST_AT_ONCE);
  /** Sessions that may have ended by a call of ours whose answer was lost: nobody has them. */
  const unanswered = new Set<SessionId>();

  /** The record where the ending is ours. Resolves when no node serves the session any more, whoever has ended it (P1). */
  async function end(id: SessionId): Promise<SessionRecord | undefined> {
    const node = await membership.name();
    const [session, ended] = [keys.session(id), keys.ended(id)];
    const announced = async (): Promise<unknown> => {
      const found = await recordAt(session, id);
      const sets = found === undefined ? [] : setsOf(found);
      const names = [session, ended, keys.uses, keys.expiries, keys.unfinished, keys.nodes, keys.endings, ...sets];
      return connection.run('end', names, [id, node, KEPT_MS, keys.channel]);
    };
    try {
      const reply = await inTurn(announced);
      const [value, number, members] = reply as [unknown, Buffer, unknown];
      const record = await ours(ended, async () => recordIn(id, value));
      try {
        if (record !== undefined) membership.applyOwn(id, Number(number));
      } finally {
        await membership.confirmed(Number(number), membersIn(members));
      }
      await connection.replicated();
      return record;
    } catch (error) {
      // It may have ended, and whoever asked has not got it: to be adopted.
      unanswered.add(id);
      throw error;
    }
  }

  const forget = (id: SessionId): Promise<void> =>
    inTurn(async () => {
      const apps = listIn(await connection.call('HKEYS', keys.versions(id)));
      const jars = apps.map((app) => keys.jar(id, app));
      const names = [keys.session(id), keys.ended(id), keys.unfinished, keys.versions(id), ...jars];
      await connection.run('forget', names, [id]);
    });

  async function adopt(): Promise<SessionRecord[]> {
    const node = await membership.name();
    const lost = [...unanswered];
    const [taken, number, members] = (await connection.run(
      'adopt',
      [keys.unfinished, keys.nodes, keys.endings],
      [node, ...lost],
    )) as [unknown, Buffer, unknown];
    for (const id of lost) unanswered.delete(id);
    const ids = listIn(taken);
    if (ids.length === 0) return [];
    try {
      // Whoever began to end them may have died before every node had heard of it.
      await membership.confirmed(Number(number), membersIn(members));
      return await recordsAt(keys.ended, ids);
    } catch (error) {
      // They are ours to finish by now: taken up again.
      for (const id of ids) unanswered.add(id as SessionId);
      throw error;
    }
  }

  return { end, forget, adopt, hasLeft: () => unanswered.size > 0 };
}
