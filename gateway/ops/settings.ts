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
