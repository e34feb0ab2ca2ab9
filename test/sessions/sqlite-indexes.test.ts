import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { openDatabase } from '../../gateway/sessions/sqlite-file.ts';
import { STATEMENTS } from '../../gateway/sessions/sqlite-statements.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { at, bytes, idOf, record } from './records.ts';

function pathOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-indexes-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'curfew.db');
}

/** All that is kept in memory, row by row. */
function inMemory(database: DatabaseSync): Record<string, unknown[]> {
  const tables = database.prepare(`SELECT name FROM temp.sqlite_schema WHERE type = 'table' ORDER BY name`).all();
  const names = tables.map(({ name }) => String(name));
  return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()] as const));
}

test('what finds rows follows every write, and one that is undone, as if the file had been opened anew (P3, P13)', (t) => {
  const path = pathOf(t);
  const database = openDatabase(path);
  const run = (name: keyof typeof STATEMENTS, ...values: SQLInputValue[]): void =>
    void database.prepare(STATEMENTS[name]).all(...values);
  const write = (): void => {
    for (const id of ['a', 'b', 'c', 'd']) {
      run('begin', id, `subject ${id}`, `["index ${id}","index"]`, bytes(id), at(0), at(0), at(100));
      for (const host of ['login', 'wiki']) run('addToken', id, `${host} ${id}`, host);
      run('keep', 'ticket', id, bytes(id), at(10));
      run('once', 'message', id, at(20), at(0));
      run('bury', `subject ${id}`, `index ${id}`, at(1), at(30));
    }
    run('touch', 'a', at(5));
    run('renew', 'b', 'subject e', '["index","other"]', bytes('b'), at(200), at(6));
    for (const id of ['c', 'd']) run('end', id);
    run('forget', 'd');
    run('forget', 'a');
    run('keep', 'ticket', 'a', bytes('another'), at(50));
    run('take', 'ticket', 'b');
    run('bury', 'subject a', 'index a', at(2), at(40));
    run('sweepOnce', at(15));
    run('sweepKept', at(15));
    run('sweepTombstones', at(35));
  };
  const empty = inMemory(database);
  database.exec('BEGIN');
  write();
  const before = inMemory(database);
  database.exec('ROLLBACK');
  t.deepEqual(inMemory(database), empty);
  write();
  t.deepEqual(inMemory(database), before);
  for (const [table, rows] of Object.entries(before)) t.true(rows.length > 0, table);
  database.close();

  const again = openDatabase(path);
  t.teardown(() => again.close());
  t.deepEqual(inMemory(again), before);
});

test('a begin that fails leaves nothing that finds it (P13)', (t) => {
  const database = openDatabase(pathOf(t));
  t.teardown(() => database.close());
  const begin = database.prepare(STATEMENTS.begin);
  begin.run('a', 'subject', '["index"]', bytes('a'), at(0), at(0), at(1));
  const before = inMemory(database);
  t.throws(() => begin.run('a', 'other', '["other"]', bytes('a'), at(0), at(0), at(1)), { message: 'id is taken' });
  t.throws(() => begin.run('b', 'other', 'not JSON', bytes('b'), at(0), at(0), at(1)));
  t.deepEqual(inMemory(database), before);
});

test('hashes that end alike are told apart by the whole of them (P3, P11)', async (t) => {
  const store = new SqliteStore(pathOf(t));
  t.teardown(() => store.close());
  const of = (who: string): string => `${who} ends alike`;
  for (const who of ['anna', 'berta']) {
    await store.begin(record(of(who), { subject: of(who), indexes: [of(who)] }), at(0), at(0));
    await store.addToken({ hash: of(who), session: idOf(of(who)), host: who });
    await store.keep('ticket', of(who), bytes(who), at(10));
    await store.bury([{ subject: of(`gone ${who}`), index: of(who), issuedAt: at(0), until: at(10) }]);
  }
  const ids = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id);
  const anna = of('anna');
  t.is((await store.find(idOf(anna)))?.subject, anna);
  t.is((await store.findByToken(anna))?.host, 'anna');
  t.deepEqual(ids(await store.findBySubject(anna, [])), [anna]);
  t.deepEqual(ids(await store.findByIndexes([anna])), [anna]);
  t.true(await store.touch(idOf(anna), at(5)));
  t.is((await store.find(idOf(of('berta'))))?.lastUsedAt, at(0));
  t.true(await store.once('message', anna, at(10), at(0)));
  t.true(await store.once('message', of('berta'), at(10), at(0)));
  t.deepEqual(await store.take('ticket', anna, at(0)), bytes('anna'));
  t.deepEqual(await store.read('ticket', of('berta'), at(0)), bytes('berta'));
  const late = (who: string, index: string): Promise<string> =>
    store.begin(record(`late ${who} ${index}`, { subject: of(`gone ${who}`), indexes: [of(index)] }), at(0), at(0));
  t.is(await late('anna', 'berta'), 'begun');
  t.is(await late('anna', 'anna'), 'tombstoned');
  t.is((await store.end(idOf(anna), at(6)))?.id, idOf(anna));
  await store.forget(idOf(anna));
  t.is(await store.findByToken(anna), undefined);
  t.is((await store.findByToken(of('berta')))?.host, 'berta');
  t.deepEqual(ids(await store.findByIndexes([anna, of('berta')])).sort(), ['berta ends alike', 'late anna berta']);
});
