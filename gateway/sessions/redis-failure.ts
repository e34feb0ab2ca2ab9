// What went wrong between us and Redis, as a code with a remedy.

import { CurfewError } from '../kernel/errors.ts';
import { sessionsError } from './codes.ts';

/** By what Redis says first, or by Node's code for a connection. */
const KINDS = [
  [
    // In a script Redis says so behind other words, which differ from release to release.
    /^(?:NOAUTH|WRONGPASS|NOPERM|ERR (?:invalid password|Client sent AUTH|AUTH))|ACL failure in script|user executing the script/,
    'SESSIONS_REDIS_REFUSED',
  ],
  [
    /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH)|certificate|SSL routines/,
    'SESSIONS_REDIS_UNTRUSTED',
  ],
  [/WRONGTYPE|^TAKEN/, 'SESSIONS_REDIS_FOREIGN'],
  [
    /^(?:READONLY|OOM|NOREPLICAS|MISCONF|LOADING|MASTERDOWN|CLUSTERDOWN|ERR |BUSY|TRYAGAIN)/,
    'SESSIONS_STORE_UNAVAILABLE',
  ],
] as const;

/** Any failure as one of ours; what is ours already stays as it is. */
export function redisFailure(cause: unknown): CurfewError {
  if (cause instanceof CurfewError) return cause;
  const texts = wordsOf(cause);
  const [, code] = KINDS.find(([pattern]) => texts.some((text) => pattern.test(text))) ?? [];
  return sessionsError(code ?? 'SESSIONS_REDIS_UNREACHABLE', { cause: withoutArguments(cause) });
}

/** Whether it says that a key holds something of another kind than ours. */
export const isForeign = (cause: unknown): boolean =>
  cause instanceof CurfewError && cause.code === 'SESSIONS_REDIS_FOREIGN';

/** A Redis Cluster wraps the reason in an error of its own. */
function wordsOf(cause: unknown): string[] {
  if (!(cause instanceof Error)) return [String(cause)];
  const { code, lastNodeError } = cause as Error & { readonly code?: unknown; readonly lastNodeError?: unknown };
  const own = typeof code === 'string' ? [code, cause.message] : [cause.message];
  return lastNodeError === undefined ? own : [...own, ...wordsOf(lastNodeError)];
}

/** Redis repeats what it did not understand, and after AUTH that is the password. */
function withoutArguments(cause: unknown): unknown {
  const [said, repeated] = cause instanceof Error ? cause.message.split(/,? with args beginning with/) : [];
  return repeated === undefined ? cause : new Error(said);
}
