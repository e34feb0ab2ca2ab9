// The settings of what operators see.

import * as z from 'zod';

/** `log` in gateway.yaml. */
export const logSettings = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe(
      'The least weighty line the log still shows. `warn` leaves out the line for each request. Audit lines are always written; no level shows secrets.',
    ),
});

/** `log`, judged, with its default. */
export type LogSettings = z.output<typeof logSettings>;

/** `audit` in gateway.yaml. */
export const auditSettings = z.strictObject({
  file: z
    .string()
    .min(1, 'names no file')
    .meta({ title: 'file', examples: ['../data/audit.jsonl'] })
    .describe(
      'Where audit lines are appended, one JSON object a line (docs/audit.md); made for this user only, and begun anew where it was moved away. Each gateway needs a file of its own. Default: standard output, among the lines of the log.',
    )
    .optional(),
  chain: z
    .boolean()
    .prefault(true)
    .describe(
      'Whether each line in the file carries a keyed hash over itself and the line before, so that `curfew audit verify` shows what was changed or removed. The key comes from `sessions.secret`.',
    ),
  nameIds: z
    .enum(['plain', 'pseudonym'])
    .prefault('plain')
    .describe(
      'How people are named in audit lines. `pseudonym`: by a keyed hash of identity provider and NameID; `curfew audit pseudonym` finds it for a person. Another first `sessions.secret` makes other pseudonyms.',
    ),
});

/** `audit`, judged, with its defaults; `file` is absolute. */
export type AuditSettings = z.output<typeof auditSettings>;

/** `admin` in gateway.yaml. */
export const adminSettings = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'may hold visible ASCII only; let `openssl rand -hex 32` make one' })
    .refine((text) => text.length >= 32, {
      error:
        'is shorter than 32 characters; let `openssl rand -hex 32` make one, and name it as ${file:PATH} or ${env:NAME}',
    })
    .meta({ title: 'secret', examples: ['${file:../certs/admin.token}'] })
    .describe(
      'What everybody must show who asks `listen.admin` for more than `/healthz` and `/readyz`: as a bearer token, or as the password of a browser. Without it `listen.admin` has to be on loopback.',
    )
    .optional(),
});

/** `admin`, judged. */
export type AdminSettings = z.output<typeof adminSettings>;
