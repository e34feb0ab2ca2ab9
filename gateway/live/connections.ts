// The registry of live connections on this node. It is on the way of every request, so registering and releasing cost one
// object and one Set entry; only a cut walks.

import type { SessionId } from '../kernel/words.ts';
import type { Connection, End, LiveConnections } from './registry.ts';

/**
 * A registry of its own, empty. It holds ends only until their connection is released. `holds` tells whether this node may serve at
 * this moment; undefined where it always may.
 */
export function liveConnections(holds?: () => boolean): LiveConnections {
  const sessions = new Map<SessionId, Set<OpenConnection>>();
  let open = 0;

  const registry: LiveConnections = {
    register(session, client, about) {
      let siblings = sessions.get(session);
      if (siblings === undefined) {
        siblings = new Set();
        sessions.set(session, siblings);
      }
      const peers = siblings;
      const connection = new OpenConnection(client, about, holds, () => {
        if (!peers.delete(connection)) return;
        open -= 1;
        // After a cut the session may have a new set: only the set this connection stood in is taken away.
        if (peers.size === 0 && sessions.get(session) === peers) sessions.delete(session);
      });
      peers.add(connection);
      open += 1;
      return connection;
    },

    cut(session) {
      const cut = sessions.get(session);
      if (cut === undefined) return 0;
      // Taken away first: whoever registers from here on stands in a new set and is refused by the second look instead.
      sessions.delete(session);
      const all = [...cut];
      cut.clear();
      open -= all.length;
      // All are marked before one is destroyed: destroying may run listeners, and none may begin anything again.
      for (const connection of all) connection.wasCut = true;
      for (const connection of all) connection.destroyEnds();
      return all.length;
    },

    async review(mayStay) {
      const all = [...sessions.values()].flatMap((peers) => [...peers]);
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

    count: (session) => (session === undefined ? open : (sessions.get(session)?.size ?? 0)),
  };
  return registry;
}

class OpenConnection implements Connection {
  wasCut = false;
  readonly about: unknown;
  #isReleased = false;
  #ends: End[];
  readonly #leave: () => void;
  readonly #holds: (() => boolean) | undefined;

  constructor(client: End, about: unknown, holds: (() => boolean) | undefined, leave: () => void) {
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
    this.#leave();
  }

  get isOver(): boolean {
    return this.wasCut || this.#isReleased;
  }

  /** This one alone: its session lives. */
  goAway(): void {
    this.wasCut = true;
    this.#leave();
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
