// The connections to one app: as many as it is given, the one used last first, and as many requests again that wait for one.

import type { WiredClient } from './wire.ts';

/** What an app is given that says nothing of it. */
export const DEFAULT_CONNECTIONS = 256;

/** A request that can be given a connection. */
export interface Waiter {
  carryBy(client: WiredClient): void;
}

/** What became of a wish: carried at once, waiting for its turn, or one too many. */
export type Admitted = 'carried' | 'waiting' | 'full';

/**
 * A free list instead of undici's Pool, which looks through all its connections for each request. The bound keeps one slow app from
 * taking sockets and memory without end: what is over it is told so at once.
 */
export class ConnectionPool {
  readonly #most: number;
  readonly #open: () => WiredClient;
  readonly #all = new Set<WiredClient>();
  readonly #free: WiredClient[] = [];
  readonly #waiting = new Set<Waiter>();
  #isClosed = false;
  /** Told when the last connection of a pool that is given up has ended. */
  #givenUp: (() => void) | undefined;

  constructor(most: number, open: () => WiredClient) {
    this.#most = most;
    this.#open = open;
  }

  /** Gives `waiter` a connection, now or later; it gives it back by `release`. */
  take(waiter: Waiter): Admitted {
    const client = this.#free.pop() ?? this.#opened();
    if (client !== undefined) {
      waiter.carryBy(client);
      return 'carried';
    }
    if (this.#waiting.size >= this.#most) return 'full';
    this.#waiting.add(waiter);
    return 'waiting';
  }

  /** Takes back a connection, once each: the next who waits has it. */
  release(client: WiredClient): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next.carryBy(client);
      return;
    }
    if (this.#givenUp === undefined) this.#free.push(client);
    else this.#drop(client);
  }

  /** Ends each connection when what it carries is over; resolves when that is so for all. What is asked of it still is carried. */
  giveUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#givenUp = resolve;
      for (const client of this.#free.splice(0)) this.#drop(client);
      if (this.#all.size === 0) resolve();
    });
  }

  /** Whoever waited does so no longer. */
  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  /** Ends every connection; what they carry fails. Those who wait are given one that is closed, and fail as well. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#all];
    const closing = all.map((client) => client.destroy());
    const [closed] = all;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (closed !== undefined) for (const waiter of waiting) waiter.carryBy(closed);
    await Promise.all(closing);
  }

  #drop(client: WiredClient): void {
    this.#all.delete(client);
    void client.destroy();
    if (this.#all.size === 0) this.#givenUp?.();
  }

  #opened(): WiredClient | undefined {
    if (this.#all.size >= this.#most) return undefined;
    const client = this.#open();
    this.#all.add(client);
    if (this.#isClosed) void client.destroy();
    return client;
  }
}
