import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import { openDatabase } from '../../gateway/sessions/sqlite-file.ts';
import { Indexes, ORDERS } from '../../gateway/sessions/sqlite-indexes.ts';
import { STATEMENTS } from '../../gateway/sessions/sqlite-statements.ts';
import { walSync, Writes } from '../../gateway/sessions/sqlite-writes.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { contract } from './contract.ts';
import { at, bytes, idOf, record } from './records.ts';

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-store-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function storeAt(t: ExecutionContext, path: string): SqliteStore {
  const store = new SqliteStore(path);
  t.teardown(() => store.close());
  return store;
}

const codeOf = (error: unknown): unknown => (error instanceof CurfewError ? error.code : error);
function refusedWith(t: ExecutionContext, path: string, code: string): void {
  t.is(codeOf(t.throws(() => new SqliteStore(path), { any: true })), code);
}

contract('sqlite', (t) => storeAt(t, join(folderOf(t), 'curfew.db')));

test('a killed process loses nothing it was answered for (P13)', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const script = fileURLToPath(new URL('dying-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  t.is(said.toString(), 'written\n');
  refusedWith(t, path, 'SESSIONS_STORE_LOCKED');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const store = storeAt(t, path);
  const found = await store.findByToken('token');
  t.deepEqual(found, { record: record('lives', { lastUsedAt: at(42) }), host: 'wiki.example' });
  t.is(await store.findByToken('dead token'), undefined);
  t.deepEqual(await store.unfinished(), [record('ended')]);
  for (const id of ['lives', 'ended']) t.deepEqual((await store.cookies(idOf(id), 'wiki'))[0]?.sealed, bytes(id));
  t.is(await store.begin(record('late', { subject: 'buried' }), at(10), at(50)), 'tombstoned');
  t.false(await store.once('message', 'used', at(1000), at(50)));
  t.deepEqual(await store.take('awaited', 'response', at(50)), bytes('kept'));
});

test('a second opener is told that the file is held, and the first goes on', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const store = storeAt(t, path);
  refusedWith(t, path, 'SESSIONS_STORE_LOCKED');
  t.is(await store.begin(record('s1'), at(0), at(0)), 'begun');
  await store.close();
  const next = storeAt(t, path);
  t.is(await next.count(), 1);
});

test('the file and what stands beside it can be read by its owner only, whatever the umask allows', async (t) => {
  const folder = join(folderOf(t), 'made', 'here');
  const store = storeAt(t, join(folder, 'curfew.db'));
  await store.begin(record('s1'), at(0), at(0));
  const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777;
  t.deepEqual([modeOf('.'), modeOf('curfew.db'), modeOf('curfew.db-wal')], [0o700, 0o600, 0o600]);
});

test('a database of another program is refused and left as it was', (t) => {
  const path = join(folderOf(t), 'other.db');
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE theirs (a); PRAGMA user_version = 1');
  other.close();
  const before = readFileSync(path);
  refusedWith(t, path, 'SESSIONS_STORE_FOREIGN');
  t.deepEqual(readFileSync(path), before);
});

test('a store of a later schema version is refused', (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const newer = openDatabase(path);
  newer.exec('PRAGMA user_version = 5');
  newer.close();
  const error = t.throws(() => new SqliteStore(path), { instanceOf: CurfewError });
  t.is(error.code, 'SESSIONS_STORE_FOREIGN');
  t.like(error.detail, { version: 5, expected: 4 });
});

test('a file that is no database is refused and left as it was', (t) => {
  const path = join(folderOf(t), 'letter.txt');
  const letter = 'Dear reader, '.repeat(1000);
  writeFileSync(path, letter);
  refusedWith(t, path, 'SESSIONS_STORE_FOREIGN');
  t.is(readFileSync(path, 'utf8'), letter);
});

test('a path that cannot be a file is refused, and a path is never taken for a database in memory', (t) => {
  const folder = folderOf(t);
  refusedWith(t, folder, 'SESSIONS_STORE_UNOPENED');
  refusedWith(t, '', 'SESSIONS_STORE_UNOPENED');
  writeFileSync(join(folder, 'file'), '');
  refusedWith(t, join(folder, 'file', 'curfew.db'), 'SESSIONS_STORE_UNOPENED');
  // Where nothing can be made, though the folder is there: Node's own mkdir would try for ever.
  refusedWith(t, '/proc/curfew/sessions/curfew.db', 'SESSIONS_STORE_UNOPENED');
});

test('an existing file that was made empty beforehand becomes a store', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  writeFileSync(path, '');
  chmodSync(path, 0o640);
  await t.notThrowsAsync(storeAt(t, path).ready());
});

/** The tables that SQLite means to read through for it. */
function scansIn(database: DatabaseSync, statement: string): string[] {
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${statement}`).all();
  const scans = plan.map((step) => String(step['detail'])).filter((step) => step.startsWith('SCAN'));
  return scans.filter(
    (step) => !['json_each', 'CONSTANT ROW', 'CONSTANT', '(subquery'].some((of) => step.includes(of)),
  );
}

test('what is asked for on every request or logout is searched by index, not through the table (P3)', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const database = openDatabase(path);
  t.teardown(() => database.close());
  new Indexes(database);
  const fill = database.prepare(STATEMENTS.begin);
  database.exec('BEGIN');
  for (let n = 1; n <= 10_000; n++) fill.run(n, `id ${n}`, `subject ${n}`, '[]', bytes('x'), at(n), at(n), at(n));
  database.exec('COMMIT');
  const { unfinished: _unfinished, count: _count, list, ...searched } = STATEMENTS;
  for (const [name, statement] of Object.entries(searched)) t.deepEqual(scansIn(database, statement), [], name);
  // Administrators alone turn the pages of it, in the order of the index.
  t.deepEqual(scansIn(database, list), ['SCAN by_expiry']);
  const steps = [...ORDERS.matchAll(/BEGIN\s([^]*?)END;/g)].flatMap(([, body = '']) =>
    body.split(';').filter((step) => step.trim() !== ''),
  );
  t.true(steps.length > 5);
  for (const step of steps) t.deepEqual(scansIn(database, step.replaceAll(/\b(new|old)\.\w+/g, '?')), [], step);
});

/** Writes over a disk that is done when the test says so. */
function writesOver(t: ExecutionContext): {
  writes: Writes;
  syncs: { done: () => void; fail: (why: Error) => void }[];
} {
  const database = openDatabase(join(folderOf(t), 'curfew.db'));
  t.teardown(() => database.close());
  const syncs: { done: () => void; fail: (why: Error) => void }[] = [];
  const sync = (): Promise<void> => new Promise((done, fail) => void syncs.push({ done, fail }));
  return { writes: new Writes(database, sync), syncs };
}

/** Two turns of the event loop: what is committed in the first is answered by the second. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('a write that closes something waits for the disk; one that opens, though it shares its turn, does not (P1)', async (t) => {
  const { writes, syncs } = writesOver(t);
  const answered: string[] = [];
  const note = (name: string, durability: 'opens' | 'closes') =>
    void writes.run(durability, () => name).then((it) => answered.push(it));
  note('open', 'opens');
  await turns();
  t.is(syncs.length, 0);
  note('ended', 'closes');
  note('beside', 'opens');
  await turns();
  t.deepEqual(answered, ['open', 'beside']);
  // Committed while the disk is busy: that wait began too early for it.
  note('later', 'closes');
  await turns();
  t.is(syncs.length, 1);
  syncs[0]?.done();
  await turns();
  t.deepEqual(answered, ['open', 'beside', 'ended']);
  syncs[1]?.done();
  await writes.settle();
  t.deepEqual(answered, ['open', 'beside', 'ended', 'later']);
  t.is(syncs.length, 2);
});

test('a tombstone is answered at once, and is on the disk with the next end, or when that is asked for (P1, P6)', async (t) => {
  const { writes, syncs } = writesOver(t);
  const first = await writes.later(() => {});
  t.is(syncs.length, 0);
  const ended = writes.run('closes', () => 'ended');
  await turns();
  // Committed while the disk is busy with what came before: that wait is none for it, and one for the first.
  const second = await writes.later(() => {});
  const secured: string[] = [];
  const all = [first().then(() => secured.push('first')), second().then(() => secured.push('second'))];
  await turns();
  t.deepEqual([syncs.length, secured], [1, []]);
  syncs[0]?.done();
  await ended;
  await turns();
  t.deepEqual([syncs.length, secured], [2, ['first']]);
  syncs[1]?.done();
  await Promise.all(all);
  await first();
  await second();
  t.is(syncs.length, 2);
});

test('whose tombstone is on the disk waits for nobody else’s (P6)', async (t) => {
  const { writes, syncs } = writesOver(t);
  const secured = await writes.later(() => {});
  const ended = writes.run('closes', () => 'ended');
  await turns();
  syncs[0]?.done();
  await ended;
  void writes.run('closes', () => 'another').catch(() => {});
  await writes.later(() => {});
  await secured();
  t.is(syncs.length, 2);
  syncs[1]?.done();
  await writes.settle();
});

test('after the disk has failed once nothing that closes is believed to be on it (P1, P12)', async (t) => {
  const { writes, syncs } = writesOver(t);
  const [before, during] = [await writes.later(() => {}), await writes.later(() => {})];
  const refused = writes.run('closes', () => 'ended');
  await turns();
  const refusedToo = during().catch(codeOf);
  syncs[0]?.fail(new Error('EIO'));
  t.is(await refusedToo, 'SESSIONS_STORE_UNAVAILABLE');
  t.is(codeOf(await refused.catch((error: unknown) => error)), 'SESSIONS_STORE_UNAVAILABLE');
  t.is(codeOf(await writes.run('closes', () => 'next').catch((error: unknown) => error)), 'SESSIONS_STORE_UNAVAILABLE');
  t.is(await writes.run('opens', () => 'open'), 'open');
  for (const secured of [before, await writes.later(() => {})])
    t.is(await secured().catch(codeOf), 'SESSIONS_STORE_UNAVAILABLE');
});

/** A store over a disk that is done when the test says so. */
function storeOver(t: ExecutionContext): {
  store: SqliteStore;
  syncs: { done: () => void; fail: (why: Error) => void }[];
} {
  const syncs: { done: () => void; fail: (why: Error) => void }[] = [];
  const sync = (): Promise<void> => new Promise((done, fail) => void syncs.push({ done, fail }));
  const store = new SqliteStore(join(folderOf(t), 'curfew.db'), { sync, close: async () => {} });
  t.teardown(() => store.close());
  return { store, syncs };
}

test('a session whose end is committed serves nobody, though the disk has failed and its end is not answered (P12)', async (t) => {
  const { store, syncs } = storeOver(t);
  await store.begin(record('s1'), at(0), at(0));
  const heard: string[] = [];
  store.onEnded((id) => heard.push(id));
  const refused = store.end(idOf('s1'), at(1)).catch(codeOf);
  await turns();
  t.deepEqual(heard, []);
  syncs[0]?.fail(new Error('EIO'));
  t.is(await refused, 'SESSIONS_STORE_UNAVAILABLE');
  t.deepEqual(heard, [idOf('s1')]);
  t.is(await store.find(idOf('s1')), undefined);
});

test('a renewal is on the disk before it is answered: its SessionIndex must find the session after a power cut (P3)', async (t) => {
  const { store, syncs } = storeOver(t);
  await store.begin(record('s1'), at(0), at(0));
  let answer: string | undefined;
  void store.renew(record('s1', { indexes: ['new'] }), at(0), at(1)).then((it) => (answer = it));
  await turns();
  t.is(answer, undefined);
  syncs[0]?.done();
  await turns();
  t.is(answer, 'renewed');
});

test('the disk that is waited for is that of the WAL, and where it is not there the write is refused (P1)', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const database = openDatabase(path);
  t.teardown(() => database.close());
  const { sync, close } = walSync(path);
  t.teardown(close);
  database.exec('CREATE TABLE anything (at INTEGER)');
  await t.notThrowsAsync(sync());
  await t.throwsAsync(walSync(join(path, 'elsewhere')).sync());
});

test('a closed store rejects and never answers, and closing keeps what was asked before it (P12, P13)', async (t) => {
  const path = join(folderOf(t), 'curfew.db');
  const store = storeAt(t, path);
  const asked = store.begin(record('s1'), at(0), at(0));
  await store.close();
  t.is(await asked, 'begun');
  const questions = [
    store.find(idOf('s1')),
    store.findByToken('h'),
    store.touch(idOf('s1'), at(1)),
    store.end(idOf('s1'), at(1)),
    store.once('k', 'a', at(1), at(0)),
    store.cookies(idOf('s1'), 'wiki'),
    store.mergeCookies(idOf('s1'), 'wiki', []),
    store.appsWithCookies(idOf('s1')),
    store.ready(),
  ];
  for (const outcome of await Promise.allSettled(questions)) {
    t.is(outcome.status === 'rejected' ? codeOf(outcome.reason) : outcome.value, 'SESSIONS_STORE_UNAVAILABLE');
  }
  await t.notThrowsAsync(store.close());
  t.is(await storeAt(t, path).count(), 1);
  t.true(existsSync(path));
});
