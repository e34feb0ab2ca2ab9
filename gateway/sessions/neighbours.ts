// The other nodes: waits until each has applied an ending or serves nobody from memory any more, and puts out who is silent.
// A node counts as silent by our own clock only, from one beat of ours to another.

import type { Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import { LONGEST_LEASE_MS } from './lease.ts';
import { pairsIn } from './redis-records.ts';

/** One node as the others see it. */
export interface Member {
  /** Changes with every beat. */
  readonly state: string;
  /** The number of the last ending that it has applied. */
  readonly applied: number;
  readonly leaseMs: number;
}

/**
 * The nodes in a reply. What another release adds stands behind what is read here. What cannot be read at all is taken for a node that has applied nothing and
 * may have any lease: in doubt it is waited for, as long as it can serve from memory (P1).
 */
export function membersIn(reply: unknown): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const [node, value] of pairsIn(reply)) {
    const state = value.toString();
    const [, applied = -1, leaseMs = LONGEST_LEASE_MS] = /^\d+:(\d+):(\d+)(?::|$)/.exec(state) ?? [];
    members.set(node, { state, applied: Number(applied), leaseMs: Number(leaseMs) });
  }
  return members;
}

/** What is needed to watch them. */
export interface NeighboursOptions {
  readonly connection: Pick<RedisConnection, 'run'>;
  readonly keys: RedisKeys;
  readonly leaseMs: number;
  readonly elapsed: Elapsed;
  readonly log: Log;
}

/** Two clocks do not run alike, and a timer is late: by how much longer than a lease others are waited for. */
export const margin = (leaseMs: number): number => leaseMs * 0.02 + 20;

/** The other nodes, as this one sees them. */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #waiting = new Set<() => void>();
  /** Since when each has given no sign of life, seen by beats of ours. */
  readonly #silentSince = new Map<string, { readonly state: string; readonly since: number }>();
  #watchedAt = -Infinity;

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every node of `members`, as they were when the ending `number` was announced, has applied it or has let its lease
   * run out: whatever extends a lease after the announcement brings the ending along. `self` is not waited for. Never rejects.
   */
  async confirmed(number: number, members: ReadonlyMap<string, Member>, self: string | undefined): Promise<void> {
    const { elapsed } = this.#options;
    let pending = [...members].filter(([node, { applied }]) => node !== self && applied < number);
    if (pending.length === 0) return;
    const longest = Math.max(...pending.map(([, { leaseMs }]) => leaseMs));
    const until = elapsed() + longest + margin(longest);
    for (let leftMs = until - elapsed(); leftMs > 0; leftMs = until - elapsed()) {
      // Listened for before the look, or a word that comes meanwhile is missed; and it may be lost: looked after now and then.
      const word = this.#word(Math.min(leftMs, Math.max(longest / 8, 25)));
      const now = await this.#look();
      if (now !== undefined) pending = pending.filter(([node]) => (now.get(node)?.applied ?? Infinity) < number);
      if (pending.length === 0) return;
      await word;
    }
    await Promise.all(pending.map(([node, { state }]) => this.#expel(node, state)));
  }

  /** Somebody has said something: whoever waits looks again. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Puts out whoever was silent for longer than its lease. `sentAt` is when the beat was sent that told of `members`. */
  async watch(members: ReadonlyMap<string, Member>, sentAt: number, self: string | undefined): Promise<void> {
    const { leaseMs: ownMs, elapsed } = this.#options;
    // While we could not ask, the others could not either perhaps: they get a whole lease from now on.
    if (sentAt - this.#watchedAt > ownMs / 2) this.#silentSince.clear();
    this.#watchedAt = elapsed();
    for (const node of this.#silentSince.keys()) if (!members.has(node)) this.#silentSince.delete(node);
    for (const [node, { state, leaseMs }] of members) {
      const before = this.#silentSince.get(node);
      if (before?.state !== state) this.#silentSince.set(node, { state, since: elapsed() });
      else if (node !== self && sentAt - before.since > leaseMs + margin(leaseMs)) await this.#expel(node, state);
    }
  }

  /** Only where it has given no sign of life since. */
  async #expel(node: string, state: string): Promise<void> {
    const { connection, keys, log } = this.#options;
    try {
      const done = Number(await connection.run('expel', [keys.nodes], [node, state, keys.channel]));
      if (done === 1) log.warn('node-gone', { node });
    } catch {
      // Tried again by whoever waits for it next.
    }
  }

  async #look(): Promise<ReadonlyMap<string, Member> | undefined> {
    const { connection, keys } = this.#options;
    return connection.run('nodes', [keys.nodes], []).then(membersIn, () => undefined);
  }

  #word(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}
