// One node among several: hears every ending in its order, and knows at every moment how long it may still count on what it
// remembers. For that no wall clock is asked, neither a node's nor Redis's: each node measures by a clock of its own that never jumps.

import { setTimeout as pause } from 'node:timers/promises';
import { randomText } from '../kernel/random.ts';
import type { Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { SessionId } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import { Lease } from './lease.ts';
import { KEPT_MS, type RedisKeys } from './redis-keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { margin, membersIn, Neighbours, type Member } from './neighbours.ts';

/** What a node needs to be one. */
export interface MembershipOptions {
  readonly connection: Pick<RedisConnection, 'run' | 'replicated'>;
  readonly keys: RedisKeys;
  readonly leaseMs: number;
  readonly elapsed: Elapsed;
  /** Hears at each beat what time it is for Redis. */
  readonly hearTime: (time: unknown) => void;
  readonly log: Log;
  /** An ending of any node, in its order, each once; returns when nobody here is served by it. */
  readonly apply: (id: SessionId) => void;
  /** Whether we ourselves have left something unfinished. */
  readonly hasLeft: () => boolean;
}

/** Membership of one process. After a time in which it was not heard it is a new node, which remembers nothing. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #lease: Lease;
  readonly #orphans = new Set<() => void>();
  readonly #neighbours: Neighbours;
  /** Endings of our own, applied already, that the next beat will tell us of. */
  readonly #own = new Set<SessionId>();
  #node: string | undefined;
  #applied: { readonly number: string; readonly id: string } = { number: '0', id: '' };
  /** The run of Redis that was joined, and from when on nobody can remember what it may have lost, in `elapsed`. */
  #run: { readonly id: string; readonly knownAt: number } = { id: '', knownAt: Infinity };
  #members: ReadonlyMap<string, Member> = new Map();
  #beating: Promise<void> | undefined;
  #isAgainWanted = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#lease = new Lease(options.elapsed);
    this.#neighbours = new Neighbours(options);
  }

  /** Whether what is remembered may still be counted on. Asked at every use of it, so it is one comparison. */
  holds(): boolean {
    return this.#lease.holds();
  }

  /** Resolves where the lease holds or can be had back; rejects where it cannot (P12). */
  async regain(): Promise<void> {
    if (this.holds()) return;
    await this.beat();
    if (!this.holds()) throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { reason: 'no lease' } });
  }

  /** The name of this node among the others. Rejects where it can be none now. */
  async name(): Promise<string> {
    await this.regain();
    if (this.#node === undefined) throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { reason: 'no node' } });
    return this.#node;
  }

  /** `missed`: endings may have been missed, so nothing remembered counts. Otherwise the lease has run out, and may come back. */
  onLost(listener: (missed: boolean) => void): void {
    this.#lease.onLost(listener);
  }

  /** Called when a node has gone, or this one has come: somebody may have left something unfinished. */
  onOrphans(listener: () => void): void {
    this.#orphans.add(listener);
  }

  /** Applies an ending of our own at once; the beat that brings it along has nothing left to do. */
  applyOwn(id: SessionId, number: number): void {
    if (number <= Number(this.#applied.number)) return;
    this.#own.add(id);
    this.#options.apply(id);
  }

  /** News of another node. */
  hear(message: 'ended' | 'applied'): void {
    if (message === 'ended') void this.beat().catch(() => {});
    else this.#neighbours.wake();
  }

  /** Resolves when every other node of `members` has applied the ending `number`, or serves nobody from memory. Never rejects. */
  confirmed(number: number, members: ReadonlyMap<string, Member>): Promise<void> {
    return this.#neighbours.confirmed(number, members, this.#node);
  }

  /**
   * Resolves when no node can serve from memory what Redis has lost without a word: emptied, restarted, failed over. Whoever
   * remembers something from before has not heard from this run of Redis, so its lease is over a lease after we have.
   */
  async settled(): Promise<void> {
    await this.beat();
    const leftMs = this.#run.knownAt - this.#options.elapsed();
    if (leftMs > 0) return pause(Math.ceil(leftMs)).then(() => this.settled());
  }

  /** Begins to beat. */
  start(): void {
    void this.beat().catch(() => {});
  }

  /** One heartbeat from now on, at the least: what was announced before is applied when it resolves. */
  async beat(): Promise<void> {
    if (this.#isClosed) throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { reason: 'closed' } });
    if (this.#beating !== undefined) {
      this.#isAgainWanted = true;
      return this.#beating;
    }
    const beating = this.#beatOn();
    this.#beating = beating;
    try {
      await beating;
    } finally {
      if (this.#beating === beating) this.#beating = undefined;
      this.#schedule(this.#isAgainWanted ? 0 : this.#options.leaseMs / 4);
      this.#isAgainWanted = false;
    }
  }

  /** Serves nobody from here on, and tells the others, so that none waits for this node. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#beating?.catch(() => {});
    this.#lease.close();
    const { connection, keys } = this.#options;
    if (this.#node === undefined) return;
    await connection.run('leave', [keys.nodes], [this.#node, keys.channel]).catch(() => {});
  }

  async #beatOn(): Promise<void> {
    for (;;) {
      this.#isAgainWanted = false;
      const hasNews = this.#node === undefined ? await this.#join() : await this.#beatOnce(this.#node);
      // What was applied is said at once, because somebody waits for it.
      if (hasNews || this.#hasCaller()) continue;
      // Here and not later: who asks for a beat from now on must not be given this one.
      this.#beating = undefined;
      return;
    }
  }

  /** Whether somebody has asked for a beat while one was under way. */
  #hasCaller(): boolean {
    return this.#isAgainWanted;
  }

  async #join(): Promise<boolean> {
    const { connection, keys, leaseMs, elapsed } = this.#options;
    this.#lose(true);
    const node = randomText(128);
    const sentAt = elapsed();
    const [id, number, members, run, isKnown, time] = (await connection.run(
      'join',
      [keys.nodes, keys.endings, keys.run],
      [node, leaseMs, KEPT_MS],
    )) as [Buffer, Buffer, unknown, Buffer, number, Buffer];
    this.#options.hearTime(time);
    this.#run = { id: run.toString(), knownAt: isKnown === 1 ? -Infinity : elapsed() + leaseMs + margin(leaseMs) };
    this.#applied = { number: number.toString(), id: id.toString() };
    this.#node = node;
    this.#members = membersIn(members);
    await this.#extend(sentAt);
    for (const listener of this.#orphans) listener();
    return false;
  }

  async #beatOnce(node: string): Promise<boolean> {
    const { connection, keys, elapsed, log } = this.#options;
    const sentAt = elapsed();
    const { number, id } = this.#applied;
    const reply = (await connection.run(
      'beat',
      [keys.nodes, keys.endings, keys.run],
      [node, number, id, KEPT_MS, keys.channel, this.#run.id, sentAt > this.#run.knownAt ? 1 : 0],
    )) as readonly [readonly Buffer[], unknown, Buffer] | readonly [];
    const [endings, members, time] = reply;
    if (endings === undefined) {
      log.warn('node-forgotten', { node });
      this.#node = undefined;
      return true;
    }
    this.#options.hearTime(time);
    for (let at = 0; at + 1 < endings.length; at += 2) this.#apply(String(endings[at]), String(endings[at + 1]));
    await this.#extend(sentAt);
    await this.#watch(membersIn(members), sentAt);
    return endings.length > 0;
  }

  #apply(id: string, number: string): void {
    try {
      if (!this.#own.delete(id as SessionId)) this.#options.apply(id as SessionId);
    } catch (error) {
      // Somebody here may still be served: said by not confirming, and set right by beginning anew.
      this.#node = undefined;
      this.#lose(true);
      throw error;
    }
    this.#applied = { number, id };
  }

  /** From the moment the beat was sent, which was before Redis saw it: nobody waits for less. */
  async #extend(sentAt: number): Promise<void> {
    const { leaseMs, connection } = this.#options;
    // Where replicas are asked for, a master that lost its replicas to another one extends nobody's lease.
    await connection.replicated();
    if (this.#isClosed) return;
    this.#lease.extend(sentAt + leaseMs);
  }

  #lose(missed: boolean): void {
    if (missed) this.#own.clear();
    this.#lease.lose(missed);
  }

  /** Sees who has gone, and puts out who is silent. */
  async #watch(members: ReadonlyMap<string, Member>, sentAt: number): Promise<void> {
    const gone = [...this.#members.keys()].some((node) => !members.has(node));
    this.#members = members;
    await this.#neighbours.watch(members, sentAt, this.#node);
    if (gone || this.#options.hasLeft()) for (const listener of this.#orphans) listener();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), ms).unref();
  }
}
