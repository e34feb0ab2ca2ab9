import test from 'ava';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { anna, begun, FORMER_SECRET, HOST, listeningLog, minted, SECRET, sessionsOver } from './people.ts';
import { at, bytes, idOf, record } from './records.ts';

test('a logout finds the sessions of its IdP and NameID by SessionIndex, those that have none, or all (P1, P2, P3)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const one = await begun(sessions, anna({ sessionIndexes: ['a', 'b'] }));
  const two = await begun(sessions, anna({ sessionIndexes: ['b'] }));
  const none = await begun(sessions, anna({ sessionIndexes: [] }));
  await begun(sessions, anna({ idp: 'other', sessionIndexes: ['a', 'b'] }));
  await begun(sessions, anna({ nameId: { value: 'berta' }, sessionIndexes: ['a', 'b'] }));
  const found = async (...indexes: string[]): Promise<string[]> =>
    (await sessions.findBySubject('corp', 'anna@example.com', indexes)).map(({ id }) => id as string).sort();
  t.deepEqual(await found(), [one.id, two.id, none.id].sort());
  t.deepEqual(await found('b', 'c'), [one.id, two.id, none.id].sort());
  t.deepEqual(await found('a'), [one.id, none.id].sort());
  t.deepEqual(await found('c'), [none.id]);
  t.deepEqual(await sessions.findBySubject('corp', 'ANNA@example.com', []), []);
});

test('a logout by SessionIndex finds the sessions of its IdP that have it, whoever they are of (P3)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const one = await begun(sessions, anna({ sessionIndexes: ['a', 'b'] }));
  const two = await begun(sessions, anna({ nameId: { value: 'berta' }, sessionIndexes: ['b'] }));
  await begun(sessions, anna({ sessionIndexes: [] }));
  await begun(sessions, anna({ idp: 'other', sessionIndexes: ['a', 'b'] }));
  const found = async (...indexes: string[]): Promise<string[]> =>
    (await sessions.findByIndexes('corp', indexes)).map(({ id }) => id as string).sort();
  t.deepEqual(await found('b', 'c'), [one.id, two.id].sort());
  t.deepEqual(await found('a'), [one.id]);
  t.deepEqual(await found(), []);
});

test('after a logout of anybody with a SessionIndex nobody begins with it at that IdP (P6)', async (t) => {
  const store = new MemoryStore();
  const before = sessionsOver(store, { secrets: [FORMER_SECRET] }).sessions;
  const logout = { idp: 'corp', nameIdValue: 'somebody', issuedAt: at(1000), anybody: true };
  await before.bury({ ...logout, sessionIndexes: ['x'] }, at(9000));
  for (const { sessions } of [sessionsOver(store, { secrets: [SECRET, FORMER_SECRET] }), { sessions: before }]) {
    const begin = (change: Parameters<typeof anna>[0]): Promise<unknown> =>
      sessions.begin(anna({ authnInstant: at(1001), ...change }), undefined, at(2000));
    t.is(await begin({ sessionIndexes: ['y', 'x'] }), 'tombstoned');
    t.not(await begin({ sessionIndexes: ['y'] }), 'tombstoned');
    t.not(await begin({ idp: 'other', sessionIndexes: ['x'] }), 'tombstoned');
  }
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

test('a session renewed under more SessionIndexes than are kept is found by its first and by its newest (P3)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  let session = await begun(sessions, anna({ sessionIndexes: ['first'] }));
  for (let round = 0; round < 60; round += 1) {
    const renewed = await sessions.renew(session, anna({ sessionIndexes: [`_${round}`] }), undefined, at(round));
    if (renewed === undefined || renewed === 'tombstoned') return t.fail('the session was to go on');
    session = renewed;
  }
  const found = async (index: string): Promise<number> =>
    (await sessions.findBySubject('corp', 'anna@example.com', [index])).length;
  for (const index of ['first', '_59', '_40']) t.is(await found(index), 1, index);
  t.is(session.identity.sessionIndexes.length, 32);
});
