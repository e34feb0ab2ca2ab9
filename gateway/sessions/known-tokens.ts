// Which session the hash of a token opens, and on which host. Needs no word of ends: an ended session is not among the live.

import type { SessionId } from '../kernel/words.ts';

/** Hosts that people have open at a time, taken together; of more the store is asked again. */
const TOKENS_PER_SESSION = 2;

/** The tokens that so many sessions are opened by. Nothing is kept for those that never come. */
export class KnownTokens {
  readonly #max: number;
  /** By host, and so without an object for each. They are apps' own hosts: a token is remembered where the store has said that it opens there. */
  readonly #hosts = new Map<string, Map<string, SessionId>>();
  #size = 0;

  constructor(sessions: number) {
    this.#max = sessions * TOKENS_PER_SESSION;
  }

  /** The session that is opened on `host`. */
  find(tokenHash: string, host: string): SessionId | undefined {
    return this.#hosts.get(host)?.get(tokenHash);
  }

  remember(tokenHash: string, id: SessionId, host: string): void {
    const opened = this.#hosts.get(host) ?? new Map<string, SessionId>();
    if (opened.size === 0) this.#hosts.set(host, opened);
    this.#size += opened.has(tokenHash) ? 0 : 1;
    opened.set(tokenHash, id);
    while (this.#size > this.#max) this.#forgetOne();
  }

  /** The one that was read first, of one host after the other. Whoever still uses it has it read again, once for as many others as there is room for. */
  #forgetOne(): void {
    for (const [host, opened] of this.#hosts) {
      this.#hosts.delete(host);
      for (const tokenHash of opened.keys()) {
        opened.delete(tokenHash);
        this.#size -= 1;
        break;
      }
      if (opened.size > 0) this.#hosts.set(host, opened);
      return;
    }
  }
}
