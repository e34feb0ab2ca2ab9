// How long a node may still count on what it remembers (P12), and who is told when it may not.

import type { Elapsed } from '../kernel/clock.ts';

/** The longest that `sessions.lease` may say, in any release: so long a node is waited for whose own lease cannot be read. */
export const LONGEST_LEASE_MS = 60_000;

/** The lease of one node. */
export class Lease {
  readonly #elapsed: Elapsed;
  readonly #listeners = new Set<(missed: boolean) => void>();
  /** Until when, in `elapsed`. */
  #end = -Infinity;
  #lapse: NodeJS.Timeout | undefined;

  constructor(elapsed: Elapsed) {
    this.#elapsed = elapsed;
  }

  /** Whether it lasts. Asked at every use of what is remembered, so it is one comparison. */
  holds(): boolean {
    return this.#elapsed() < this.#end;
  }

  /** `missed`: endings may have been missed, so nothing remembered counts. Otherwise the lease has run out, and may come back. */
  onLost(listener: (missed: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** Lasts until `end`, in `elapsed`. */
  extend(end: number): void {
    this.#end = end;
    this.#watch();
  }

  /** Is over now. */
  lose(missed: boolean): void {
    this.#end = -Infinity;
    for (const listener of this.#listeners) listener(missed);
  }

  /** Is over for good, and nobody is told. */
  close(): void {
    clearTimeout(this.#lapse);
    this.#end = -Infinity;
  }

  #watch(): void {
    clearTimeout(this.#lapse);
    // A timer may come a little early.
    const lapsed = (): void => (this.holds() ? this.#watch() : this.lose(false));
    this.#lapse = setTimeout(lapsed, Math.ceil(this.#end - this.#elapsed()) + 1).unref();
  }
}
