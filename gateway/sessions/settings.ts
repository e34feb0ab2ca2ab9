// The settings of sessions: where they are kept, how long they live, and what seals them.

import * as z from 'zod';
import { durationMs } from '../kernel/units.ts';

/** Where sessions are kept. `path` is as written until the configuration resolves it against its file. */
export type StoreAddress = { readonly kind: 'memory' } | { readonly kind: 'file'; readonly path: string };

const LONGEST_MS = 365 * 86_400_000;

const duration = (example: string) =>
  z
    .string()
    .meta({ title: 'duration', examples: [example] })
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined && ms >= 1000 && ms <= LONGEST_MS) return ms;
      context.addIssue(ms === undefined ? 'is no duration' : 'is out of bounds: at least 1s, at most 365d');
      return z.NEVER;
    });

const store = z
  .string()
  .meta({ title: 'store', examples: ['file:../data/curfew.db', 'memory:'] })
  .transform((text, context): StoreAddress => {
    if (text === 'memory:') return { kind: 'memory' };
    if (/^file:[^\0]+$/.test(text)) return { kind: 'file', path: text.slice('file:'.length) };
    context.addIssue('is no store known here; write "file:../data/curfew.db" or "memory:"');
    return z.NEVER;
  });

const secret = z
  .string()
  .meta({ title: 'secret', examples: ['${file:../certs/session.secret}'] })
  .refine((text) => Buffer.byteLength(text) >= 32, {
    error: 'is shorter than 32 bytes; let `curfew keys` make one, and name it as ${file:PATH} or ${env:NAME}',
  });

/** `sessions` in gateway.yaml. */
export const sessionsSettings = z
  .strictObject({
    store: store
      .prefault('file:../data/curfew.db')
      .describe(
        'Where sessions are kept: `file:PATH` survives a restart; `memory:` does not, and is for tests. A relative PATH starts at the folder of this file.',
      ),
    idle: duration('30m').prefault('30m').describe('A session nobody has used for this long ends.'),
    lifetime: duration('10h')
      .prefault('10h')
      .describe(
        'A session ends this long after it began, however busy it is, or earlier where the identity provider says so (SessionNotOnOrAfter).',
      ),
    secret: z.union([secret, z.array(secret).min(1, 'names no secret; write ${file:../certs/session.secret}')]).meta({
      title: 'secret, or a list of them',
      examples: ['${file:../certs/session.secret}'],
      description:
        'Encrypts identities and application cookies at rest; at least 32 bytes, named by `${file:…}` or `${env:…}` and never written here. Of a list the first encrypts and all decrypt: put a new one in front to rotate.',
    }),
  })
  .transform(({ store, idle, lifetime, secret }) => ({
    store,
    idleMs: idle,
    lifetimeMs: lifetime,
    /** The first seals, all open. */
    secrets: typeof secret === 'string' ? [secret] : secret,
  }));
