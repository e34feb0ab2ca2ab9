// The ledger and the tombstones in Redis. What is in force is judged by the time the caller names; times to live are longer and
// only keep Redis from holding for ever what nobody asks for any more.

import type { Clock } from '../kernel/clock.ts';
import type { EpochMs } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import type { RedisConnection, RedisValue } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import { unversioned, versioned } from './redis-records.ts';
import type { Store, Tombstone } from './store.ts';

interface Parts {
  readonly connection: Pick<RedisConnection, 'run' | 'call' | 'replicated'>;
  readonly keys: RedisKeys;
  readonly ttlUntil: (until: EpochMs) => number;
  readonly clock: Clock;
  readonly ours: <T>(key: string, read: () => Promise<T | 'foreign'>) => Promise<T | undefined>;
}

const TIME_BYTES = 8;

/** The part of a Store that is its ledger. */
export function openRedisLedger({
  connection,
  keys,
  ttlUntil,
  clock,
  ours,
}: Parts): Pick<Store, 'bury' | 'once' | 'keep' | 'swap' | 'change' | 'read' | 'take'> {
  /** What a reply holds, while its time has not passed. */
  const keptIn = (reply: unknown, now: EpochMs): Uint8Array | undefined | 'foreign' => {
    if (reply === null) return undefined;
    const bytes = unversioned(reply);
    if (bytes === undefined || bytes.length < TIME_BYTES) return 'foreign';
    const until = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0));
    return now < until ? bytes.slice(TIME_BYTES) : undefined;
  };
  /** What a command finds at `key`, while its time has not passed. */
  const keptAt = (key: string, now: EpochMs, ...command: [string, ...RedisValue[]]): Promise<Uint8Array | undefined> =>
    ours(key, async () => keptIn(await connection.call(...command), now));
  const timed = (value: Uint8Array, until: EpochMs): Buffer => {
    const time = Buffer.alloc(TIME_BYTES);
    time.writeBigInt64BE(BigInt(until));
    return versioned(Buffer.concat([time, value]));
  };

  return {
    async bury(tombstones) {
      const bySubject = Map.groupBy(tombstones, ({ subject }) => subject);
      for (const [subject, own] of bySubject) {
        const ttl = Math.max(...own.map(({ until }) => ttlUntil(until)));
        const values = own.flatMap(({ index, issuedAt, until }: Tombstone) => [
          index === undefined ? 'a' : `i${index}`,
          ...[issuedAt, until],
        ]);
        // Cleared of what is long over by the machine's time, with a day to spare for a wrong one.
        await connection.run('bury', [keys.tombstones(subject)], [clock.now() - DAY_MS, ttl, ...values]);
      }
      await connection.replicated();
      // What Redis promises of its disk it promises for each command (docs/nodes.md).
      return async () => {};
    },

    async once(kind, id, until, now) {
      if (until <= now) return false;
      const first = await connection.run('once', [keys.once(kind, id)], [until, now, ttlUntil(until)]);
      await connection.replicated();
      return Number(first) === 1;
    },

    async keep(kind, id, value, until) {
      await connection.call('SET', keys.kept(kind, id), timed(value, until), 'PX', ttlUntil(until));
    },

    swap(kind, id, value, until, now) {
      const key = keys.kept(kind, id);
      return keptAt(key, now, 'SET', key, timed(value, until), 'PX', ttlUntil(until), 'GET');
    },

    async change(kind, id, next, now) {
      const key = keys.kept(kind, id);
      for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts += 1) {
        const reply = await connection.call('GET', key);
        const stood = await ours(key, async () => keptIn(reply, now));
        const changed = next(stood);
        const expected = Buffer.isBuffer(reply) ? reply : '';
        const values = changed === undefined ? ['', 0] : [timed(changed.value, changed.until), ttlUntil(changed.until)];
        if (Number(await connection.run('replace', [key], [expected, ...values])) === 1) return;
      }
      throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { reason: 'changed by others all the time' } });
    },

    read(kind, id, now) {
      const key = keys.kept(kind, id);
      return keptAt(key, now, 'GET', key);
    },

    take(kind, id, now) {
      const key = keys.kept(kind, id);
      return keptAt(key, now, 'GETDEL', key);
    },
  };
}

const DAY_MS = 86_400_000;
/** Each that fails is another's that has not. */
const MOST_ATTEMPTS = 100;
