// One side of a connection as bytes, and what can be asked of it.

import { once } from 'node:events';
import type { Socket } from 'node:net';

/** One side of a connection, read as latin1 text. */
export class Conversation {
  readonly socket: Socket;
  readonly closed: Promise<'clean' | 'reset'>;
  text = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => (this.text += chunk.toString('latin1')));
    const { promise, resolve } = Promise.withResolvers<'clean' | 'reset'>();
    this.closed = promise;
    let isBroken = false;
    socket.on('error', () => (isBroken = true));
    socket.on('close', () => resolve(isBroken ? 'reset' : 'clean'));
    socket.on('end', () => resolve('clean'));
  }

  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until `wanted` was read (after `from`); rejects where the other side closes before. */
  async until(wanted: string, from = 0): Promise<string> {
    while (!this.text.includes(wanted, from)) {
      if (this.socket.destroyed || this.socket.readableEnded)
        throw new Error(`closed after ${JSON.stringify(this.text)}`);
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    return this.text;
  }

  /** Everything until the other side closes. */
  async all(): Promise<string> {
    await this.closed;
    return this.text;
  }
}

/**
 * How many MiB the other side takes before it takes no more, at most 100. Waits 300 ms for the last, because nothing tells
 * that nothing happens.
 */
export async function takenMiB(socket: Socket): Promise<number> {
  const piece = Buffer.alloc(1 << 20);
  let taken = 0;
  const drained = (): Promise<boolean> =>
    once(socket, 'drain', { signal: AbortSignal.timeout(300) }).then(
      () => true,
      () => false,
    );
  while (taken < 100 && (socket.write(piece) || (await drained()))) taken += 1;
  return taken;
}
