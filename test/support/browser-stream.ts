// A response that is read piece by piece: an event stream, a download.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { inbox } from './inbox.ts';

export interface BrowserStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next piece as it came from the socket; rejects where the stream ends first. */
  next(): Promise<string>;
  /** Resolves when it is over: `ended` as it should, or `cut`. */
  readonly closed: Promise<'ended' | 'cut'>;
  close(): void;
}

/** Reads from the first byte on, whether anybody waits for it or not. */
export function openStream(response: IncomingMessage): BrowserStream {
  const pieces = inbox<string>('piece');
  const closed = Promise.withResolvers<'ended' | 'cut'>();
  response.setEncoding('utf8');
  response.on('data', (piece: string) => pieces.put(piece));
  // A cut stream reports an error before it closes; `close` follows and says which it was.
  response.on('error', () => {});
  response.on('close', () => {
    pieces.close();
    closed.resolve(response.complete ? 'ended' : 'cut');
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    next: () => pieces.next(),
    closed: closed.promise,
    close: () => response.destroy(),
  };
}
