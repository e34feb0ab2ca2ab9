// A request over HTTP/2, as the rest of the house knows requests: by the words of HTTP/1.1, which is what applications are spoken to in
// (RFC 9113 §8.3, §8.2.3). Node's own compatibility layer leaves some of that undone, and ends a broken-off body as if it were whole.

import { METHODS, type IncomingMessage } from 'node:http';
import { Http2ServerRequest, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { addAbortSignal, type ReadableOptions } from 'node:stream';
import type { End } from '../live/registry.ts';

/** The methods that can be read over HTTP/1.1: `post` is no POST there, and must not pass for another method than the app takes it for. */
const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** One request on one stream. `destroy` resets the stream and leaves the connection to the others on it (P8). */
export class StreamRequest extends Http2ServerRequest {
  /** What nothing may be read of: a method that HTTP/1.1 has not, or two hosts (RFC 9113 §8.3.1). */
  readonly isMalformed: boolean;
  /** Of all fields together. Node's own limit binds only those who say that they have heard of it. */
  readonly fieldBytes: number;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: readonly string[],
  ) {
    const { ':authority': authority = '', ':method': method = '' } = headers;
    const host = authority === '' ? (headers.host ?? '') : authority;
    const isMalformed = !KNOWN.has(method) || (headers.host !== undefined && headers.host !== host);
    headers.host = host;
    // Neither a length nor an end: over HTTP/1.1 that is a body in chunks, and is read as one everywhere.
    if (!stream.endAfterHeaders && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
    super(stream, headers, options, withoutPseudo(rawHeaders, host, headers.cookie));
    this.isMalformed = isMalformed;
    this.fieldBytes = rawHeaders.reduce((bytes, text) => bytes + text.length, 0);
    // Said before Node ends the body as if it had come whole.
    this.on('aborted', breakOff);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    reset(this.stream);
    // As HTTP/1.1's does: an error that nobody listens to must not end the process.
    callback(this.listenerCount('error') > 0 ? error : null);
  }
}

/**
 * Resets a stream, with CANCEL, in the middle of whatever it carries: what is not written yet never is. Node has no other way to it:
 * `close` ends the body first, which the browser then takes for the whole of it, and `destroy` alone says that all went well.
 */
export function reset(stream: ServerHttp2Stream): void {
  if (!stream.destroyed) addAbortSignal(AbortSignal.abort(), stream);
}

/** What has to be destroyed to end a request and nothing else. */
export const endOf = (request: IncomingMessage): End => {
  const either: IncomingMessage | StreamRequest = request;
  return either instanceof StreamRequest ? either : request.socket;
};

function breakOff(this: StreamRequest): void {
  if (!this.readableEnded && !this.stream.endAfterHeaders) this.destroy(new Error('the stream was reset'));
}

/** As they would have come over HTTP/1.1: one Host, one Cookie (RFC 9113 §8.2.3), no pseudo-headers. */
function withoutPseudo(raw: readonly string[], host: string, cookie: string | undefined): string[] {
  const fields = ['host', host];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.charCodeAt(0) === COLON || name === 'host' || name === 'cookie') continue;
    fields.push(name, raw[at + 1] as string);
  }
  if (cookie !== undefined) fields.push('cookie', cookie);
  return fields;
}

const COLON = 0x3a;
