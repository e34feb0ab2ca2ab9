// Strict-Transport-Security (RFC 6797): browsers that have once come over TLS never again come without.

import * as z from 'zod';
import { durationMs } from '../kernel/units.ts';

/** `tls.hsts` in gateway.yaml, in milliseconds; undefined sends none. */
export const hstsSettings = z
  .string()
  .meta({ title: 'duration, or off', examples: ['180d'] })
  .transform((text, context) => {
    if (text === 'off') return undefined;
    const ms = durationMs(text);
    if (ms !== undefined && ms % 1000 === 0) return ms;
    context.addIssue(
      ms === undefined ? 'is no duration, and not "off"' : 'has parts of a second, which browsers do not count',
    );
    return z.NEVER;
  });

/** The value of the field (RFC 6797 §6.1). Neighbours below a host are not ours to speak for, so never includeSubDomains. */
export const hstsOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : `max-age=${ms / 1000}`;
