// Which session the hash of a token opens, and on which host. Needs no word of ends: an ended session is not among the live.

import { LRUCache } from 'lru-cache';
import type { SessionId } from '../kernel/words.ts';

/** Hosts that people have open at a time, taken together; of more the store is asked again. Each place takes 24 bytes, used or not. */
const TOKENS_PER_SESSION = 2;

interface Opened {
  readonly id: SessionId;
  readonly host: string;
}

/** The tokens that so many sessions are opened by. */
export class KnownTokens {
  readonly #known: LRUCache<string, Opened>;
  /** Each host once: they are apps' own, because a token is remembered where the store has said that it opens there. */
  readonly #hosts = new Map<string, string>();

  constructor(sessions: number) {
    this.#known = new LRUCache({ max: sessions * TOKENS_PER_SESSION });
  }

  /** The session that is opened on `host`. Does not note that it was asked for: `use` does. */
  find(tokenHash: string, host: string): SessionId | undefined {
    const opened = this.#known.peek(tokenHash);
    return opened?.host === host ? opened.id : undefined;
  }

  /** Notes a use, so that others go before it. */
  use(tokenHash: string): void {
    this.#known.get(tokenHash);
  }

  remember(tokenHash: string, id: SessionId, host: string): void {
    const known = this.#hosts.get(host);
    if (known === undefined) this.#hosts.set(host, host);
    this.#known.set(tokenHash, { id, host: known ?? host });
  }
}
