// The registry of live connections on this node. It is on the way of every request, so registering and releasing cost one
// object and a few pointers; only a cut walks.

import type { SessionId } from '../kernel/words.ts';
import type { Connection, End, LiveConnections } from './registry.ts';

/**
 * Sessions share so many places, each a list. A map of sessions makes a new table every few dozen requests, and V8 keeps what a table held that has grown
 * old, and the tables made after it, until it looks through all of the heap: a third of all requests grew old with them.
 */
const PLACES = 4096;

/** SessionIds are random: two of their characters spread them. */
const placeOf = (session: SessionId): number => ((session.charCodeAt(0) << 6) ^ session.charCodeAt(1)) & (PLACES - 1);

/**
 * A registry of its own, empty. It holds ends only until their connection is released. `holds` tells whether this node may serve at
 * this moment; undefined where it always may.
 */
export function liveConnections(holds?: () => boolean): LiveConnections {
  /** The newest of each place; the others hang on it. */
  const places = new Array<OpenConnection | undefined>(PLACES).fill(undefined);
  let open = 0;

  const everyone = (): OpenConnection[] => places.flatMap((newest) => [...listed(newest)]);
  const of = (session: SessionId): OpenConnection[] =>
    [...listed(places[placeOf(session)])].filter((connection) => connection.session === session);

  function leave(connection: OpenConnection): void {
    if (!connection.isListed) return;
    connection.isListed = false;
    open -= 1;
    const { session, newer, older } = connection;
    if (older !== undefined) older.newer = newer;
    if (newer === undefined) places[placeOf(session)] = older;
    else newer.older = older;
    connection.newer = connection.older = undefined;
  }

  function cutAll(all: readonly OpenConnection[]): number {
    // Taken away first: whoever registers from here on is not among them, and is refused by the second look instead.
    // All are marked before one is destroyed: destroying may run listeners, and none may begin anything again.
    for (const connection of all) {
      leave(connection);
      connection.wasCut = true;
    }
    for (const connection of all) connection.destroyEnds();
    return all.length;
  }

  return {
    register(session, client, about) {
      const connection = new OpenConnection(session, client, about, holds, leave);
      const place = placeOf(session);
      const older = places[place];
      connection.older = older;
      if (older !== undefined) older.newer = connection;
      places[place] = connection;
      open += 1;
      return connection;
    },

    cut: (session) => cutAll(of(session)),

    async review(mayStay) {
      const ended = everyone().map(async (connection) => {
        const stays = await Promise.resolve(connection.about)
          .then(mayStay)
          .catch(() => false);
        if (stays || connection.isOver) return 0;
        connection.goAway();
        return 1;
      });
      return (await Promise.all(ended)).reduce<number>((sum, one) => sum + one, 0);
    },

    cutAll: () => cutAll(everyone()),

    count: (session) => (session === undefined ? open : of(session).length),
  };
}

/** A connection and those of its place that were registered before it. */
function* listed(newest: OpenConnection | undefined): Generator<OpenConnection> {
  for (let one = newest; one !== undefined; one = one.older) yield one;
}

class OpenConnection implements Connection {
  wasCut = false;
  readonly session: SessionId;
  /** Those beside it in its place. */
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
