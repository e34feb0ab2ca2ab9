// What an engine's error means, in the room's own codes.

import { errors } from 'undici';
import { CurfewError } from '../kernel/errors.ts';
import { proxyError, type PROXY_CODES } from './codes.ts';

type Code = keyof typeof PROXY_CODES;

const MEANING: ReadonlyMap<string, Code> = new Map<string, Code>([
  ['ECONNREFUSED', 'UPSTREAM_REFUSED'],
  ['ECONNRESET', 'UPSTREAM_RESET'],
  ['EPIPE', 'UPSTREAM_RESET'],
  ['UND_ERR_SOCKET', 'UPSTREAM_RESET'],
  ['ETIMEDOUT', 'UPSTREAM_TIMEOUT'],
  ['ECONNECT_TIMEOUT', 'UPSTREAM_TIMEOUT'],
  ['UND_ERR_CONNECT_TIMEOUT', 'UPSTREAM_TIMEOUT'],
  ['UND_ERR_HEADERS_TIMEOUT', 'UPSTREAM_TIMEOUT'],
  ['UND_ERR_HEADERS_OVERFLOW', 'UPSTREAM_NONSENSE'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UPSTREAM_NONSENSE'],
  ['ERR_INVALID_CHAR', 'UPSTREAM_NONSENSE'],
  ['ERR_HTTP_INVALID_STATUS_CODE', 'UPSTREAM_NONSENSE'],
  ['ERR_ASSERTION', 'UPSTREAM_NONSENSE'],
  ['UND_ERR_DESTROYED', 'UPSTREAM_CLOSED'],
  ['UND_ERR_CLOSED', 'UPSTREAM_CLOSED'],
  ['UND_ERR_INVALID_ARG', 'REQUEST_UNSENDABLE'],
  ['UND_ERR_NOT_SUPPORTED', 'REQUEST_UNSENDABLE'],
  ['ERR_INVALID_HTTP_TOKEN', 'REQUEST_UNSENDABLE'],
]);

/** OpenSSL's reasons for a certificate it does not take, Node's for one of another name, and an app's for ours. */
const UNTRUSTED = /CERT|^ERR_(?:TLS|SSL)_|^UNABLE_TO_|^INVALID_CA|^HOSTNAME_|^CRL_|^PATH_LENGTH|^EPROTO$/;

/** The room's error for an engine's. The log learns the engine's code, never its data: that may hold a response. */
export function upstreamError(error: unknown, app: string): CurfewError {
  if (error instanceof CurfewError) return error;
  const cause = causeCode(error);
  return proxyError(meaningOf(cause, error), { detail: { app, cause } });
}

/** Whether the connection was lost, as opposed to the answer being wrong. */
export function isLostConnection(error: unknown): boolean {
  return meaningOf(causeCode(error), error) === 'UPSTREAM_RESET';
}

function causeCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}

function meaningOf(code: string, error: unknown): Code {
  // undici has one code for a socket that closed and for an answer out of turn; only the message tells them apart.
  if (code === 'UND_ERR_SOCKET' && error instanceof Error && error.message.startsWith('bad '))
    return 'UPSTREAM_NONSENSE';
  if (error instanceof errors.HTTPParserError || code.startsWith('HPE_')) return 'UPSTREAM_NONSENSE';
  if (UNTRUSTED.test(code)) return 'UPSTREAM_UNTRUSTED';
  return MEANING.get(code) ?? 'UPSTREAM_UNREACHABLE';
}
