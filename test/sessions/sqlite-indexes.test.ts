import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { RowEnds } from '../../gateway/sessions/sqlite-ends.ts';
import { markOf, RowIndex } from '../../gateway/sessions/sqlite-index.ts';
import { entryMark, tombstoneMark } from '../../gateway/sessions/sqlite-indexes.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { at, bytes, idOf, record } from './records.ts';

function pathOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-indexes-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'curfew.db');
}

/** A store that shows all it has in memory. */
class Shown extends SqliteStore {
  shown(names: readonly string[]): unknown {
    const { ids, subjects, indexes, tokens, once, kept, tombstones } = this.indexes;
    const all = { ids, subjects, indexes, tokens, once, kept, tombstones };
    const marks = names.flatMap((name) => [
      ...[markOf(name), entryMark('ticket', name), entryMark('message', name)],
      ...[tombstoneMark(`subject ${name}`, ''), tombstoneMark(`subject ${name}`, `index ${name}`)],
      ...[markOf(`subject ${name}`), markOf(`index ${name}`), markOf(`token ${name}`)],
    ]);
    const found = Object.entries(all).map(([table, index]) => [table, index.size, marks.map((mark) => index.at(mark))]);
    const orders = ['by_use', 'by_expiry', 'endings'].map((table) =>
      this.database.prepare(`SELECT * FROM ${table}`).all(),
    );
    return [found, orders];
  }
}

const PEOPLE = ['anna', 'berta', 'cleo', 'dora', 'emil'];

async function live(store: SqliteStore): Promise<void> {
  for (const who of PEOPLE) {
    const names = { subject: `subject ${who}`, indexes: [`index ${who}`, 'index'] };
    await store.begin(record(who, names), at(0), at(0));
    await store.addToken({ hash: `token ${who}`, session: idOf(who), host: 'wiki' });
    await store.addToken({ hash: `another ${who}`, session: idOf(who), host: 'mail' });
    await store.keep('ticket', who, bytes(who), at(10));
    await store.once('message', who, at(70_000), at(0));
    await store.bury([{ subject: `subject ${who}`, index: `index ${who}`, issuedAt: at(1), until: at(80_000) }]);
  }
  await store.touch(idOf('anna'), at(5));
  await store.renew({ ...record('berta'), subject: 'subject emil', indexes: ['index', 'other'] }, at(9), at(6));
  for (const who of ['cleo', 'dora']) await store.end(idOf(who), at(7));
  for (const who of ['dora', 'anna']) await store.forget(idOf(who));
  await store.keep('ticket', 'anna', bytes('another'), at(500_000));
  await store.take('ticket', 'berta', at(8));
  await store.bury([{ subject: 'subject anna', index: 'index anna', issuedAt: at(2), until: at(90_000) }]);
}

/** One that cannot be done, and three beside it that are done anew for it, so that all of them were undone once. */
async function liveThroughFailures(store: SqliteStore): Promise<PromiseSettledResult<unknown>[]> {
  return await Promise.allSettled([
    store.end(idOf('emil'), at(8)),
    store.take('ticket', 'emil', at(8)),
    store.renew({ ...record('anna'), subject: 'subject dora', indexes: [] }, at(9), at(8)),
    store.begin(record('anna', { subject: 'subject nobody' }), at(9), at(8)),
    store.addToken({ hash: 'token anna', session: idOf('berta'), host: 'wiki' }),
  ]);
}

test('what finds rows follows every write and every one that is undone, as if the file had been opened anew (P3, P13)', async (t) => {
  const path = pathOf(t);
  const store = new Shown(path);
  await live(store);
  const outcomes = await liveThroughFailures(store);
  t.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  );
  t.is(await store.sweep(at(75_000)), PEOPLE.length + 2);
  const before = store.shown(PEOPLE);
  await store.close();

  const again = new Shown(path);
  t.teardown(() => again.close());
  t.deepEqual(before, again.shown(PEOPLE));
  t.deepEqual(
    (await again.findBySubject('subject dora', [])).map(({ id }) => id),
    [idOf('anna')],
  );
});

test('names that share a mark are told apart by the whole of them (P3, P11)', async (t) => {
  const [one, other] = alike();
  t.not(one, other);
  const store = new SqliteStore(pathOf(t));
  t.teardown(() => store.close());
  for (const [who, host] of [
    [one, 'wiki'],
    [other, 'mail'],
  ] as const) {
    await store.begin(record(who, { subject: who, indexes: [who] }), at(0), at(0));
    await store.addToken({ hash: who, session: idOf(who), host });
  }
  t.is((await store.find(idOf(other)))?.subject, other);
  t.is((await store.findByToken(one))?.host, 'wiki');
  t.is((await store.findByToken(other))?.host, 'mail');
  for (const find of [() => store.findBySubject(other, []), () => store.findByIndexes([other])]) {
    t.deepEqual(
      (await find()).map(({ id }) => id),
      [idOf(other)],
    );
  }
  t.true(await store.touch(idOf(other), at(5)));
  t.is((await store.find(idOf(one)))?.lastUsedAt, at(0));
  t.is((await store.end(idOf(one), at(6)))?.id, idOf(one));
  await store.forget(idOf(one));
  t.is(await store.findByToken(one), undefined);
  t.is((await store.findByToken(other))?.record.id, idOf(other));
  t.deepEqual(
    (await store.findBySubject(other, [])).map(({ id }) => id),
    [idOf(other)],
  );
});

/** Two names of one mark: among 2^30 marks some eighty thousand names have them. */
function alike(): [string, string] {
  const seen = new Map<number, string>();
  for (let n = 0; ; n += 1) {
    const name = `name ${n}`;
    const before = seen.get(markOf(name));
    if (before !== undefined) return [before, name];
    seen.set(markOf(name), name);
  }
}

test('an index finds what has come and not gone, however many come and go, and however many share a mark', (t) => {
  const index = new RowIndex();
  const expected = new Map<number, Set<number>>();
  const rows: [mark: number, n: number][] = [];
  for (let n = 1; n <= 20_000; n += 1) {
    const mark = markOf(`name ${n % 7000}`);
    index.came(mark, n);
    rows.push([mark, n]);
    expected.set(mark, (expected.get(mark) ?? new Set()).add(n));
    // Three of four go, in an order that is not that in which they came.
    if (n % 4 !== 0) {
      const [[gone, which] = [0, 0]] = rows.splice((n * 7919) % rows.length, 1);
      index.went(gone, which);
      expected.get(gone)?.delete(which);
    }
    index.settle('committed');
  }
  t.is(index.size, rows.length);
  for (const [mark, those] of expected) t.deepEqual(index.at(mark).sort(), [...those].sort());
  t.deepEqual(index.at(markOf('nobody')), []);
});

test('what is undone never came, and what goes is found until that is certain (P3)', (t) => {
  const index = new RowIndex();
  index.came(7, 1);
  index.settle('committed');
  index.went(7, 1);
  index.came(7, 2);
  t.deepEqual(index.at(7), [1, 2]);
  index.settle('undone');
  t.deepEqual(index.at(7), [1]);
  index.went(7, 1);
  index.came(7, 3);
  index.settle('unknown');
  t.deepEqual(index.at(7), [1, 3]);
  index.went(7, 1);
  index.went(7, 3);
  index.settle('committed');
  t.deepEqual([index.at(7), index.size], [[], 0]);
});

test('a row is told when its minute has begun, and again where it was put back', (t) => {
  const ends = new RowEnds();
  ends.add(59_999, { mark: 7, n: 1 });
  ends.add(60_000, { mark: 8, n: 2 });
  ends.add(120_000, { mark: 9, n: 3 });
  const first = ends.passed(60_000);
  t.deepEqual(first.rows, [
    { mark: 7, n: 1 },
    { mark: 8, n: 2 },
  ]);
  t.deepEqual(ends.passed(60_001).rows, [{ mark: 8, n: 2 }]);
  first.putBack();
  t.is(ends.passed(119_999).rows.length, 2);
  t.deepEqual(
    ends.passed(200_000).rows.map(({ n }) => n),
    [2, 3],
  );
  t.deepEqual(ends.passed(200_000).rows, []);
});
