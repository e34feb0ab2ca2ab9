// A disk that takes nothing more: made by failing the statements themselves, because whoever runs as root may write everywhere.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync, type SQLInputValue } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';

/** A store on disk, whose statements of this kind fail until the function it answers with is called. */
function failing(t: ExecutionContext, kinds: RegExp): { store: SqliteStore; mend: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-unwritable-'));
  const store = new SqliteStore(join(folder, 'sessions.db'));
  const proper = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run');
  if (proper === undefined) throw new Error('node:sqlite has no run');
  const run = proper.value as (...values: SQLInputValue[]) => unknown;
  Object.defineProperty(StatementSync.prototype, 'run', {
    ...proper,
    value(this: StatementSync, ...values: SQLInputValue[]) {
      if (kinds.test(this.sourceSQL)) throw new Error('database or disk is full');
      return Reflect.apply(run, this, values);
    },
  });
  const mend = (): void => void Object.defineProperty(StatementSync.prototype, 'run', proper);
  t.teardown(async () => {
    mend();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { store, mend };
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
