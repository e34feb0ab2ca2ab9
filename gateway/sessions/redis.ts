// The store that several nodes share: Redis. What must be one step is one script; the rest are plain reads. Reads that find
// something that is not ours find nothing, and say so in the log.

import type { Clock, Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { sha256 } from '../kernel/random.ts';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import { Membership } from './membership.ts';
import { membersIn } from './neighbours.ts';
import { RedisConnection, type RedisConnectionOptions, type RedisValue } from './redis-connection.ts';
import { warnOfEviction } from './redis-eviction.ts';
import { isForeign } from './redis-failure.ts';
import { openRedisJars } from './redis-jars.ts';
import { KEPT_MS, redisKeys } from './redis-keys.ts';
import { openRedisLedger } from './redis-ledger.ts';
import { hearNews } from './redis-news.ts';
import { fieldsOf, listIn, ownRecordIn, recordIn, renewedFieldsOf, textIn, textsIn, VERSION } from './redis-records.ts';
import type { Nodes, SessionRecord, Store, SubjectNames } from './store.ts';

/** What the Redis store needs. */
export interface RedisStoreOptions extends Omit<RedisConnectionOptions, 'commandTimeoutMs'> {
  readonly prefix: string;
  readonly leaseMs: number;
  /** For times to live only; what is in force is judged by the time that a caller names. */
  readonly clock: Clock;
  readonly elapsed: Elapsed;
  readonly log: Log;
}

/** Nothing is waited for longer, whatever the lease. */
const LONGEST_COMMAND_MS = 1000;

/** Opens the store. Connects by itself and again; until then every call rejects with the reason. */
export function openRedisStore(options: RedisStoreOptions): Store & { readonly nodes: Nodes } {
  const { prefix, leaseMs, clock, elapsed, log } = options;
  const keys = redisKeys(prefix);
  const commandTimeoutMs = Math.min(LONGEST_COMMAND_MS, leaseMs / 2);
  const connection = new RedisConnection({ ...options, commandTimeoutMs });
  const listeners = new EndListeners();
  /** Sessions that may have ended by a call of ours whose answer was lost: nobody has them. */
  const unanswered = new Set<SessionId>();
  const membership = new Membership({
    ...{ connection, keys, leaseMs, elapsed, log },
    apply: (id) => listeners.announce(id),
    hasLeft: () => unanswered.size > 0,
  });
  const ttlUntil = (until: EpochMs): number => Math.max(until - clock.now(), 0) + KEPT_MS;
  warnOfEviction(connection, log);
  const { onJarChanged } = hearNews(connection, keys, membership);

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

  /** Where a living session is found. */
  const setsOf = ({ subject, indexes }: SubjectNames): string[] => [keys.person(subject), ...indexes.map(keys.index)];
  const recordAt = (key: string): Promise<SessionRecord | undefined> =>
    ours(key, async () => recordIn(await connection.call('HGETALL', key)));
  const recordsAt = async (names: readonly string[]): Promise<SessionRecord[]> =>
    (await Promise.all(names.map(recordAt))).filter((record) => record !== undefined);
  const living = (ids: readonly string[]): Promise<SessionRecord[]> =>
    recordsAt(ids.map((id) => keys.session(id as SessionId)));
  /**
   * Those a logout may mean. One that cannot be read lives on perhaps, by a node of another version, and is ended by none of this one:
   * then nothing may be answered as if it were (P1).
   */
  async function meant(lists: readonly unknown[]): Promise<SessionRecord[]> {
    const ids = [...new Set(lists.flatMap(listIn))] as SessionId[];
    const found = await Promise.all(ids.map((id) => connection.call('HGETALL', keys.session(id))));
    return found.map(ownRecordIn).filter((record) => record !== undefined);
  }
  const endedOf = (ids: readonly string[]): Promise<SessionRecord[]> =>
    recordsAt(ids.map((id) => keys.ended(id as SessionId)));

  /** What `begin` and `renew` answer. */
  async function written(
    how: 'begin' | 'renew',
    session: Pick<SessionRecord, 'id' | 'subject' | 'indexes' | 'expiresAt'>,
    fields: readonly RedisValue[],
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[],
  ): Promise<number> {
    const names = [session, ...former];
    const tombstones = names.map(({ subject }) => keys.tombstones(subject));
    const indexes = JSON.stringify(names.map((one) => one.indexes));
    const answer = await connection.run(
      'write',
      [keys.session(session.id), keys.uses, keys.expiries, ...tombstones, ...setsOf(session)],
      [session.id, ttlUntil(session.expiresAt), now, authnInstant, indexes, how, ...fields],
    );
    return Number(answer);
  }

  /** The record where the ending is ours. Resolves when no node serves the session any more, whoever has ended it (P1). */
  async function end(id: SessionId): Promise<SessionRecord | undefined> {
    const node = await membership.name();
    const [session, ended] = [keys.session(id), keys.ended(id)];
    const found = await recordAt(session);
    const sets = found === undefined ? [] : setsOf(found);
    const names = [session, ended, keys.uses, keys.expiries, keys.unfinished, keys.nodes, keys.endings, ...sets];
    try {
      const reply = await connection.run('end', names, [id, node, KEPT_MS, keys.channel]);
      const [fields, number, members] = reply as [unknown, Buffer, unknown];
      const record = await ours(ended, async () => recordIn(fields));
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

  return {
    ...openRedisLedger({ connection, keys, ttlUntil, clock, ours }),
    ...openRedisJars(connection, keys),

    async begin(record, authnInstant, now, former = []) {
      const answer = await written('begin', record, fieldsOf(record), authnInstant, now, former);
      return answer === 1 ? 'begun' : 'tombstoned';
    },

    async renew(renewed, authnInstant, now, former = []) {
      const answer = await written('renew', renewed, renewedFieldsOf(renewed), authnInstant, now, former);
      return answer === 1 ? 'renewed' : answer === 0 ? 'tombstoned' : 'ended';
    },

    async addToken({ hash, session, host }) {
      const value = JSON.stringify([VERSION, session, host]);
      return Number(await connection.run('addToken', [keys.session(session), keys.token(hash)], [value])) === 1;
    },

    async findByToken(hash) {
      const key = keys.token(hash);
      const token = await ours(key, async () => {
        const value = textIn(await connection.call('GET', key));
        const read = value === '' ? undefined : textsIn(value);
        return value === '' || (read?.length === 3 && read[0] === VERSION) ? read : 'foreign';
      });
      const [, id, host] = token ?? [];
      const record = id === undefined ? undefined : await recordAt(keys.session(id as SessionId));
      return record && host !== undefined ? { record, host } : undefined;
    },

    find: (id) => recordAt(keys.session(id)),

    touch: async (id, now) =>
      (await ours(keys.session(id), () => connection.run('touch', [keys.session(id), keys.uses], [id, now]))) === 1,

    async findBySubject(subject, indexes) {
      return (await meant([await connection.call('HKEYS', keys.person(subject))])).filter(
        (record) => indexes.length === 0 || record.indexes.some((index) => indexes.includes(index)),
      );
    },

    async findByIndexes(indexes) {
      const lists = await Promise.all(indexes.map((index) => connection.call('HKEYS', keys.index(index))));
      return meant(lists);
    },

    end,

    async forget(id) {
      const apps = listIn(await connection.call('HKEYS', keys.versions(id)));
      const jars = apps.map((app) => keys.jar(id, app));
      await connection.run(
        'forget',
        [keys.session(id), keys.ended(id), keys.unfinished, keys.versions(id), ...jars],
        [id],
      );
    },

    unfinished: async () => endedOf(listIn(await connection.call('HKEYS', keys.unfinished))),

    async adopt() {
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
      // Whoever began to end them may have died before every node had heard of it.
      await membership.confirmed(Number(number), membersIn(members));
      return endedOf(ids);
    },

    async due(idleSince, now, limit) {
      const before = (key: string, at: EpochMs): Promise<unknown> =>
        connection.call('ZRANGEBYSCORE', key, '-inf', at, 'LIMIT', 0, limit);
      const [idle, over] = await Promise.all([before(keys.uses, idleSince), before(keys.expiries, now)]);
      const ids = [...new Set([...listIn(idle), ...listIn(over)])].slice(0, limit);
      const found = await living(ids);
      const gone = ids.filter((id) => !found.some((record) => record.id === id));
      // Redis has let go of them, and nobody can end what is not there.
      if (gone.length > 0)
        await Promise.all([keys.uses, keys.expiries].map((key) => connection.call('ZREM', key, ...gone)));
      return found;
    },

    list: async (offset, limit) =>
      living(listIn(await connection.call('ZREVRANGE', keys.expiries, offset, offset + limit - 1))),
    onEnded: (listener) => listeners.add(listener),
    sweep: async () => 0,
    count: async () => Number(await connection.call('ZCARD', keys.expiries)),
    // A beat writes: a store that can only be read ends no session.
    ready: () => membership.beat(),
    async close() {
      await membership.close();
      await connection.close();
    },

    nodes: {
      holds: () => membership.holds(),
      regain: () => membership.regain(),
      settled: () => membership.settled(),
      onLost: (listener) => membership.onLost(listener),
      onOrphans: (listener) => membership.onOrphans(listener),
      async claim(kind, id) {
        const [node, key] = [await membership.name(), keys.claim(kind, id)];
        const isOurs = Number(await connection.run('claim', [key, keys.nodes], [node, KEPT_MS])) === 1;
        return isOurs
          ? async () => {
              await connection.run('release', [key], [node]);
            }
          : undefined;
      },
      jarVersion: async (id, app) => Number((await connection.call('HGET', keys.versions(id), app)) ?? 0),
      onJarChanged,
    },
  };
}
