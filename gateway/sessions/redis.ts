// The store that several nodes share: Redis. What must be one step is one script; the rest are plain reads. Reads that find
// something that is not ours find nothing, and say so in the log.

import type { Clock, Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import { Membership } from './membership.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { warnOfEviction } from './redis-eviction.ts';
import { openRedisEndings } from './redis-endings.ts';
import { openRedisJars } from './redis-jars.ts';
import { KEPT_MS, redisKeys } from './redis-keys.ts';
import { openReading } from './redis-reading.ts';
import { openRedisLedger } from './redis-ledger.ts';
import { hearNews } from './redis-news.ts';
import { bodyOf, listIn, textIn, textsIn, timeOf, VERSION } from './redis-records.ts';
import { goByRedis } from './redis-time.ts';
import { mayMean, type Nodes, type SessionRecord, type Store, type SubjectNames } from './store.ts';

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
  const membership = new Membership({
    ...{ connection, keys, leaseMs, elapsed, log, hearTime: goByRedis({ clock, log }) },
    apply: (id) => listeners.announce(id),
    hasLeft: () => endings.hasLeft(),
  });
  const ttlUntil = (until: EpochMs): number => Math.max(until - clock.now(), 0) + KEPT_MS;
  warnOfEviction(connection, log);
  const { onJarChanged } = hearNews(connection, keys, membership);

  const reading = openReading(connection, keys, log);
  const { ours, recordAt, recordsAt, meant } = reading;
  /** Where a living session is found. */
  const setsOf = ({ subject, indexes }: SubjectNames): string[] => [keys.person(subject), ...indexes.map(keys.index)];
  const endings = openRedisEndings({ connection, keys, membership, reading, setsOf });

  /** What `begin` and `renew` answer. */
  async function written(
    how: 'begin' | 'renew',
    session: SessionRecord,
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[],
  ): Promise<number> {
    const { id, createdAt, lastUsedAt, expiresAt } = session;
    const names = [session, ...former];
    const tombstones = names.map(({ subject }) => keys.tombstones(subject));
    const indexes = JSON.stringify(names.map((one) => one.indexes));
    const record = [...[createdAt, lastUsedAt, expiresAt].map(timeOf), bodyOf(session)];
    const answer = await connection.run(
      'write',
      [keys.session(id), keys.uses, keys.expiries, ...tombstones, ...setsOf(session)],
      [id, ttlUntil(expiresAt), now, authnInstant, indexes, how, ...record],
    );
    return Number(answer);
  }

  return {
    ...openRedisLedger({ connection, keys, ttlUntil, clock, ours }),
    ...openRedisJars(connection, keys),
    ...{ end: endings.end, forget: endings.forget, adopt: endings.adopt },

    async begin(record, authnInstant, now, former = []) {
      const answer = await written('begin', record, authnInstant, now, former);
      return answer === 1 ? 'begun' : 'tombstoned';
    },

    async renew(renewed, authnInstant, now, former = []) {
      const answer = await written('renew', { ...renewed, createdAt: now, lastUsedAt: now }, authnInstant, now, former);
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
      const record = id === undefined ? undefined : await recordAt(keys.session(id as SessionId), id as SessionId);
      return record && host !== undefined ? { record, host } : undefined;
    },

    find: (id) => recordAt(keys.session(id), id),

    touch: async (id, now) =>
      (await ours(keys.session(id), () =>
        connection.run('touch', [keys.session(id), keys.uses], [id, timeOf(now)]),
      )) === 1,

    async findBySubject(subject, indexes) {
      const found = await meant([await connection.call('HKEYS', keys.person(subject))]);
      return found.filter((record) => mayMean(indexes, record));
    },

    async findByIndexes(indexes) {
      const lists = await Promise.all(indexes.map((index) => connection.call('HKEYS', keys.index(index))));
      return meant(lists);
    },

    unfinished: async () => recordsAt(keys.ended, listIn(await connection.call('HKEYS', keys.unfinished))),

    async due(idleSince, now, limit) {
      const before = (key: string, at: EpochMs): Promise<unknown> =>
        connection.call('ZRANGEBYSCORE', key, '-inf', at, 'LIMIT', 0, limit);
      const [idle, over] = await Promise.all([before(keys.uses, idleSince), before(keys.expiries, now)]);
      const ids = [...new Set([...listIn(idle), ...listIn(over)])].slice(0, limit);
      const found = await recordsAt(keys.session, ids);
      const gone = ids.filter((id) => !found.some((record) => record.id === id));
      // Redis has let go of them, and nobody can end what is not there.
      if (gone.length > 0)
        await Promise.all([keys.uses, keys.expiries].map((key) => connection.call('ZREM', key, ...gone)));
      return found;
    },

    list: async (offset, limit) =>
      recordsAt(keys.session, listIn(await connection.call('ZREVRANGE', keys.expiries, offset, offset + limit - 1))),
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
