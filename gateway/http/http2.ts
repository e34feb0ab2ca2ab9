// HTTP/2 on `listen.https`: what one connection may carry, for whom, and for how long it may carry nothing (RFC 9113).

import type { IncomingMessage, ServerOptions } from 'node:http';
import { constants, type Http2SecureServer, type SecureServerOptions, type ServerHttp2Session } from 'node:http2';
import type { BlockList } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { hostName } from '../policy/table.ts';
import { certificateFor, covers, type CertificateStore } from './certificates.ts';
import { isTrusted, plainAddress } from './client.ts';
import { StreamRequest } from './stream-request.ts';
import { StreamResponse } from './stream-response.ts';

/** Requests that one connection may carry at once; more wait at the browser (RFC 9113 §6.5.2). */
const MOST_STREAMS = 100;
/** Of a body that nobody reads yet, in each stream. Half a megabyte a round trip of 60 ms is what an upload needs, and no more. */
const WINDOW_BYTES = 256 * 1024;
/** A browser keeps 180 cookies of a site, each of which may be a field of its own; Node's 128 would reset whoever brings them. */
const MOST_FIELDS = 256;
/** The number in a GOAWAY that says: more to come (RFC 9113 §6.8). */
const LAST_STREAM_EVER = 2 ** 31 - 1;

/** How a server with these limits for HTTP/1.1 takes HTTP/2; HTTP/1.1 stays as it is. */
export const http2Options = (limits: ServerOptions & Limits): SecureServerOptions => ({
  allowHTTP1: true,
  http1Options: limits,
  settings: {
    ...{ maxConcurrentStreams: MOST_STREAMS, initialWindowSize: WINDOW_BYTES, enablePush: false },
    // Node resets what is over it; what is over half of it is told so, as over HTTP/1.1.
    maxHeaderListSize: 2 * limits.maxHeaderSize,
  },
  maxHeaderListPairs: MOST_FIELDS,
  // Twice an ETag is the app's fault, and passes over HTTP/1.1 as well.
  strictSingleValueFields: false,
  Http2ServerRequest: StreamRequest,
  Http2ServerResponse: StreamResponse,
});

/** Why a request over HTTP/2 is answered before anybody looks at it. */
export type StreamFault = 'FIELDS_TOO_LONG' | 'REQUEST_MALFORMED' | 'MISDIRECTED';

/** The HTTP/2 connections of one server. */
export interface Http2Connections {
  /** What is wrong with a request as such; undefined for nothing, and for HTTP/1.1. */
  readonly faultOf: (request: IncomingMessage) => StreamFault | undefined;
  /** Asks all browsers, and all that come from now on, to open a new connection for their next request; what they ask here is served. */
  readonly retire: () => void;
}

/** In bytes and milliseconds, by Node's own names. */
interface Limits {
  readonly maxHeaderSize: number;
  readonly headersTimeout: number;
  readonly keepAliveTimeout: number;
}

/** Watches over the connections of `server`. One without a request is closed after `headersTimeout` or `keepAliveTimeout`, as in HTTP/1.1. */
export function watchHttp2(
  server: Http2SecureServer,
  limits: Limits,
  certificates: Pick<CertificateStore, 'certificates'>,
  trusted: () => BlockList,
): Http2Connections {
  const open = new Map<ServerHttp2Session, (host: string) => boolean>();
  let isRetired = false;
  server.on('session', (session) => {
    // `in` knows nothing of the socket behind what Node gives here, so its kind is not asked for: it is TLS.
    const { remoteAddress = '', servername } = session.socket as TLSSocket;
    const address = plainAddress(remoteAddress);
    // Judged anew where other proxies are trusted now: a connection may last for days.
    let judgedBy = trusted();
    let isProxy = isTrusted(judgedBy, address);
    const isProxyNow = (): boolean => {
      const now = trusted();
      if (now !== judgedBy) [judgedBy, isProxy] = [now, isTrusted(now, address)];
      return isProxy;
    };
    const asked = typeof servername === 'string' ? servername.toLowerCase() : '';
    const shown = certificateFor(certificates.certificates(), asked);
    // A proxy has its own reasons for what it sends where. For browsers: the name they asked for, and what it was proven to them (§9.1.1).
    open.set(session, (host) => isProxyNow() || (host !== '' && (host === asked || covers(shown, host))));
    session.once('close', () => open.delete(session));
    closeIdle(session, limits);
    if (isRetired) retire(session);
  });
  return {
    faultOf: (request: IncomingMessage | StreamRequest) => {
      if (!(request instanceof StreamRequest)) return undefined;
      if (request.fieldBytes > limits.maxHeaderSize) return 'FIELDS_TOO_LONG';
      if (request.isMalformed) return 'REQUEST_MALFORMED';
      const { session } = request.stream;
      const isFor = session && open.get(session as ServerHttp2Session);
      return isFor?.(hostName(request.headers.host ?? '') ?? '') === true ? undefined : 'MISDIRECTED';
    },
    retire: () => {
      isRetired = true;
      for (const session of open.keys()) retire(session);
    },
  };
}

const retire = (session: ServerHttp2Session): void => {
  if (!session.destroyed && !session.closed) session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_EVER);
};

/** Node closes no connection over HTTP/2 that carries nothing, nor one on which a request never becomes whole. */
function closeIdle(session: ServerHttp2Session, { headersTimeout, keepAliveTimeout }: Limits): void {
  const leave = (): void => session.destroy();
  let streams = 0;
  let idle: NodeJS.Timeout | undefined = setTimeout(leave, headersTimeout);
  session.on('stream', (stream) => {
    clearTimeout(idle);
    streams += 1;
    stream.once('close', () => {
      streams -= 1;
      if (streams === 0 && !session.destroyed) idle = setTimeout(leave, keepAliveTimeout);
    });
  });
  session.once('close', () => clearTimeout(idle));
}
