// The ledger over any store: names go in as keyed hashes, values sealed to the name they stand under.

import type { EpochMs } from '../kernel/words.ts';
import type { Sealing } from './sealing.ts';
import type { Ledger } from './sessions.ts';
import type { Kept, Store } from './store.ts';

/**
 * A Ledger in `store`. After a rotation of the secret what stands under the former one still counts: an ID used before
 * is used, a ticket given before is taken once.
 */
export function ledgerIn(store: Store, sealing: Sealing): Ledger {
  const names = (kind: string, id: string): string[] => sealing.hashes.map((each) => each('ledger', kind, id));
  const opened = (value: Uint8Array, kind: string, id: string): unknown =>
    JSON.parse(sealing.open(value, 'ledger', kind, id)) as unknown;

  return {
    // One after the other and always in the same order, so that of two callers one gets every name and the other stops.
    async once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
      for (const name of names(kind, id)) if (!(await store.once(kind, name, until, now))) return false;
      return true;
    },

    // What stands under a former secret's name is replaced too, or two callers could each take one of the two.
    async keep(kind: string, id: string, value: unknown, until: EpochMs): Promise<void> {
      const [hash, ...formerHashes] = sealing.hashes;
      const sealed = sealing.seal(JSON.stringify(value), 'ledger', kind, id);
      for (const former of formerHashes) await store.take(kind, former('ledger', kind, id), until);
      await store.keep(kind, hash('ledger', kind, id), sealed, until);
    },

    async swap(kind: string, id: string, value: unknown, until: EpochMs, now: EpochMs): Promise<unknown> {
      const [hash, ...formerHashes] = sealing.hashes;
      const sealed = sealing.seal(JSON.stringify(value), 'ledger', kind, id);
      let stood = await store.swap(kind, hash('ledger', kind, id), sealed, until, now);
      for (const former of formerHashes) stood ??= await store.take(kind, former('ledger', kind, id), now);
      return stood === undefined ? undefined : opened(stood, kind, id);
    },

    // What stands under a former secret's name counts until it stands under today's, and is taken away only then: not known for a moment, it would be lost.
    async change(...[kind, id, next, now]: Parameters<Ledger['change']>): Promise<void> {
      const [name = '', ...formerNames] = names(kind, id);
      let former: Uint8Array | undefined;
      for (const one of formerNames) former ??= await store.read(kind, one, now);
      const sealedNext = (found: Uint8Array | undefined): Kept | undefined => {
        const stood = found ?? former;
        const changed = next(stood && opened(stood, kind, id));
        return (
          changed && { value: sealing.seal(JSON.stringify(changed.value), 'ledger', kind, id), until: changed.until }
        );
      };
      await store.change(kind, name, sealedNext, now);
      for (const one of formerNames) await store.take(kind, one, now);
    },

    async read(kind: string, id: string, now: EpochMs): Promise<unknown> {
      for (const name of names(kind, id)) {
        const value = await store.read(kind, name, now);
        if (value !== undefined) return opened(value, kind, id);
      }
      return undefined;
    },

    async take(kind: string, id: string, now: EpochMs): Promise<unknown> {
      for (const name of names(kind, id)) {
        const value = await store.take(kind, name, now);
        if (value !== undefined) return opened(value, kind, id);
      }
      return undefined;
    },
  };
}
