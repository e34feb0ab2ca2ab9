// A disk that takes nothing more: made by failing the statements themselves, because whoever runs as root may write everywhere.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync, type SQLInputValue } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { at, idOf, record } from './records.ts';

/** A store on disk, whose statements of this kind fail until it is mended. */
function failing(t: ExecutionContext, kinds: RegExp): { store: SqliteStore; fail: () => void; mend: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-unwritable-'));
  const store = new SqliteStore(join(folder, 'sessions.db'));
  const proper = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run');
  if (proper === undefined) throw new Error('node:sqlite has no run');
  const run = proper.value as (...values: SQLInputValue[]) => unknown;
  const fail = (): void =>
    void Object.defineProperty(StatementSync.prototype, 'run', {
      ...proper,
      value(this: StatementSync, ...values: SQLInputValue[]) {
        if (kinds.test(this.sourceSQL)) throw new Error('database or disk is full');
        return Reflect.apply(run, this, values);
      },
    });
  fail();
  const mend = (): void => void Object.defineProperty(StatementSync.prototype, 'run', proper);
  t.teardown(async () => {
    mend();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { store, fail, mend };
}

test.serial('a store that can be read and not written is not ready, and is again when it can (P12)', async (t) => {
  const { store, mend } = failing(t, /BEGIN IMMEDIATE/);
  await t.throwsAsync(store.ready(), { message: 'SESSIONS_STORE_UNAVAILABLE' });
  mend();
  await t.notThrowsAsync(store.ready());
});

test.serial(
  'a transaction that can be neither committed nor rolled back still answers every write in it (P12)',
  async (t) => {
    const { store } = failing(t, /COMMIT|ROLLBACK/);
    const writes = [store.ready(), store.ready()];
    const answers = await Promise.allSettled(writes);
    t.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  },
);

test.serial(
  'a logout that could not be committed leaves the session to be found by the next one (P1, P3)',
  async (t) => {
    const { store, fail, mend } = failing(t, /^COMMIT/);
    mend();
    await store.begin(record('s1'), at(0), at(0));
    fail();
    for (const write of [
      () => store.end(idOf('s1'), at(1)),
      () => store.renew(record('s1', { subject: 'berta', indexes: ['other'] }), at(0), at(1)),
      () => store.begin(record('s2'), at(0), at(1)),
    ]) {
      await t.throwsAsync(write(), { message: 'SESSIONS_STORE_UNAVAILABLE' });
    }
    mend();
    for (const found of [await store.findBySubject('anna', ['index-1']), await store.findByIndexes(['index-1'])]) {
      t.deepEqual(found, [record('s1')]);
    }
    t.deepEqual(await store.findBySubject('berta', []), []);
    t.deepEqual(await store.end(idOf('s1'), at(2)), record('s1'));
    t.deepEqual(await store.findBySubject('anna', []), []);
  },
);
