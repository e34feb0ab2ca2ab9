import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { EpochMs, SessionId, Token } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Sessions } from '../../gateway/sessions/sessions.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { CountingStore, DelayedStore } from './delayed-store.ts';
import {
  anna,
  begun,
  FORMER_SECRET,
  IDLE_MS,
  LIFETIME_MS,
  listeningLog,
  MINUTE,
  SECRET,
  sessionsOver,
} from './people.ts';
import { at, bytes, idOf, record } from './records.ts';

const HOST = 'wiki.example.com';

async function minted(sessions: Sessions, id: SessionId, host = HOST): Promise<Token> {
  const token = await sessions.mint(id, host);
  if (token === undefined) throw new Error('this session was to live');
  return token;
}

test('a session ends with the lesser of lifetime and SessionNotOnOrAfter (saml-core §2.7.2)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const expiry = async (notOnOrAfter: EpochMs | undefined): Promise<unknown> => {
    const session = await sessions.begin(anna(), notOnOrAfter, at(0));
    return session === 'tombstoned' ? session : session.expiresAt;
  };
  t.is(await expiry(undefined), at(LIFETIME_MS));
  t.is(await expiry(at(LIFETIME_MS + 1)), at(LIFETIME_MS));
  t.is(await expiry(at(LIFETIME_MS - 1)), at(LIFETIME_MS - 1));
});

test('an identity comes back as it went in, absent NameID attributes absent (saml-core §2.2.2)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const identities = [
    anna(),
    anna({
      nameId: { value: ' Ännä\n', format: 'urn:x', nameQualifier: '', spNameQualifier: 'sp', spProvidedId: 'id' },
      sessionIndexes: [],
      attributes: new Map([
        ['__proto__', ['a']],
        ['constructor', []],
      ]),
      authnContext: 'urn:password',
    }),
    anna({ nameId: { value: 'x', format: undefined } }),
  ];
  for (const identity of identities) {
    const { id } = await begun(sessions, identity);
    const found = await sessions.find(await minted(sessions, id), HOST, at(1));
    t.deepEqual(found?.identity.attributes, identity.attributes);
    t.deepEqual({ ...found?.identity.nameId }, JSON.parse(JSON.stringify(identity.nameId)));
    t.is(found?.identity.authnContext, identity.authnContext);
    t.deepEqual(found?.identity.sessionIndexes, identity.sessionIndexes);
  }
});

test('ids carry 128 bits and tokens 256, and a token is stored as its hash only', async (t) => {
  const stored: string[] = [];
  class Watched extends MemoryStore {
    override async addToken(token: Parameters<MemoryStore['addToken']>[0]): Promise<boolean> {
      stored.push(token.hash);
      return super.addToken(token);
    }
  }
  const { sessions } = sessionsOver(new Watched());
  const { id } = await begun(sessions);
  const [one, two] = [await minted(sessions, id), await minted(sessions, id)];
  t.is(Buffer.from(id, 'base64url').length, 16);
  t.is(Buffer.from(one, 'base64url').length, 32);
  t.not(one, two);
  t.false(stored.includes(one));
});

test('a token opens its session on its own host and on no other, remembered or not (P11)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  t.is(await sessions.find(token, 'mail.example.com', at(1)), undefined);
  t.is((await sessions.find(token, HOST, at(1)))?.id, id);
  t.is(await sessions.find(token, 'mail.example.com', at(1)), undefined);
  t.is(await sessions.find('unknown' as Token, HOST, at(1)), undefined);
});

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

test('an ended session is remembered nowhere by the time end tells anyone (P1)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  await sessions.find(token, HOST, at(1));
  const seen: unknown[] = [];
  sessions.onEnded((ended) => seen.push(ended, sessions.find(token, HOST, at(2)), sessions.touch(id, at(2))));
  t.is((await sessions.end(id, at(2)))?.identity.nameId.value, 'anna@example.com');
  t.deepEqual(await Promise.all(seen), [id, undefined, false]);
  t.is(await sessions.mint(id, HOST), undefined);
});

test('of twenty that end a session at once, one gets it (P5)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const ended = await Promise.all(Array.from({ length: 20 }, () => sessions.end(id, at(1))));
  t.is(ended.filter((session) => session?.id === id).length, 1);
  t.deepEqual(
    (await sessions.unfinished()).map((session) => session.id),
    [id],
  );
  await sessions.forget(id);
  t.deepEqual(await sessions.unfinished(), []);
});

test('a session that ends while it is being looked up is not found and not remembered (P1)', async (t) => {
  const store = new DelayedStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  const looking = Promise.all([sessions.find(token, HOST, at(1)), sessions.find(token, HOST, at(1))]);
  while (store.held.length < 2) await setImmediate();
  await sessions.end(id, at(1));
  for (const release of store.held) release();
  t.deepEqual(await looking, [undefined, undefined]);
  const again = sessions.find(token, HOST, at(1));
  t.true(again instanceof Promise);
  t.false(await sessions.touch(id, at(1)));
  while (store.held.length < 3) await setImmediate();
  store.held[2]?.();
  t.is(await again, undefined);
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

test('closing tells the store of every use (P13)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  await sessions.find(await minted(sessions, id), HOST, at(0));
  await sessions.touch(id, at(1000));
  await sessions.close();
  t.is((await store.find(id))?.lastUsedAt, at(1000));
});

test('a logout finds the sessions of its IdP and NameID by SessionIndex, or all (P2, P3)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const one = await begun(sessions, anna({ sessionIndexes: ['a', 'b'] }));
  const two = await begun(sessions, anna({ sessionIndexes: ['b'] }));
  const none = await begun(sessions, anna({ sessionIndexes: [] }));
  await begun(sessions, anna({ idp: 'other', sessionIndexes: ['a', 'b'] }));
  await begun(sessions, anna({ nameId: { value: 'berta' }, sessionIndexes: ['a', 'b'] }));
  const found = async (...indexes: string[]): Promise<string[]> =>
    (await sessions.findBySubject('corp', 'anna@example.com', indexes)).map(({ id }) => id as string).sort();
  t.deepEqual(await found(), [one.id, two.id, none.id].sort());
  t.deepEqual(await found('b', 'c'), [one.id, two.id].sort());
  t.deepEqual(await found('a'), [one.id]);
  t.deepEqual(await found('c'), []);
  t.deepEqual(await sessions.findBySubject('corp', 'ANNA@example.com', []), []);
});

test('after a logout a late assertion begins nothing, a new authentication does (P6, saml-core §3.7.3.1)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const logout = { idp: 'corp', nameIdValue: 'anna@example.com', issuedAt: at(1000) };
  await sessions.bury({ ...logout, sessionIndexes: [] }, at(9000));
  t.is(await sessions.begin(anna({ authnInstant: at(1000) }), undefined, at(2000)), 'tombstoned');
  t.not(await sessions.begin(anna({ authnInstant: at(1001) }), undefined, at(2000)), 'tombstoned');
  t.not(await sessions.begin(anna({ idp: 'other' }), undefined, at(2000)), 'tombstoned');
  await sessions.bury({ ...logout, sessionIndexes: ['x', 'y'] }, at(9000));
  const withIndex = (index: string): Promise<unknown> =>
    sessions.begin(anna({ authnInstant: at(1001), sessionIndexes: [index] }), undefined, at(2000));
  t.deepEqual([await withIndex('x'), await withIndex('y')], ['tombstoned', 'tombstoned']);
  t.not(await withIndex('z'), 'tombstoned');
});

test('a rotated secret leaves sessions findable and readable and logouts in force (P3, P6, P13)', async (t) => {
  const store = new MemoryStore();
  const before = sessionsOver(store, { secrets: [FORMER_SECRET] }).sessions;
  const old = await begun(before);
  const token = await minted(before, old.id);
  const logout = { idp: 'corp', nameIdValue: 'berta', issuedAt: at(1000) };
  await before.bury({ ...logout, sessionIndexes: [] }, at(9000));
  await before.bury({ ...logout, nameIdValue: 'carla', sessionIndexes: ['c'] }, at(9000));

  const { sessions } = sessionsOver(store, { secrets: [SECRET, FORMER_SECRET] });
  const young = await begun(sessions);
  t.is((await sessions.find(token, HOST, at(1)))?.identity.nameId.value, 'anna@example.com');
  const found = await sessions.findBySubject('corp', 'anna@example.com', ['_index-1']);
  t.deepEqual(found.map(({ id }) => id).sort(), [old.id, young.id].sort());
  t.is(await sessions.begin(anna({ nameId: { value: 'berta' } }), undefined, at(2000)), 'tombstoned');
  const carla = anna({ nameId: { value: 'carla' }, sessionIndexes: ['c'], authnInstant: at(5000) });
  t.is(await sessions.begin(carla, undefined, at(2000)), 'tombstoned');
});

test('a session whose bytes cannot be read serves nobody, is logged, and survives for the right secret (P13)', async (t) => {
  const store = new MemoryStore();
  const right = sessionsOver(store, { secrets: [FORMER_SECRET] }).sessions;
  const { id } = await begun(right);
  const token = await minted(right, id);
  const { log, heard } = listeningLog();
  const { sessions } = sessionsOver(store, { log });
  t.is(await sessions.find(token, HOST, at(1)), undefined);
  t.deepEqual(heard, [
    { event: 'session-unreadable', facts: { session: id, error: 'CurfewError: SESSIONS_SEAL_BROKEN' } },
  ]);
  t.is((await right.find(token, HOST, at(1)))?.id, id);
});

test('a logout ends what it finds, also a session whose bytes cannot be read (P1, P3)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const readable = await begun(sessions);
  const { subject, indexes } = (await store.find(readable.id)) ?? record('');
  await store.begin(record('broken', { subject, indexes, sealed: bytes('nonsense') }), at(0), at(0));
  const found = await sessions.findBySubject('corp', 'anna@example.com', []);
  t.deepEqual(
    found.map(({ id }) => id),
    [readable.id],
  );
  t.is(await store.find(idOf('broken')), undefined);
  t.deepEqual(await store.unfinished(), []);
});

test('a session whose bytes cannot be read can be ended, and nothing of it is left', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  await store.begin(record('broken', { sealed: bytes('nonsense') }), at(0), at(0));
  t.is(await sessions.end(idOf('broken'), at(1)), undefined);
  t.is(await store.find(idOf('broken')), undefined);
  t.deepEqual(await store.unfinished(), []);
});

test('the sealed bytes of one session do not open as another (P11)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const { sealed } = (await store.find(id)) ?? record('');
  await store.begin(record('forged', { sealed }), at(0), at(0));
  t.is(await sessions.find(await minted(sessions, idOf('forged')), HOST, at(1)), undefined);
});
