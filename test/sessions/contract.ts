// The contract of sessions/store.ts as laws. Every backend runs it under its own name, with a factory for empty stores.

import test, { type ExecutionContext } from 'ava';
import type { SessionRecord, Store, Tombstone } from '../../gateway/sessions/store.ts';
import { at, bytes, idOf, record } from './records.ts';

export type Factory = (t: ExecutionContext) => Store;

const tombstone = (differing: Partial<Tombstone> = {}): Tombstone => ({
  subject: 'anna',
  index: undefined,
  issuedAt: at(1000),
  until: at(60_000),
  ...differing,
});

const begin = (store: Store, id: string, differing?: Partial<SessionRecord>): Promise<'begun' | 'tombstoned'> =>
  store.begin(record(id, differing), at(0), at(0));
const names = (records: readonly SessionRecord[]): string[] => records.map(({ id }) => id as string).sort();
const twenty = <T>(ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, ask));

/** Declares the laws for one backend. */
export function contract(backend: string, open: Factory): void {
  const law = (title: string, body: (t: ExecutionContext, store: Store) => Promise<void>): void =>
    test(`${backend}: ${title}`, (t) => body(t, open(t)));

  law('a session that began is found by its id, every field as it was', async (t, store) => {
    const one = record('s1', { indexes: ['b', 'a'], sealed: Uint8Array.of(0, 255, 1) });
    t.is(await store.begin(one, at(0), at(0)), 'begun');
    const found = await store.find(one.id);
    t.deepEqual({ ...found, sealed: [...(found?.sealed ?? [])] }, { ...one, sealed: [0, 255, 1] });
    t.is(await store.find(idOf('never')), undefined);
  });

  law('beginning under an id that is taken rejects and leaves the first session alone', async (t, store) => {
    await begin(store, 's1', { subject: 'anna' });
    await t.throwsAsync(begin(store, 's1', { subject: 'berta' }));
    t.deepEqual(names(await store.findBySubject('anna', [])), ['s1']);
    t.deepEqual(await store.findBySubject('berta', []), []);
  });

  law('a beginning that fails takes none of its neighbours along', async (t, store) => {
    await begin(store, 's1');
    const [a, b, c] = await Promise.allSettled([begin(store, 's2'), begin(store, 's1'), begin(store, 's3')]);
    t.deepEqual([a.status, b.status, c.status], ['fulfilled', 'rejected', 'fulfilled']);
    t.is(await store.count(), 3);
  });

  law(
    'a tombstone over the subject forbids sessions authenticated until its IssueInstant, and no later (P6)',
    async (t, store) => {
      await store.bury([tombstone({ issuedAt: at(1000) })]);
      t.is(await store.begin(record('before'), at(999), at(2000)), 'tombstoned');
      t.is(await store.begin(record('same'), at(1000), at(2000)), 'tombstoned');
      t.is(await store.begin(record('anew'), at(1001), at(2000)), 'begun');
      t.is(await store.begin(record('other', { subject: 'berta' }), at(999), at(2000)), 'begun');
      t.is(await store.count(), 2);
    },
  );

  law('a tombstone for a SessionIndex forbids every session of its subject with that index (P6)', async (t, store) => {
    await store.bury([tombstone({ index: 'index-1' })]);
    t.is(await store.begin(record('s1', { indexes: ['x', 'index-1'] }), at(5000), at(2000)), 'tombstoned');
    t.is(await store.begin(record('s2', { indexes: ['index-2'] }), at(0), at(2000)), 'begun');
    t.is(await store.begin(record('s3', { indexes: [] }), at(0), at(2000)), 'begun');
    t.is(await store.begin(record('s4', { subject: 'berta' }), at(0), at(2000)), 'begun');
  });

  law('what a tombstone forbids leaves nothing behind (P6)', async (t, store) => {
    await store.bury([tombstone()]);
    await begin(store, 's1');
    t.is(await store.find(idOf('s1')), undefined);
    t.deepEqual(await store.findBySubject('anna', []), []);
    t.false(await store.addToken({ hash: 'h', session: idOf('s1'), host: 'a' }));
    t.is(await store.count(), 0);
  });

  law('a tombstone under a former name of the same person forbids as well (P6)', async (t, store) => {
    await store.bury([tombstone({ subject: 'old anna' }), tombstone({ subject: 'old berta', index: 'old 1' })]);
    const former = [
      { subject: 'older', indexes: [] },
      { subject: 'old anna', indexes: [] },
    ];
    t.is(await store.begin(record('s1'), at(0), at(0), former), 'tombstoned');
    t.is(await store.begin(record('s2'), at(0), at(0), [{ subject: 'old berta', indexes: ['old 1'] }]), 'tombstoned');
    t.is(await store.begin(record('s3'), at(0), at(0), [{ subject: 'old berta', indexes: ['old 2'] }]), 'begun');
  });

  law('a tombstone is in force while now is before its end, by the time it is told', async (t, store) => {
    await store.bury([tombstone({ until: at(100) })]);
    t.is(await store.begin(record('s1'), at(0), at(99)), 'tombstoned');
    t.is(await store.begin(record('s1'), at(0), at(100)), 'begun');
  });

  law('a tombstone that stands is only ever extended', async (t, store) => {
    await store.bury([tombstone({ issuedAt: at(1000), until: at(5000) })]);
    await store.bury([tombstone({ issuedAt: at(500), until: at(4000) })]);
    t.is(await store.begin(record('s1'), at(1000), at(4999)), 'tombstoned');
    await store.bury([tombstone({ issuedAt: at(2000), until: at(9000) })]);
    t.is(await store.begin(record('s1'), at(2000), at(8999)), 'tombstoned');
  });

  law('a logout and twenty late assertions at once leave no session behind it (P6)', async (t, store) => {
    const late = Array.from({ length: 20 }, (_, n) => begin(store, `late ${n}`));
    await store.bury([tombstone()]);
    for (const { id } of await store.findBySubject('anna', [])) await store.end(id, at(0));
    await Promise.all(late);
    t.deepEqual(await store.findBySubject('anna', []), []);
  });

  law('a token opens its session and tells the host it is good on (P11)', async (t, store) => {
    await begin(store, 's1');
    await begin(store, 's2');
    t.true(await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'wiki.example' }));
    t.true(await store.addToken({ hash: 'h2', session: idOf('s1'), host: 'mail.example' }));
    const [one, two] = [await store.findByToken('h1'), await store.findByToken('h2')];
    t.deepEqual([one?.host, two?.host], ['wiki.example', 'mail.example']);
    t.deepEqual([one?.record.id, two?.record.id], [idOf('s1'), idOf('s1')]);
    t.deepEqual(one?.record, await store.find(idOf('s1')));
    t.is(await store.findByToken('h3'), undefined);
  });

  law('a token is never moved to another session (P11)', async (t, store) => {
    await begin(store, 's1');
    await begin(store, 's2');
    await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'a' });
    await t.throwsAsync(store.addToken({ hash: 'h1', session: idOf('s2'), host: 'a' }));
    t.is((await store.findByToken('h1'))?.record.id, idOf('s1'));
  });

  law('no token is added to a session that has ended or never was', async (t, store) => {
    await begin(store, 's1');
    await store.end(idOf('s1'), at(1));
    t.false(await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'a' }));
    t.false(await store.addToken({ hash: 'h2', session: idOf('never'), host: 'a' }));
    t.is(await store.findByToken('h1'), undefined);
  });

  law('finding extends nothing and judges no age; touching notes the use and never moves it back', async (t, store) => {
    await begin(store, 's1', { expiresAt: at(5) });
    await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'a' });
    await store.findByToken('h1');
    t.is((await store.find(idOf('s1')))?.lastUsedAt, at(0));
    t.true(await store.touch(idOf('s1'), at(70)));
    t.true(await store.touch(idOf('s1'), at(30)));
    t.is((await store.findByToken('h1'))?.record.lastUsedAt, at(70));
  });

  law('touching never brings back an ended session', async (t, store) => {
    await begin(store, 's1');
    await store.end(idOf('s1'), at(1));
    t.false(await store.touch(idOf('s1'), at(2)));
    t.is(await store.find(idOf('s1')), undefined);
    t.false(await store.touch(idOf('never'), at(2)));
    t.is(await store.count(), 0);
  });

  law(
    'no SessionIndex finds all sessions of the subject, several find each that has one of them (P2, P3)',
    async (t, store) => {
      await begin(store, 's1', { indexes: ['a', 'b'] });
      await begin(store, 's2', { indexes: ['b'] });
      await begin(store, 's3', { indexes: ['c'] });
      await begin(store, 's4', { indexes: [] });
      await begin(store, 'berta', { subject: 'berta', indexes: ['a', 'b', 'c'] });
      t.deepEqual(names(await store.findBySubject('anna', [])), ['s1', 's2', 's3', 's4']);
      t.deepEqual(names(await store.findBySubject('anna', ['b'])), ['s1', 's2']);
      t.deepEqual(names(await store.findBySubject('anna', ['a', 'b', 'c'])), ['s1', 's2', 's3']);
      t.deepEqual(names(await store.findBySubject('anna', ['unknown'])), []);
      t.deepEqual(names(await store.findBySubject('nobody', [])), []);
    },
  );

  law('of twenty that end a session at once, one gets it (P5)', async (t, store) => {
    await begin(store, 's1');
    const ended = await twenty(() => store.end(idOf('s1'), at(1)));
    t.deepEqual(names(ended.filter((one) => one !== undefined)), ['s1']);
    t.is(await store.end(idOf('s1'), at(2)), undefined);
    t.is(await store.end(idOf('never'), at(2)), undefined);
  });

  law(
    'an ended session is handed over whole and opens nothing any more: token, id, subject, index (P1)',
    async (t, store) => {
      await begin(store, 's1', { indexes: ['a', 'b'] });
      await begin(store, 's2', { indexes: ['a'] });
      await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'a' });
      await store.addToken({ hash: 'h2', session: idOf('s2'), host: 'a' });
      const before = await store.find(idOf('s1'));
      t.deepEqual(await store.end(idOf('s1'), at(1)), before);
      t.is(await store.findByToken('h1'), undefined);
      t.is(await store.find(idOf('s1')), undefined);
      t.deepEqual(names(await store.findBySubject('anna', [])), ['s2']);
      t.deepEqual(names(await store.findBySubject('anna', ['a'])), ['s2']);
      t.is((await store.findByToken('h2'))?.record.id, idOf('s2'));
      t.is(await store.count(), 1);
    },
  );

  law('an ended session stays unfinished until it is forgotten (P13)', async (t, store) => {
    await begin(store, 's1');
    await begin(store, 's2');
    t.deepEqual(await store.unfinished(), []);
    const ended = await store.end(idOf('s1'), at(1));
    t.deepEqual(await store.unfinished(), [ended]);
    await store.forget(idOf('s1'));
    t.deepEqual(await store.unfinished(), []);
  });

  law('forgetting a session that lives does nothing to it', async (t, store) => {
    await begin(store, 's1');
    await store.forget(idOf('s1'));
    t.deepEqual(names(await store.findBySubject('anna', [])), ['s1']);
    t.not(await store.end(idOf('s1'), at(1)), undefined);
  });

  law('due are living sessions idle long enough or past their end, at most as many as asked for', async (t, store) => {
    await begin(store, 'idle', { lastUsedAt: at(100) });
    await begin(store, 'used', { lastUsedAt: at(101) });
    await begin(store, 'over', { lastUsedAt: at(150), expiresAt: at(200) });
    await begin(store, 'not over', { lastUsedAt: at(150), expiresAt: at(201) });
    await begin(store, 'ended', { lastUsedAt: at(1) });
    await store.end(idOf('ended'), at(2));
    t.deepEqual(names(await store.due(at(100), at(200), 10)), ['idle', 'over']);
    t.is((await store.due(at(100), at(200), 1)).length, 1);
    t.deepEqual(await store.due(at(99), at(199), 10), []);
  });

  law('whoever listens hears of an end before end answers, once, until they unsubscribe (P1)', async (t, store) => {
    await begin(store, 's1');
    await begin(store, 's2');
    const heard: string[] = [];
    const unsubscribe = store.onEnded((id) => heard.push(id));
    await store.end(idOf('s1'), at(1));
    heard.push('answered');
    await store.end(idOf('s1'), at(1));
    t.deepEqual(heard, ['s1', 'answered']);
    unsubscribe();
    await store.end(idOf('s2'), at(1));
    t.false(heard.includes('s2'));
  });

  law('a listener that throws keeps no other from hearing, and is not hidden (P1)', async (t, store) => {
    await begin(store, 's1');
    const heard: string[] = [];
    store.onEnded(() => {
      throw new Error('deaf');
    });
    store.onEnded((id) => heard.push(id));
    await t.throwsAsync(store.end(idOf('s1'), at(1)), { message: /listener/ });
    t.deepEqual(heard, ['s1']);
    t.is(await store.find(idOf('s1')), undefined);
  });

  law('of twenty that name an id at once, one is the first (P5)', async (t, store) => {
    const answers = await twenty(() => store.once('message', 'id-1', at(100), at(0)));
    t.is(answers.filter(Boolean).length, 1);
    t.false(await store.once('message', 'id-1', at(900), at(99)));
    t.true(await store.once('message', 'id-2', at(100), at(0)));
    t.true(await store.once('other', 'id-1', at(100), at(0)));
  });

  law('an id may be named again when its time has passed, and never after its own', async (t, store) => {
    t.true(await store.once('message', 'id-1', at(100), at(0)));
    t.true(await store.once('message', 'id-1', at(200), at(100)));
    t.false(await store.once('message', 'id-1', at(200), at(199)));
    t.false(await store.once('message', 'late', at(50), at(50)));
  });

  law('what is kept is read until its time, and a second keeping replaces it', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    await store.keep('ticket', 'a', bytes('two'), at(200));
    t.deepEqual(await store.read('ticket', 'a', at(199)), bytes('two'));
    t.is(await store.read('ticket', 'a', at(200)), undefined);
    t.is(await store.read('other', 'a', at(0)), undefined);
    t.is(await store.read('ticket', 'b', at(0)), undefined);
  });

  law('of twenty that take what is kept at once, one gets it', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    const taken = await twenty(() => store.take('ticket', 'a', at(1)));
    t.deepEqual(
      taken.filter((value) => value !== undefined),
      [bytes('one')],
    );
    t.is(await store.read('ticket', 'a', at(1)), undefined);
  });

  law('what has passed its time is not taken', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    t.is(await store.take('ticket', 'a', at(100)), undefined);
  });

  law('what is named once and what is kept do not meet', async (t, store) => {
    await store.keep('k', 'a', bytes('one'), at(100));
    t.true(await store.once('k', 'a', at(100), at(0)));
    t.deepEqual(await store.take('k', 'a', at(0)), bytes('one'));
    t.false(await store.once('k', 'a', at(100), at(0)));
    t.is(await store.read('k', 'a', at(0)), undefined);
  });

  law('sweeping removes what has expired, tells how many, and leaves sessions and the rest', async (t, store) => {
    await begin(store, 's1', { expiresAt: at(1) });
    await store.once('k', 'gone', at(100), at(0));
    await store.once('k', 'stays', at(101), at(0));
    await store.keep('k', 'gone', bytes('x'), at(100));
    await store.keep('k', 'stays', bytes('x'), at(101));
    await store.bury([tombstone({ until: at(100) }), tombstone({ index: 'i', until: at(101) })]);
    t.is(await store.sweep(at(99)), 0);
    t.is(await store.sweep(at(100)), 3);
    t.is(await store.sweep(at(100)), 0);
    t.false(await store.once('k', 'stays', at(101), at(100)));
    t.deepEqual(await store.read('k', 'stays', at(100)), bytes('x'));
    t.is(await store.begin(record('s2', { indexes: ['i'] }), at(0), at(100)), 'tombstoned');
    t.is(await store.count(), 1);
  });

  law('it counts living sessions and says that it is ready', async (t, store) => {
    t.is(await store.count(), 0);
    await begin(store, 's1');
    await begin(store, 's2');
    await store.end(idOf('s1'), at(1));
    t.is(await store.count(), 1);
    await t.notThrowsAsync(store.ready());
  });
}
