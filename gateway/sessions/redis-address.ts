// Reads the address of a Redis store: one server, servers behind Sentinel, or a Redis Cluster.

/** Where a Redis store is, and who we are there. */
export interface RedisAddress {
  readonly kind: 'redis';
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** The server, the Sentinels, or the nodes to begin with. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** The name the Sentinels know the master by; empty without Sentinel. */
  readonly master: string;
}

/** What every address of this kind begins with. */
export const isRedisAddress = (text: string): boolean => /^rediss?(\+[a-z]+)?:/.test(text);

const FORM = /^(redis|rediss)(?:\+(sentinel|cluster))?:\/\/(?:(.*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(?:db=)?(\d+))?$/s;
const PORTS = { single: 6379, sentinel: 26_379, cluster: 6379 } as const;

/**
 * The address that `text` is, or a sentence about what is wrong with it, which repeats no password. A name and password are taken
 * up to the last `@`; `%` in them is written `%25`, as in every URL.
 */
export function readRedisAddress(text: string): RedisAddress | string {
  const found = FORM.exec(text);
  if (found === null) {
    return 'is no address of a Redis; write "redis://host:6379/0", "redis+sentinel://h1,h2/master" or "redis+cluster://h1,h2"';
  }
  const [, scheme, kind, person, list = '', path = '', query] = found;
  const mode = (kind ?? 'single') as RedisAddress['mode'];
  const hosts = list.split(',').map((entry) => hostOf(entry, PORTS[mode]));
  const known = hosts.filter((host) => host !== undefined);
  if (known.length < hosts.length) return 'has a host that is none; write HOST:PORT, several with commas between them';
  if (mode === 'single' && known.length > 1) {
    return 'names several hosts; write "redis+sentinel://" or "redis+cluster://" in front of them';
  }
  const db = mode === 'single' && path !== '' ? path : (query ?? '0');
  if (!/^\d{1,4}$/.test(db)) return 'has a database that is no number; write "/0" behind the host';
  if (mode === 'cluster' && (path !== '' || Number(db) !== 0)) {
    return 'names a database, and a Redis Cluster has only one; end the address behind the last host';
  }
  if (mode === 'sentinel' && path === '')
    return 'lacks the name of the master; write "redis+sentinel://h1,h2/mymaster"';
  const who = personOf(person);
  if (who === undefined) return 'has a % that begins no escape; write it as %25';
  return {
    kind: 'redis',
    mode,
    hosts: known,
    tls: scheme === 'rediss',
    ...who,
    db: Number(db),
    master: mode === 'sentinel' ? path : '',
  };
}

function hostOf(entry: string, defaultPort: number): { host: string; port: number } | undefined {
  const found = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+)(?::(\d{1,5}))?$/.exec(entry);
  if (found === null) return undefined;
  const [, host = '', port] = found;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) };
}

function personOf(person: string | undefined): Pick<RedisAddress, 'username' | 'password'> | undefined {
  const [, name = '', password] = /^([^:]*)(?::(.*))?$/s.exec(person ?? '') ?? [];
  try {
    return {
      username: name === '' ? undefined : decodeURIComponent(name),
      password: password === undefined || password === '' ? undefined : decodeURIComponent(password),
    };
  } catch {
    return undefined;
  }
}
