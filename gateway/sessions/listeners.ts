// Tells everyone who asked that a session has ended.

import type { SessionId } from '../kernel/words.ts';

type Listener = (id: SessionId) => void;

/** The `onEnded` half of a Store. */
export class EndListeners {
  readonly #listeners = new Set<{ readonly call: Listener }>();

  /** Adds a listener; the answer removes it. Listeners are called in the order in which they came. */
  add(call: Listener): () => void {
    const entry = { call };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Calls all of them, even where one throws; its error then reaches the caller, so that no Success hides it (P1). */
  announce(id: SessionId): void {
    const errors: unknown[] = [];
    for (const { call } of this.#listeners) {
      try {
        call(id);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'a listener failed when a session ended');
  }
}
