// The settings of traces.

import * as z from 'zod';

const httpAddress = z
  .string()
  .meta({ title: 'URL', examples: ['http://collector:4318/v1/traces'] })
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
    error: 'is no http address; write "http://collector:4318/v1/traces"',
  })
  .refine((text) => `${URL.parse(text)?.username}${URL.parse(text)?.password}` === '', {
    error: 'has a name or a password in it; write them as `headers: { Authorization: ${env:OTLP_AUTHORIZATION} }`',
  });

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/** `tracing` in gateway.yaml. */
export const tracingSettings = z
  .strictObject({
    endpoint: httpAddress.describe(
      'Where spans are sent by OTLP over HTTP, as JSON: the whole address, `/v1/traces` and all.',
    ),
    headers: z
      .record(
        z.string(),
        z
          .string()
          .regex(/^[\x20-\x7e]+$/, { error: 'may hold visible ASCII only' })
          .meta({ title: 'secret' }),
      )

      .meta({ title: 'names and values', examples: [{ Authorization: '${env:OTLP_AUTHORIZATION}' }] })
      .superRefine((headers, context) => {
        for (const name of Object.keys(headers).filter((one) => !HEADER_NAME.test(one)))
          context.addIssue({
            code: 'custom',
            path: [name],
            message: 'is no header name; write it as in RFC 9110 §5.1',
          });
      })
      // No text that the configuration is ever turned into holds what is in a Map.
      .transform((headers): ReadonlyMap<string, string> => new Map(Object.entries(headers)))
      .prefault({})
      .describe('Header fields sent with them, by which the collector knows us.'),
    ca: z
      .string()
      .min(1, 'names no file')
      .meta({ title: 'file', examples: ['../certs/collector-ca.crt'] })
      .describe(
        'Certificates (PEM) of the authorities that the collector’s certificate may be signed by. Default: those of the system.',
      )
      .optional(),
    sample: z
      .number({ error: 'is no share; write a number from 0 to 1, such as 0.1 for a tenth' })
      .min(0, 'is no share; write a number from 0 to 1, such as 0.1 for a tenth')
      .max(1, 'is no share; write a number from 0 to 1, such as 0.1 for a tenth')
      .meta({ title: 'share from 0 to 1', examples: [0.1] })
      .prefault(0.1)
      .describe(
        'The share of requests that are traced, of those whose trace begins here. Of traces that are gone on with (`trust`), whoever began them has decided.',
      ),
    service: z
      .string()
      .min(1, 'is empty')
      .max(100, 'is longer than 100 characters')
      .meta({ examples: ['curfew'] })
      .prefault('curfew')
      .describe('What this gateway is called in traces (`service.name`).'),
    trust: z
      .enum(['proxies', 'anyone', 'nobody'])
      .prefault('proxies')
      .describe(
        'Whose `traceparent`, `tracestate` and `baggage` are gone on with: those of `trustedProxies`, of every client, or of nobody. With `anyone` every client can have all its requests traced, and write what it likes into `baggage`. From others the trace begins anew here, and the three fields end here.',
      ),
  })
  .optional();

/** `tracing`, judged, with its defaults. */
export type TracingSettings = Omit<NonNullable<z.output<typeof tracingSettings>>, 'ca'> & {
  /** PEM. */
  readonly ca: string | undefined;
};
