// One connection of the pool, with two things undici does not do: it leaves out interim responses nobody asked for, and it
// remembers that a connection was reset rather than closed.

import type { Socket } from 'node:net';
import { Client, errors, type buildConnector } from 'undici';

/** Longest interim response that is left out; anything longer fails the request. */
const MAX_INTERIM_BYTES = 16_384;

const CR_LF_CR_LF = Buffer.from('\r\n\r\n');

/** What the connection of one request knows. */
export class Wire {
  /** Requests written so far. */
  requests = 0;
  /** Whether a byte of answer came for the current request. */
  isAnswered = false;
  /** Whether the connection ended by an error. undici takes a reset for the end of a body that has no length. */
  isBroken = false;
  #awaitsHead = false;
  #held: Buffer | undefined;

  /** A request is about to be written: what comes next is the head of its response. */
  expectHead(): void {
    this.requests += 1;
    this.isAnswered = false;
    this.#awaitsHead = true;
    this.#held = undefined;
  }

  attach(socket: Socket): void {
    this.requests = 0;
    this.isBroken = false;
    socket.on('error', () => {
      this.isBroken = true;
    });
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => this.#withoutInterim(read(size) as Buffer | null, socket);
  }

  /**
   * The bytes without leading 1xx responses. An app may send them unasked and a client must tolerate that (RFC 9110 §15.2);
   * undici closes the connection on a 100. A 101 is no interim response here.
   */
  #withoutInterim(chunk: Buffer | null, socket: Socket): Buffer | null {
    if (!this.#awaitsHead || chunk === null) return chunk;
    this.isAnswered = true;
    let bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    while (bytes.length > 0) {
      if (bytes.length >= 13 && !isInterim(bytes)) {
        this.#awaitsHead = false;
        return bytes;
      }
      const end = bytes.indexOf(CR_LF_CR_LF);
      if (end === -1) {
        this.#held = bytes;
        if (bytes.length > MAX_INTERIM_BYTES) socket.destroy(new errors.HeadersOverflowError());
        return null;
      }
      bytes = bytes.subarray(end + 4);
    }
    return null;
  }
}

/** `HTTP/1.x 1yy ` of at least 13 bytes, other than 101. */
function isInterim(bytes: Buffer): boolean {
  return bytes[9] === 0x31 && /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/.test(bytes.toString('latin1', 0, 13));
}

/** A connection of the pool. */
export class WiredClient extends Client {
  readonly wire: Wire;

  constructor(origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const wire = new Wire();
    super(origin, {
      ...options,
      connect: (target, callback) => {
        connect(target, (...[error, socket]) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          wire.attach(socket);
          callback(null, socket);
        });
      },
    });
    this.wire = wire;
  }
}
