// A Redis that removes keys when it is full removes tombstones as well, and a late assertion would let somebody in who has left (P6).

import type { Log } from '../kernel/log.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Warns, at every connection, of a Redis that may evict what is ours. INFO needs no right beyond those of docs/nodes.md. */
export function warnOfEviction(connection: Pick<RedisConnection, 'call' | 'onReady'>, log: Log): void {
  connection.onReady(() => {
    const look = async (): Promise<void> => {
      const policy = policyIn(String(await connection.call('INFO', 'memory')));
      if (policy === undefined || policy === 'noeviction') return;
      log.warn('redis-may-evict', { policy, remedy: 'set maxmemory-policy noeviction in Redis (docs/nodes.md)' });
    };
    look().catch(() => {}); // whatever fails is said by whoever needs the connection
  });
}

/** `maxmemory-policy`, as INFO tells it. */
export const policyIn = (info: string): string | undefined => /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
