import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { EpochMs, Token } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { CountingStore, DelayedStore } from './delayed-store.ts';
import { anna, begun, HOST, IDLE_MS, listeningLog, MINUTE, minted, sessionsOver } from './people.ts';
import { at, idOf } from './records.ts';

test('a session that is remembered is found and touched without waiting', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  const first = await sessions.find(token, HOST, at(1));
  t.is(sessions.find(token, HOST, at(2)), first);
  t.is(sessions.touch(id, at(2)), true);
  t.is(store.reads, 1);
});

test('a session idle for the idle time is found no more; finding does not extend it, touching does', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  t.is((await sessions.find(token, HOST, at(IDLE_MS - 1)))?.id, id);
  t.is(await sessions.find(token, HOST, at(IDLE_MS)), undefined);
  t.false(await sessions.touch(id, at(IDLE_MS)));
  t.true(await sessions.touch(id, at(IDLE_MS - 1)));
  t.is((await sessions.find(token, HOST, at(2 * IDLE_MS - 2)))?.id, id);
  t.is(await sessions.find(token, HOST, at(2 * IDLE_MS - 1)), undefined);
});

test('a clock that goes back takes no use away', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  await sessions.find(token, HOST, at(0));
  t.is(sessions.touch(id, at(1000)), true);
  t.is(sessions.touch(id, at(500)), true);
  t.is((await sessions.find(token, HOST, at(IDLE_MS + 999)))?.id, id);
});

test('a session past its end is neither found nor touched, however lately it was used', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const session = await sessions.begin(anna(), at(1000), at(0));
  const id = session === 'tombstoned' ? idOf('') : session.id;
  const token = await minted(sessions, id);
  t.is((await sessions.find(token, HOST, at(999)))?.id, id);
  t.true(await sessions.touch(id, at(999)));
  t.is(await sessions.find(token, HOST, at(1000)), undefined);
  t.false(await sessions.touch(id, at(1000)));
});

test('a session whose end is not a number serves nobody', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const session = await sessions.begin(anna(), NaN as EpochMs, at(0));
  const id = session === 'tombstoned' ? idOf('') : session.id;
  t.is(await sessions.find(await minted(sessions, id), HOST, at(1)), undefined);
  t.false(await sessions.touch(id, at(1)));
});

test('a slow lookup does not move back a use that was noted meanwhile', async (t) => {
  const store = new DelayedStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  const slow = Promise.all([sessions.find(token, HOST, at(1)), sessions.find(token, HOST, at(1))]);
  while (store.held.length < 2) await setImmediate();
  store.held[0]?.();
  await setImmediate();
  t.is(sessions.touch(id, at(20_000)), true);
  store.held[1]?.();
  await slow;
  t.is((await sessions.find(token, HOST, at(IDLE_MS + 19_999)))?.id, id);
});

test('a use is written at most once a minute, and is exact all the same when idle sessions are sought', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  await sessions.find(await minted(sessions, id), HOST, at(0));
  for (let ms = 1; ms <= 119_999; ms += 1000) t.true(await sessions.touch(id, at(ms)));
  t.deepEqual(store.touches, [at(60_001)]);
  t.deepEqual(await sessions.due(at(60_001 + IDLE_MS)), []);
  t.deepEqual(store.touches, [at(60_001), at(119_001)]);
  t.deepEqual(await sessions.due(at(119_000 + IDLE_MS)), []);
  t.deepEqual(await sessions.due(at(119_001 + IDLE_MS)), [{ id, reason: 'idle' }]);
});

test('a session past its end is due for its lifetime, also where it is in use', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const session = await sessions.begin(anna(), at(1000), at(0));
  const id = session === 'tombstoned' ? idOf('') : session.id;
  await sessions.find(await minted(sessions, id), HOST, at(0));
  t.true(await sessions.touch(id, at(999)));
  t.deepEqual(await sessions.due(at(999)), []);
  t.deepEqual(await sessions.due(at(1000)), [{ id, reason: 'lifetime' }]);
});

test('sessions in use do not stand in the way of idle ones behind the limit', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-keep-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // A store that writes a little later than it is asked to, as every store but the one in memory does.
  const { sessions } = sessionsOver(new SqliteStore(join(folder, 'curfew.db')), { cacheMax: 1000 });
  t.teardown(() => sessions.close());
  for (let n = 0; n < 500; n++) {
    const { id } = await begun(sessions);
    await sessions.find(await minted(sessions, id), HOST, at(0));
    await sessions.touch(id, at(1000));
  }
  const { id } = await begun(sessions);
  t.deepEqual(await sessions.due(at(IDLE_MS)), []);
  t.deepEqual(await sessions.due(at(IDLE_MS)), [{ id, reason: 'idle' }]);
});

test('a use that the store could not be told is logged, keeps nobody waiting and is told later (P12)', async (t) => {
  const store = new CountingStore();
  const { log, heard } = listeningLog();
  const { sessions } = sessionsOver(store, { log });
  const { id } = await begun(sessions);
  await sessions.find(await minted(sessions, id), HOST, at(0));
  store.fails = true;
  t.is(sessions.touch(id, at(MINUTE)), true);
  await setImmediate();
  t.deepEqual(heard, [{ event: 'session-use-not-written', facts: { session: id, error: 'Error: the store is away' } }]);
  t.is(sessions.touch(id, at(MINUTE + 1)), true);
  t.is(store.touches.length, 1);
  store.fails = false;
  t.is(sessions.touch(id, at(2 * MINUTE)), true);
  await setImmediate();
  t.is((await store.find(id))?.lastUsedAt, at(2 * MINUTE));
  t.is(heard.length, 1);
});

test('a session that the store no longer has is forgotten here with the next write (P12)', async (t) => {
  class Silent extends CountingStore {
    override onEnded(): () => void {
      return () => undefined;
    }
  }
  const { sessions } = sessionsOver(new Silent());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  await sessions.find(token, HOST, at(0));
  await sessions.end(id, at(1));
  await sessions.touch(id, at(MINUTE));
  await setImmediate();
  t.is(await sessions.find(token, HOST, at(MINUTE)), undefined);
});

test('where the store cannot be asked, a session that is not remembered is an error, not a stranger (P12)', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  store.fails = true;
  await t.throwsAsync(async () => sessions.find(token, HOST, at(1)), { message: 'the store is away' });
  store.fails = false;
  t.is((await sessions.find(token, HOST, at(1)))?.id, id);
});

test('no more sessions are remembered than allowed, and one that falls out loses no use (P13)', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store, { cacheMax: 1 });
  const [one, two] = [await begun(sessions), await begun(sessions)];
  const [tokenOne, tokenTwo] = [await minted(sessions, one.id), await minted(sessions, two.id)];
  await sessions.find(tokenOne, HOST, at(0));
  t.is(sessions.touch(one.id, at(1000)), true);
  await sessions.find(tokenTwo, HOST, at(0));
  await setImmediate();
  t.is((await store.find(one.id))?.lastUsedAt, at(1000));
  t.true(await sessions.touch(one.id, at(2000)));
  t.is((await sessions.find(tokenOne, HOST, at(2000)))?.id, one.id);
  t.is(store.reads, 3);
});

test('a session that is in use stays remembered where another is not', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store, { cacheMax: 2 });
  const tokens: Token[] = [];
  for (let n = 0; n < 3; n++) tokens.push(await minted(sessions, (await begun(sessions)).id));
  const [used, unused, another] = tokens as [Token, Token, Token];
  const id = (await sessions.find(used, HOST, at(0)))?.id ?? idOf('');
  t.is(sessions.touch(id, at(0)), true);
  await sessions.find(unused, HOST, at(0));
  await sessions.find(another, HOST, at(0));
  t.is(store.reads, 3);
  t.is((await sessions.find(used, HOST, at(0)))?.id, id);
  t.is(store.reads, 3);
  await sessions.find(unused, HOST, at(0));
  t.is(store.reads, 4);
});

test('no more is remembered than there is room for, however much is said of a person; endings give room back', async (t) => {
  const store = new CountingStore();
  const { sessions } = sessionsOver(store, { cacheMaxBytes: 50_000 });
  const large = anna({ attributes: new Map([['groups', [Array.from({ length: 20_000 }, () => 'x').join('')]]]) });
  const ids = [];
  const tokens = [];
  for (let n = 0; n < 3; n++) {
    const session = await sessions.begin(large, undefined, at(0));
    ids.push(session === 'tombstoned' ? idOf('') : session.id);
    tokens.push(await minted(sessions, ids.at(-1) ?? idOf('')));
    await sessions.find(tokens[n] as Token, HOST, at(0));
  }
  const [first, second, third] = tokens as [Token, Token, Token];
  t.is(store.reads, 3);
  await sessions.find(third, HOST, at(0));
  await sessions.find(second, HOST, at(0));
  t.is(store.reads, 3);
  await sessions.end(ids[1] ?? idOf(''), at(0));
  await sessions.find(first, HOST, at(0));
  t.is(store.reads, 4);
  await sessions.find(third, HOST, at(0));
  await sessions.find(first, HOST, at(0));
  t.is(store.reads, 4);
});

test('closing tells the store of every use (P13)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  await sessions.find(await minted(sessions, id), HOST, at(0));
  await sessions.touch(id, at(1000));
  await sessions.close();
  t.is((await store.find(id))?.lastUsedAt, at(1000));
});
