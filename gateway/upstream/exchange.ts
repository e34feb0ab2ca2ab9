// One request to an app and its answer, over a connection of its own. What goes wrong is a value.

import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { UpstreamTls } from '../kernel/words.ts';

/** Why there is no answer. */
export type CallFailure =
  /** Nobody listens there. */
  | 'refused'
  /** No way leads there: name, route or time to connect. */
  | 'unreachable'
  /** Its certificate is not trusted. */
  | 'certificate'
  /** The connection broke, or what came was no HTTP. */
  | 'broken-off'
  | 'timeout'
  /** The answer is longer than `MAX_ANSWER_BYTES`. */
  | 'too-long'
  | 'too-many-redirects'
  /** A header has characters that no header may have. */
  | 'unsendable';

/** Where to connect to. `isPlain`: without TLS, whatever the origin says. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly isPlain?: boolean | undefined;
}

/** One request as it goes over the wire. */
export interface WireRequest {
  /** http(s) origin to connect to. */
  readonly origin: string;
  /** Where it really is, where its name does not lead there. */
  readonly at?: Place | undefined;
  readonly tls?: UpstreamTls | undefined;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Flat list name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | undefined;
}

/** An answer as it came; what is read most is taken out of `headers`. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly setCookies: readonly string[];
  readonly location: string | undefined;
  readonly contentType: string;
  /** Empty where nobody wanted it. */
  readonly body: Buffer;
}

/** Of a body; what is longer is a failure, because half a page is none. */
export const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

const SAFE = new Set(['GET', 'HEAD']);

/**
 * Sends a request and reads the answer. Never rejects. `wantsBody` is asked with the status; an unwanted body is read to its
 * end all the same, because an application may stop working where nobody listens, but nothing depends on how it ends. Tried
 * once more where no connection came about, and, by a safe method, where it broke before an answer: that request may arrive
 * twice (RFC 9110 §9.2.2). TLS is always verified.
 */
export async function exchange(
  request: WireRequest,
  signal: AbortSignal,
  wantsBody: (answer: Omit<WireAnswer, 'body'>) => boolean,
): Promise<WireAnswer | { readonly failed: CallFailure }> {
  const first = await attempt(request, signal, wantsBody);
  if (!('failed' in first) || !first.again) return first;
  return attempt(request, signal, wantsBody);
}

type Attempt = WireAnswer | { readonly failed: CallFailure; readonly again: boolean };

async function attempt(
  request: WireRequest,
  signal: AbortSignal,
  wantsBody: (answer: Omit<WireAnswer, 'body'>) => boolean,
): Promise<Attempt> {
  const progress = { isConnected: false };
  try {
    const response = await responseTo(request, signal, progress);
    const head = {
      status: response.statusCode ?? 0,
      headers: response.headers,
      setCookies: response.headers['set-cookie'] ?? [],
      location: response.headers.location,
      contentType: response.headers['content-type'] ?? '',
    };
    const body = await bodyOf(response, wantsBody(head));
    if (body === 'too-long') return { failed: 'too-long', again: false };
    if (body === 'broken-off') return { failed: signal.aborted ? 'timeout' : 'broken-off', again: false };
    return { ...head, body };
  } catch (error) {
    const failed = signal.aborted ? 'timeout' : failureOf(error);
    const isSafe = !progress.isConnected || SAFE.has(request.method);
    return { failed, again: isSafe && (failed === 'refused' || failed === 'broken-off') };
  }
}

function responseTo(
  { origin, at, tls: chosen, method, target, headers, body }: WireRequest,
  signal: AbortSignal,
  progress: { isConnected: boolean },
): Promise<IncomingMessage> {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  // An address in numbers has no server name (RFC 6066 §3); Node would take the one in Host.
  const tls = { servername: isIP(host) === 0 ? host : '', ...chosen };
  const isSecure = protocol === 'https:' && at?.isPlain !== true;
  const options = { host, port, ...at, method, path: target, headers, agent: false, signal } as const;
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = isSecure ? httpsRequest({ ...options, ...tls }) : httpRequest(options);
    sent.on('socket', (socket) => {
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        progress.isConnected = true;
      });
    });
    sent.on('response', resolve).on('error', reject);
    // An upgrade nobody asked for ends in no response at all.
    sent.on('close', () => reject(new Error('closed')));
    sent.end(body);
  });
}

async function bodyOf(response: IncomingMessage, isWanted: boolean): Promise<Buffer | 'too-long' | 'broken-off'> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (!isWanted) continue;
      bytes += chunk.length;
      // Leaving the loop ends the connection.
      if (bytes > MAX_ANSWER_BYTES) return 'too-long';
      chunks.push(chunk);
    }
  } catch {
    return isWanted ? 'broken-off' : Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

function failureOf(error: unknown): CallFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (/^ERR_INVALID_|^ERR_UNESCAPED_/.test(code)) return 'unsendable';
  if (/^(?:ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL)/.test(code)) return 'unreachable';
  if (/CERT|^ERR_(?:TLS|SSL)_|^UNABLE_TO_|^INVALID_CA|^HOSTNAME_|^CRL_|^PATH_LENGTH/.test(code)) return 'certificate';
  return 'broken-off';
}
