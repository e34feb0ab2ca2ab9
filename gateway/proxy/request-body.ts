// A request body on its way to the app: counted, with backpressure, and shielded, so that the engine never destroys the
// browser's own request.

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { proxyError } from './codes.ts';
import type { Patience } from './patience.ts';

/** Whether a request has a body, whatever its method (RFC 9112 §6.3). */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && !/^0+$/.test(length));
}

/** Reads `request` as fast as it is read itself; fails with `BODY_TOO_LARGE` at the first byte above `maxBytes` (0: no limit). */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  #bytes = 0;
  readonly #isOver: () => boolean;
  readonly #patience: Patience;
  #isFlowing = false;

  /** `isOver` is asked before each piece is passed on; `patience` lasts while the browser has more to send and the app takes it. */
  constructor(request: IncomingMessage, maxBytes: number, isOver: () => boolean, patience: Patience) {
    super();
    this.#request = request;
    this.#maxBytes = maxBytes;
    this.#isOver = isOver;
    this.#patience = patience;
    // The engine listens only while it sends; an error after that concerns nobody, and must not end the process.
    this.on('error', () => {});
  }

  override _read(): void {
    if (!this.#isFlowing) this.#request.on('data', this.#take).on('end', this.#finish);
    this.#isFlowing = true;
    this.#patience.begin();
    this.#request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#patience.end();
    // What is left of the body is read and dropped, so that the connection can carry the next request.
    this.#request.off('data', this.#take).off('end', this.#finish).resume();
    callback(error);
  }

  readonly #take = (chunk: Buffer): void => {
    if (this.#isOver()) return;
    this.#bytes += chunk.length;
    if (this.#maxBytes > 0 && this.#bytes > this.#maxBytes) {
      this.destroy(proxyError('BODY_TOO_LARGE', { detail: { limitBytes: this.#maxBytes } }));
    } else if (this.push(chunk)) {
      this.#patience.come(chunk.length);
    } else {
      this.#patience.end();
      this.#request.pause();
    }
  };

  readonly #finish = (): void => {
    this.#patience.end();
    this.push(null);
  };
}
