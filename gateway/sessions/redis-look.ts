// Asks a Redis, over a connection like those that serving uses, whether it lets us in, may keep what is ours, and will not lose it.

import { randomText } from '../kernel/random.ts';
import { sessionsError } from './codes.ts';
import type { Looked } from './look.ts';
import type { RedisAddress } from './redis-address.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { policyIn } from './redis-eviction.ts';
import { redisKeys } from './redis-keys.ts';

/** How long one answer is waited for. */
const COMMAND_MS = 2000;
/** What `GETDEL` and the scripts need; docs/nodes.md. */
const LEAST_VERSION = [6, 2] as const;
/** Every right that a script of ours needs, tried on a key that nobody else has, which is gone in a second whatever happens. */
const TRY = `redis.call('SET', KEYS[1], '1', 'PX', 1000) local found = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return found`;

/** Rejects with SESSIONS_REDIS_* where it cannot be reached, does not let us in, or is too old. Becomes no node of the gateway. */
export async function lookAtRedis(
  options: Omit<RedisConnectionOptions, 'commandTimeoutMs'> & { readonly prefix: string },
): Promise<Looked> {
  const connection = new RedisConnection({ ...options, commandTimeoutMs: COMMAND_MS });
  try {
    await connection.connected();
    const info = String(await connection.call('INFO'));
    const version = fieldIn(info, 'valkey_version') ?? fieldIn(info, 'redis_version') ?? '';
    if (isOlder(fieldIn(info, 'redis_version') ?? version)) {
      throw sessionsError('SESSIONS_REDIS_OLD', { detail: { version } });
    }
    const keys = redisKeys(options.prefix);
    await connection.call('EVAL', TRY, 1, keys.claim('look', randomText(128)));
    await connection.call('PUBLISH', `${keys.channel}:look`, '');
    await connection.replicated();
    const name = fieldIn(info, 'valkey_version') === undefined ? 'Redis' : 'Valkey';
    return { found: `${name} ${version} at ${placeOf(options.address)}`, notes: notesOn(info) };
  } finally {
    await connection.close();
  }
}

function notesOn(info: string): string[] {
  const policy = policyIn(info) ?? 'noeviction';
  const limit = Number(fieldIn(info, 'maxmemory') ?? 0);
  return [
    ...(policy === 'noeviction'
      ? []
      : [
          `maxmemory-policy is ${policy}${limit === 0 ? ', harmless as long as there is no maxmemory' : ''}: a full Redis would drop tombstones, and let people in who have left; set it to noeviction`,
        ]),
    ...(fieldIn(info, 'aof_enabled') === '0'
      ? [
          'appendonly is no: a restart of Redis forgets sign-ins and sign-outs; set "appendonly yes" and "appendfsync always"',
        ]
      : []),
  ];
}

const fieldIn = (info: string, name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]);
}

/** Without name and password. */
function placeOf({ hosts, tls, mode, master, username }: RedisAddress): string {
  const list = hosts.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(', ');
  const through = mode === 'sentinel' ? `the master ${master} of the Sentinels ${list}` : list;
  return `${through}${tls ? ', over TLS' : ''}${username === undefined ? '' : `, as ${username}`}`;
}
