// Cookies in Redis: one hash for the jar of one app in one session, so that reading one costs what it holds.

import type { SessionId } from '../kernel/words.ts';
import type { RedisConnection, RedisValue } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import { listIn, pairsIn, unversioned, versioned } from './redis-records.ts';
import type { Store, StoredCookie } from './store.ts';

/** The part of a Store that keeps cookies. */
export function openRedisJars(
  connection: Pick<RedisConnection, 'run' | 'call'>,
  keys: RedisKeys,
): Pick<Store, 'cookies' | 'mergeCookies' | 'appsWithCookies'> {
  return {
    async cookies(id, app) {
      const pairs = pairsIn(await connection.call('HGETALL', keys.jar(id, app)));
      return [...pairs].flatMap(([key, value]): StoredCookie[] => {
        const sealed = unversioned(value);
        return sealed === undefined ? [] : [{ key, sealed }];
      });
    },

    async mergeCookies(id, app, changes) {
      const flat = changes.flatMap(({ key, sealed }): RedisValue[] => [
        key,
        sealed === undefined ? '' : versioned(sealed),
      ]);
      const names = [keys.session(id), keys.jar(id, app), keys.versions(id)];
      return Number(await connection.run('merge', names, [app, id, keys.channel, ...flat]));
    },

    async appsWithCookies(id: SessionId) {
      const apps = listIn(await connection.call('HKEYS', keys.versions(id)));
      const filled = await Promise.all(apps.map((app) => connection.call('EXISTS', keys.jar(id, app))));
      return apps.filter((_app, at) => Number(filled[at]) === 1);
    },
  };
}
