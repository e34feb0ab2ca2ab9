// Addresses from which something came that an identity provider had signed. They have room of their own wherever strangers may crowd.

import type { Elapsed } from './clock.ts';
import { subscriber } from './subscriber.ts';

/** What is remembered of addresses. */
export interface Familiar {
  /** Something good came from here. */
  greet(address: string): void;
  /** Whether something good has come from here within a day. */
  knows(address: string): boolean;
}

const DAY_MS = 86_400_000;
/** Some 3 MB. Only who has signed in, or signs messages, can have another forgotten. */
const MOST = 20_000;

/** Makes it, knowing nobody. */
export function openFamiliar(elapsed: Elapsed, most = MOST): Familiar {
  const greetedAt = new Map<string, number>();
  return {
    greet(address) {
      const from = subscriber(address);
      greetedAt.delete(from);
      greetedAt.set(from, elapsed());
      if (greetedAt.size > most) greetedAt.delete(greetedAt.keys().next().value ?? from);
    },
    knows(address) {
      const at = greetedAt.get(subscriber(address));
      return at !== undefined && elapsed() - at < DAY_MS;
    },
  };
}
