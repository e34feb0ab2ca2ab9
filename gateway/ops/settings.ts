// The settings of what operators see.

import * as z from 'zod';

/** `log` in gateway.yaml. */
export const logSettings = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe(
      'The least weighty line the log still shows. `debug` adds the checks that passed; no level shows secrets.',
    ),
});

/** `log`, judged, with its default. */
export type LogSettings = z.output<typeof logSettings>;
