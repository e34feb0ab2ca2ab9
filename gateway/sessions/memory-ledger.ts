// The part of the forgetful store that is its ledger: what may happen once, what is kept for a while, and logouts in force.

import type { EpochMs } from '../kernel/words.ts';
import type { Kept, Secured, Store, Tombstone } from './store.ts';

/** A ledger in this process's memory. */
export class MemoryLedger implements Pick<
  Store,
  'bury' | 'once' | 'keep' | 'swap' | 'change' | 'read' | 'take' | 'sweep'
> {
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #once = new Map<string, EpochMs>();
  readonly #kept = new Map<string, Kept>();

  async bury(tombstones: readonly Tombstone[]): Promise<Secured> {
    for (const { subject, index, issuedAt, until } of tombstones) {
      const stood = this.#tombstones.get(key(subject, index ?? ''));
      this.#tombstones.set(key(subject, index ?? ''), {
        subject,
        index,
        issuedAt: Math.max(issuedAt, stood?.issuedAt ?? issuedAt) as EpochMs,
        until: Math.max(until, stood?.until ?? until) as EpochMs,
      });
    }
    return async () => {};
  }

  async once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
    const claimed = this.#once.get(key(kind, id));
    if (until <= now || (claimed !== undefined && now < claimed)) return false;
    this.#once.set(key(kind, id), until);
    return true;
  }

  async keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void> {
    this.#kept.set(key(kind, id), { value, until });
  }

  async swap(...[kind, id, value, until, now]: Parameters<Store['swap']>): Promise<Uint8Array | undefined> {
    let met: Uint8Array | undefined;
    const instead = (stood: Uint8Array | undefined): Kept => {
      met = stood;
      return { value, until };
    };
    await this.change(kind, id, instead, now);
    return met;
  }

  async change(...[kind, id, next, now]: Parameters<Store['change']>): Promise<void> {
    const stood = this.#kept.get(key(kind, id));
    const changed = next(stood !== undefined && now < stood.until ? stood.value : undefined);
    if (changed === undefined) this.#kept.delete(key(kind, id));
    else this.#kept.set(key(kind, id), changed);
  }

  async read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(key(kind, id));
    return kept !== undefined && now < kept.until ? kept.value : undefined;
  }

  async take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(key(kind, id));
    this.#kept.delete(key(kind, id));
    return kept !== undefined && now < kept.until ? kept.value : undefined;
  }

  async sweep(now: EpochMs): Promise<number> {
    let swept = 0;
    for (const [name, until] of this.#once) if (until <= now) swept += Number(this.#once.delete(name));
    for (const [name, { until }] of this.#kept) if (until <= now) swept += Number(this.#kept.delete(name));
    for (const [name, { until }] of this.#tombstones) {
      if (until <= now) swept += Number(this.#tombstones.delete(name));
    }
    return swept;
  }

  /** The tombstone that is in force; an `index` of undefined asks for one over all of the subject's sessions. */
  protected buried(subject: string, index: string | undefined, now: EpochMs): Tombstone | undefined {
    const tombstone = this.#tombstones.get(key(subject, index ?? ''));
    return tombstone !== undefined && now < tombstone.until ? tombstone : undefined;
  }
}

/** Two names as one, whatever characters they hold. */
const key = (a: string, b: string): string => JSON.stringify([a, b]);
