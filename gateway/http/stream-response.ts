// An answer over HTTP/2, written by what writes answers over HTTP/1.1. What differs from Node's own compatibility layer: a field list
// goes out as it stands, trailers come in pairs, an end is an end, and a cut is a reset of the stream alone.

import { validateHeaderValue, type OutgoingHttpHeaders } from 'node:http';
import { Http2ServerResponse, type Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';
import { reset } from './stream-request.ts';

/** One answer on one stream. */
export class StreamResponse<
  Request extends Http2ServerRequest = Http2ServerRequest,
> extends Http2ServerResponse<Request> {
  /** In HTTP/2 a body that was cut is always told from one that ended. */
  readonly chunkedEncoding = true;

  static {
    // Node declares both and has neither: `destroyed` is missing, and `socket` is not writable once a HEAD is answered, for which Koa says nothing.
    const read = (get: (response: StreamResponse) => unknown): PropertyDescriptor => ({
      get(this: StreamResponse) {
        return get(this);
      },
    });
    Object.defineProperties(this.prototype, {
      destroyed: read(({ stream }) => stream.destroyed || stream.closed),
      socket: read(() => undefined),
    });
  }

  /** Takes a flat list of names and values as HTTP/1.1's does; a reason phrase is not sent (RFC 9113 §8.3.2). Throws ERR_INVALID_CHAR. */
  override writeHead(status: number, ...given: readonly unknown[]): this {
    const fields = given.at(-1);
    const { stream } = this;
    if (!Array.isArray(fields)) return super.writeHead(status, fields as OutgoingHttpHeaders);
    const list = fields as string[];
    for (let at = 0; at + 1 < list.length; at += 2) validateHeaderValue(list[at] as string, list[at + 1] as string);
    if (this.getHeaderNames().length > 0) return super.writeHead(status, list);
    if (stream.destroyed || stream.closed) return this;
    this.statusCode = status;
    // Trailers are asked for by whoever wants any; for everybody else the last bytes carry the end of the stream with them.
    stream.respond([':status', String(status), ...list], { waitForTrailers: this.req.headers.te !== undefined });
    return this;
  }

  override addTrailers(fields: OutgoingHttpHeaders | readonly (readonly [string, string])[]): void {
    if (!Array.isArray(fields)) {
      super.addTrailers(fields as OutgoingHttpHeaders);
      return;
    }
    const byName: Record<string, string[]> = {};
    for (const [name, value] of fields as readonly (readonly [string, string])[]) {
      validateHeaderValue(name, value);
      (byName[name.toLowerCase()] ??= []).push(value);
    }
    super.addTrailers(byName);
  }

  override end(...given: readonly unknown[]): this {
    super.end(...(given as []));
    const { req, stream } = this;
    // Nobody reads what is left of the request: its sender is told so, once the answer is out (RFC 9113 §8.1).
    if (!stream.endAfterHeaders && !req.readableEnded) stream.once('finish', leaveRest);
    return this;
  }

  override destroy(): this {
    reset(this.stream);
    return this;
  }
}

function leaveRest(this: ServerHttp2Stream): void {
  this.close();
}
