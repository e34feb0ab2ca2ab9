// Stores whose answers a test holds in its hand.

import type { EpochMs, SessionId } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Found } from '../../gateway/sessions/store.ts';

/** Reads at once, and answers a token's read only when the test says so. */
export class DelayedStore extends MemoryStore {
  readonly held: (() => void)[] = [];

  override async findByToken(hash: string): Promise<Found | undefined> {
    const found = await super.findByToken(hash);
    await new Promise<void>((release) => this.held.push(release));
    return found;
  }
}

/** Counts the reads and writes that reach it; fails where it is told to. */
export class CountingStore extends MemoryStore {
  readonly touches: EpochMs[] = [];
  reads = 0;
  fails = false;

  override async findByToken(hash: string): Promise<Found | undefined> {
    this.reads += 1;
    if (this.fails) throw new Error('the store is away');
    return super.findByToken(hash);
  }

  override async touch(id: SessionId, now: EpochMs): Promise<boolean> {
    this.touches.push(now);
    if (this.fails) throw new Error('the store is away');
    return super.touch(id, now);
  }
}
