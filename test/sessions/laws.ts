// What the four parts of the contract share.

import type { ExecutionContext } from 'ava';
import type { SessionRecord, Store } from '../../gateway/sessions/store.ts';
import type { Law } from '../support/needing.ts';
import { at, record } from './records.ts';

/** Makes an empty store, and unmakes it when the test is over. */
export type Factory = (t: ExecutionContext) => Store | Promise<Store>;

/** Where a backend differs from what is usual. */
export interface Usual {
  /** Removes what has expired, and does not let it go by itself. */
  readonly sweeps: boolean;
  /** Declares a test, or says that it cannot run here. */
  readonly declare: Law;
}

/** Declares one law for a backend, on an empty store of its own. */
export const lawsOf =
  (backend: string, open: Factory, { declare }: Usual) =>
  (title: string, body: (t: ExecutionContext, store: Store) => Promise<void>): void =>
    declare(`${backend}: ${title}`, async (t) => body(t, await open(t)));

/** Begins a session, authenticated at `at(0)`. */
export const begin = (store: Store, id: string, differing?: Partial<SessionRecord>): Promise<'begun' | 'tombstoned'> =>
  store.begin(record(id, differing), at(0), at(0));

/** The ids of records, sorted. */
export const names = (records: readonly SessionRecord[]): string[] => records.map(({ id }) => id as string).sort();

/** Asks twenty times at once. */
export const twenty = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, ask));
