// Knows which connections are open for which session, and cuts them (P8).

import type { SessionId } from '../kernel/words.ts';

/** One end of a connection: a socket, a response, an abortable upstream request. */
export interface End {
  destroy(): void;
  /** Cuts it as well, and says why to whoever is at the other end where it can: that it is to be made anew, not that a session is over. */
  goAway?(): void;
}

/** A registered connection. `release` when it is over; calling it twice is harmless. */
export interface Connection {
  /**
   * True once the session's connections were cut; nothing may be begun for it, and no byte passed on, any more. True as well while
   * this node may not serve from memory: a process that was stopped for a while asks this before it goes on (P1, P12).
   */
  readonly isCut: boolean;
  /** Adds a further end. Where the connection is cut already, destroys it at once. */
  add(end: End): void;
  release(): void;
}

/** The connections that are open on this node. */
export interface LiveConnections {
  /**
   * Registers before the session is looked at the second time, so that no logout can fall between the two. `about`: what was asked for, for whoever
   * has to judge it anew.
   */
  register(session: SessionId, client: End, about?: unknown): Connection;
  /**
   * Judges every connection that is open now, by what was asked for, and ends those that may not stay; what cannot be judged may not either. Resolves
   * with how many it ended.
   */
  review(mayStay: (about: unknown) => boolean | Promise<boolean>): Promise<number>;
  /** Destroys every end of every connection of the session. Returns how many connections were open. */
  cut(session: SessionId): number;
  /** Destroys every end of every connection of every session. Returns how many were open. */
  cutAll(): number;
  /** Open connections: of one session, or of all. */
  count(session?: SessionId): number;
}
