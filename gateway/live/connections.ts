// The registry of live connections on this node. It is on the way of every request, so registering and releasing cost one
// object and one entry of a map; only a cut walks.

import type { SessionId } from '../kernel/words.ts';
import type { Connection, End, LiveConnections } from './registry.ts';

/**
 * A registry of its own, empty. It holds ends only until their connection is released. `holds` tells whether this node may serve at
 * this moment; undefined where it always may.
 */
export function liveConnections(holds?: () => boolean): LiveConnections {
  /** The newest of each session; the others hang on it: a set for each request would cost more than all else here. */
  const sessions = new Map<SessionId, OpenConnection>();
  let open = 0;

  function leave(connection: OpenConnection): void {
    if (!connection.isListed) return;
    connection.isListed = false;
    open -= 1;
    const { session, newer, older } = connection;
    if (older !== undefined) older.newer = newer;
    if (newer !== undefined) newer.older = older;
    else if (older !== undefined) sessions.set(session, older);
    else sessions.delete(session);
    connection.newer = connection.older = undefined;
  }

  const registry: LiveConnections = {
    register(session, client, about) {
      const connection = new OpenConnection(session, client, about, holds, leave);
      const older = sessions.get(session);
      connection.older = older;
      if (older !== undefined) older.newer = connection;
      sessions.set(session, connection);
      open += 1;
      return connection;
    },

    cut(session) {
      const all = [...listed(sessions.get(session))];
      // Taken away first: whoever registers from here on stands in a new list and is refused by the second look instead.
      sessions.delete(session);
      open -= all.length;
      // All are marked before one is destroyed: destroying may run listeners, and none may begin anything again.
      for (const connection of all) {
        connection.isListed = false;
        connection.newer = connection.older = undefined;
        connection.wasCut = true;
      }
      for (const connection of all) connection.destroyEnds();
      return all.length;
    },

    async review(mayStay) {
      const all = [...sessions.values()].flatMap((newest) => [...listed(newest)]);
      const ended = all.map(async (connection) => {
        const stays = await Promise.resolve(connection.about)
          .then(mayStay)
          .catch(() => false);
        if (stays || connection.isOver) return 0;
        connection.goAway();
        return 1;
      });
      return (await Promise.all(ended)).reduce<number>((sum, one) => sum + one, 0);
    },

    cutAll: () => [...sessions.keys()].reduce((sum, session) => sum + registry.cut(session), 0),

    count: (session) => (session === undefined ? open : [...listed(sessions.get(session))].length),
  };
  return registry;
}

/** A connection and those that were registered before it. */
function* listed(newest: OpenConnection | undefined): Generator<OpenConnection> {
  for (let one = newest; one !== undefined; one = one.older) yield one;
}

class OpenConnection implements Connection {
  wasCut = false;
  readonly session: SessionId;
  /** Those beside it in its session's list. */
  newer: OpenConnection | undefined;
  older: OpenConnection | undefined;
  isListed = true;
  readonly about: unknown;
  #isReleased = false;
  #ends: End[];
  readonly #leave: (connection: OpenConnection) => void;
  readonly #holds: (() => boolean) | undefined;

  constructor(
    session: SessionId,
    client: End,
    about: unknown,
    holds: (() => boolean) | undefined,
    leave: (connection: OpenConnection) => void,
  ) {
    this.session = session;
    this.#ends = [client];
    this.about = about;
    this.#holds = holds;
    this.#leave = leave;
  }

  get isCut(): boolean {
    return this.wasCut || (this.#holds !== undefined && !this.#holds());
  }

  add(end: End): void {
    if (this.isCut) destroy(end);
    else if (!this.#isReleased) this.#ends.push(end);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#ends = [];
    this.#leave(this);
  }

  get isOver(): boolean {
    return this.wasCut || this.#isReleased;
  }

  /** This one alone: its session lives. */
  goAway(): void {
    this.wasCut = true;
    this.#leave(this);
    const ends = this.#ends;
    this.#ends = [];
    for (const end of ends.reverse())
      destroy({ destroy: () => (end.goAway === undefined ? end.destroy() : end.goAway()) });
  }

  destroyEnds(): void {
    const ends = this.#ends;
    this.#ends = [];
    // The last one in knows best how its connection is cut; the bare socket, which came first, is what is left to destroy.
    for (const end of ends.reverse()) destroy(end);
  }
}

/** An end that throws must not save the ends after it (P8). */
function destroy(end: End): void {
  try {
    end.destroy();
  } catch {
    // It could not be destroyed because it is no longer there; that is what was wanted.
  }
}
