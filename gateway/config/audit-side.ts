// What audit files are verified with: whoever does that need not have all that the gateway has.

import type { Fault } from './faults.ts';
import { loadGatewayPart } from './gateway-part.ts';
import { auditSideSchema } from './schema.ts';

/** The secrets that links are made with, the first first; or the faults that stand in the way. */
export function loadAuditSecrets(
  dir: string,
  env: NodeJS.ProcessEnv,
): readonly string[] | { readonly faults: readonly Fault[] } {
  const part = loadGatewayPart(dir, env, auditSideSchema, /^sessions\.secret/);
  return 'faults' in part ? part : [part.sessions.secret].flat();
}
