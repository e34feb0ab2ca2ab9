// The settings of sessions: where they are kept, how long they live, and what seals them.

import * as z from 'zod';
import { duration } from '../kernel/unit-settings.ts';
import { isRedisAddress, readRedisAddress, type RedisAddress } from './redis-address.ts';

export { isRedisAddress };

/** Where sessions are kept. `path` is as written until the configuration resolves it against its file. */
export type StoreAddress =
  { readonly kind: 'memory' } | { readonly kind: 'file'; readonly path: string } | RedisAddress;

const store = z
  .string()
  .meta({ title: 'store', examples: ['file:../data/curfew.db', 'redis://redis.example.com:6379/0', 'memory:'] })
  .transform((text, context): StoreAddress => {
    if (text === 'memory:') return { kind: 'memory' };
    if (/^file:[^\0]+$/.test(text)) return { kind: 'file', path: text.slice('file:'.length) };
    if (isRedisAddress(text)) {
      const address = readRedisAddress(text);
      if (typeof address !== 'string') return address;
      context.addIssue(address);
      return z.NEVER;
    }
    context.addIssue('is no store known here; write "file:../data/curfew.db", "redis://host:6379/0" or "memory:"');
    return z.NEVER;
  });

const secret = z
  .string()
  .meta({ title: 'secret', examples: ['${file:../certs/session.secret}'] })
  .refine((text) => Buffer.byteLength(text) >= 32, {
    error:
      'is shorter than 32 bytes; let `openssl rand -base64 32` make one, and name it as ${file:PATH} or ${env:NAME}',
  });

/** `sessions.secret` in gateway.yaml: one, or a list. */
export const sessionSecrets = z
  .union([secret, z.array(secret).min(1, 'names no secret; write ${file:../certs/session.secret}')])
  .meta({
    title: 'secret, or a list of them',
    examples: ['${file:../certs/session.secret}'],
    description:
      'Encrypts identities and application cookies at rest; at least 32 bytes, named by `${file:…}` or `${env:…}` and never written here. Of a list the first encrypts and all decrypt: put a new one in front to rotate.',
  });

const pem = (example: string) =>
  z
    .string()
    .meta({ title: 'PEM text, a secret', examples: [example] })
    .refine((text) => text.includes('-----BEGIN '), { error: `is no PEM; name the file as ${example}` });

/** `sessions.redis` in gateway.yaml. */
const redis = z.strictObject({
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'is no prefix; write letters, digits, ".", "_" or "-", 64 at most' })
    .prefault('curfew')
    .describe('What the names of all keys begin with; gateways with the same prefix are nodes of one.'),
  ca: pem('${file:../certs/redis-ca.crt}')
    .optional()
    .describe(
      "Certificate authorities that Redis's certificate is checked against with `rediss:`, instead of the machine's.",
    ),
  certificate: pem('${file:../certs/redis-client.crt}')
    .optional()
    .describe('Our certificate, where Redis asks for one.'),
  key: pem('${file:../certs/redis-client.key}').optional().describe('The private key of `certificate`.'),
  sentinelPassword: z
    .string()
    .meta({ title: 'secret', examples: ['${env:SENTINEL_PASSWORD}'] })
    .optional()
    .describe('The password of the Sentinels themselves, where they ask for one.'),
  waitReplicas: z
    .int()
    .min(0)
    .max(10)
    .prefault(0)
    .describe(
      'How many replicas must have an ending before it is confirmed (WAIT): 1 keeps a failover from undoing it. Not with a Redis Cluster.',
    ),
});

/** `sessions` in gateway.yaml. */
export const sessionsSettings = z
  .strictObject({
    store: store
      .prefault('file:../data/curfew.db')
      .describe(
        'Where sessions are kept: `file:PATH` survives a restart and belongs to one process; `redis://`, `rediss://` (TLS), `redis+sentinel://H1,H2/MASTER` and `redis+cluster://H1,H2` are shared by several nodes; `memory:` is for tests. A relative PATH starts at the folder of this file.',
      ),
    idle: duration('30m', { least: '1s' }).prefault('30m').describe('A session nobody has used for this long ends.'),
    lifetime: duration('10h', { least: '1s' })
      .prefault('10h')
      .describe(
        'A session ends this long after it began, however busy it is, or earlier where the identity provider says so (SessionNotOnOrAfter).',
      ),
    lease: duration('2s', { least: '500ms', most: '60s' })
      .prefault('2s')
      .describe(
        'With Redis: how long a node that does not hear from Redis serves from memory. A logout waits at most this long for a node that does not answer.',
      ),
    redis: redis.prefault({}).describe('What a Redis store needs beyond its address.'),
    secret: sessionSecrets,
  })
  .superRefine(({ store, redis }, context) => {
    const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if ((redis.certificate === undefined) !== (redis.key === undefined)) {
      complain(['redis'], 'needs both certificate and key, or neither');
    }
    if (store.kind === 'redis' && store.mode === 'cluster' && redis.waitReplicas > 0) {
      complain(['redis', 'waitReplicas'], 'cannot be had with a Redis Cluster; write 0, or use Sentinel');
    }
  })
  .transform(({ store, idle, lifetime, lease, redis, secret }) => ({
    store,
    idleMs: idle,
    lifetimeMs: lifetime,
    leaseMs: lease,
    redis,
    /** The first seals, all open. */
    secrets: typeof secret === 'string' ? [secret] : secret,
  }));
