// The contract of sessions/store.ts as laws. Every backend runs it under its own name, with a factory for empty stores.

import test from 'ava';
import { cookieContract } from './contract-cookies.ts';
import { ledgerContract } from './contract-ledger.ts';
import { renewalContract } from './contract-renewals.ts';
import { tombstoneContract } from './contract-tombstones.ts';
import { begin, lawsOf, names, twenty, type Factory, type Usual } from './laws.ts';
import { at, idOf, record } from './records.ts';

/** Declares the laws for one backend. */
export function contract(backend: string, open: Factory, differing: Partial<Usual> = {}): void {
  const usual: Usual = { sweeps: true, declare: (title, body) => test(title, body), ...differing };
  tombstoneContract(backend, open, usual);
  ledgerContract(backend, open, usual);
  cookieContract(backend, open, usual);
  renewalContract(backend, open, usual);
  const law = lawsOf(backend, open, usual);

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
    'no SessionIndex finds all sessions of the subject, several find each that has one of them, or none at all (P1, P2, P3)',
    async (t, store) => {
      await begin(store, 's1', { indexes: ['a', 'b'] });
      await begin(store, 's2', { indexes: ['b'] });
      await begin(store, 's3', { indexes: ['c'] });
      await begin(store, 's4', { indexes: [] });
      await begin(store, 'berta', { subject: 'berta', indexes: ['a', 'b', 'c'] });
      t.deepEqual(names(await store.findBySubject('anna', [])), ['s1', 's2', 's3', 's4']);
      t.deepEqual(names(await store.findBySubject('anna', ['b'])), ['s1', 's2', 's4']);
      t.deepEqual(names(await store.findBySubject('anna', ['a', 'b', 'c'])), ['s1', 's2', 's3', 's4']);
      t.deepEqual(names(await store.findBySubject('anna', ['unknown'])), ['s4']);
      t.deepEqual(names(await store.findBySubject('nobody', [])), []);
      t.deepEqual(names(await store.findByIndexes(['b', 'c'])), ['berta', 's1', 's2', 's3']);
      t.deepEqual(names(await store.findByIndexes(['unknown'])), []);
      t.deepEqual(names(await store.findByIndexes([])), []);
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
      t.deepEqual(names(await store.findByIndexes(['a', 'b'])), ['s2']);
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

  law('nobody adopts what a process that lives is ending (P7)', async (t, store) => {
    await begin(store, 's1');
    await store.end(idOf('s1'), at(1));
    t.deepEqual(await store.adopt(), []);
    t.deepEqual(names(await store.unfinished()), ['s1']);
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

  law('it lists living sessions by pages, those that end last first', async (t, store) => {
    for (const [id, end] of [
      ['s1', 2000],
      ['s2', 4000],
      ['s3', 3000],
      ['s4', 5000],
    ] as const)
      await begin(store, id, { expiresAt: at(36_000_000 + end) });
    await store.end(idOf('s4'), at(1));
    const page = async (offset: number, limit: number) => (await store.list(offset, limit)).map(({ id }) => id);
    t.deepEqual(await page(0, 2), [idOf('s2'), idOf('s3')]);
    t.deepEqual(await page(2, 2), [idOf('s1')]);
    t.deepEqual(await page(4, 2), []);
    t.deepEqual((await store.list(0, 1))[0], await store.find(idOf('s2')));
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
