// The settings of what operators see.

import * as z from 'zod';
import { durationMs } from '../kernel/units.ts';

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

const NO_WORKERS = 'is no number of workers; write a number from 1 to 64, or auto';

/** `workers` in gateway.yaml: how many processes serve. */
export const workersSetting = z
  .union([z.literal('auto'), z.int()], { error: NO_WORKERS })
  .refine((number) => number === 'auto' || (number >= 1 && number <= 64), { error: NO_WORKERS })
  .meta({ title: 'number or `auto`', examples: [2] })
  .prefault(1);

/** Reads what the command line says for it; undefined where it is none. */
export function readWorkers(text: string): z.output<typeof workersSetting> | undefined {
  const { data } = workersSetting.safeParse(/^\d{1,3}$/.test(text) ? Number(text) : text);
  return data;
}
/** `reload` in gateway.yaml. */
export const reloadSettings = z.strictObject({
  onChange: z
    .boolean()
    .prefault(true)
    .describe(
      'Whether the policies and every file they name are taken over by themselves some seconds after they have changed (docs/reload.md). `false`: on SIGHUP, `curfew reload` and `POST /reload` only.',
    ),
});

const LONGEST_MS = 3_600_000;

const duration = (example: string) =>
  z
    .string()
    .meta({ title: 'duration', examples: [example] })
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined && ms <= LONGEST_MS) return ms;
      context.addIssue(ms === undefined ? 'is no duration' : 'is out of bounds: at most 1h');
      return z.NEVER;
    });

/** `shutdown` in gateway.yaml. */
export const shutdownSettings = z
  .strictObject({
    drain: duration('5s')
      .prefault('0s')
      .describe(
        'On SIGTERM: how long everything is still served while `/readyz` says 503 and connections are closed after their answer, so that a load balancer sends no more. A little longer than it takes to notice; behind none, `0s`.',
      ),
    finish: duration('10s')
      .prefault('10s')
      .describe(
        'Then: how long requests under way may take to end before they are cut; a second of it is for what is on its way over kept connections. WebSockets are closed at once.',
      ),
  })
  .transform(({ drain, finish }) => ({ drainMs: drain, finishMs: finish }));
