// What the four parts of the contract share.

import test, { type ExecutionContext } from 'ava';
import type { SessionRecord, Store } from '../../gateway/sessions/store.ts';
import { at, record } from './records.ts';

/** Makes an empty store, and unmakes it when the test is over. */
export type Factory = (t: ExecutionContext) => Store;

/** Declares one law for a backend, on an empty store of its own. */
export const lawsOf =
  (backend: string, open: Factory) =>
  (title: string, body: (t: ExecutionContext, store: Store) => Promise<void>): void =>
    test(`${backend}: ${title}`, (t) => body(t, open(t)));

/** Begins a session, authenticated at `at(0)`. */
export const begin = (store: Store, id: string, differing?: Partial<SessionRecord>): Promise<'begun' | 'tombstoned'> =>
  store.begin(record(id, differing), at(0), at(0));

/** The ids of records, sorted. */
export const names = (records: readonly SessionRecord[]): string[] => records.map(({ id }) => id as string).sort();

/** Asks twenty times at once. */
export const twenty = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, ask));
