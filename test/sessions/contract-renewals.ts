// The contract of renewals: what an identity provider says anew of a session takes the place of what it said before, and nothing else changes.

import { begin, lawsOf, names, type Factory, type Usual } from './laws.ts';
import { at, bytes, idOf } from './records.ts';

/** Declares the laws for one backend. */
export function renewalContract(backend: string, open: Factory, usual: Usual): void {
  const law = lawsOf(backend, open, usual);
  const anew = (differing: object = {}) => ({
    ...{ id: idOf('s1'), subject: 'anna', indexes: ['new', 'index-1'], sealed: bytes('anew'), expiresAt: at(90) },
    ...differing,
  });

  law(
    'a renewed session is found by its old and new SessionIndexes, and keeps cookies, tokens and beginning',
    async (t, store) => {
      await begin(store, 's1');
      await store.addToken({ hash: 'h1', session: idOf('s1'), host: 'a' });
      await store.mergeCookies(idOf('s1'), 'wiki', [{ key: 'c', sealed: bytes('jar') }]);
      t.is(await store.renew(anew(), at(5), at(5)), 'renewed');
      for (const index of ['new', 'index-1']) {
        t.deepEqual(names(await store.findBySubject('anna', [index])), ['s1']);
        t.deepEqual(names(await store.findByIndexes([index])), ['s1']);
      }
      const found = await store.findByToken('h1');
      t.like(found?.record, { subject: 'anna', indexes: ['new', 'index-1'], createdAt: at(0), expiresAt: at(90) });
      t.deepEqual(found?.record.sealed, bytes('anew'));
      t.is(found?.record.lastUsedAt, at(5), 'it is a use');
      t.is((await store.cookies(idOf('s1'), 'wiki')).length, 1);
      t.deepEqual(names(await store.due(at(-1), at(90), 10)), ['s1'], 'it ends when it ends now');
    },
  );

  law('an ended session is not renewed', async (t, store) => {
    await begin(store, 's1');
    await store.end(idOf('s1'), at(1));
    t.is(await store.renew(anew(), at(5), at(5)), 'ended');
    t.is(await store.renew(anew({ id: idOf('never') }), at(5), at(5)), 'ended');
    t.is(await store.find(idOf('s1')), undefined);
    t.is(await store.count(), 0);
    t.deepEqual(await store.findByIndexes(['new']), []);
  });

  law('a logout that came first forbids the renewal, by SessionIndex or as a whole (P6)', async (t, store) => {
    await begin(store, 's1');
    await store.bury([{ subject: 'anna', index: 'new', issuedAt: at(1), until: at(100) }]);
    t.is(await store.renew(anew(), at(5), at(5)), 'tombstoned');
    t.is(
      await store.renew(anew({ indexes: ['other'] }), at(5), at(5), [{ subject: 'anna', indexes: ['new'] }]),
      'tombstoned',
    );
    t.is(await store.renew(anew(), at(5), at(100)), 'renewed', 'its time has passed');
    await begin(store, 's2', { subject: 'berta' });
    await store.bury([{ subject: 'berta', index: undefined, issuedAt: at(10), until: at(100) }]);
    const hers = anew({ id: idOf('s2'), subject: 'berta', indexes: [] });
    t.is(await store.renew(hers, at(10), at(20)), 'tombstoned');
    t.is(await store.renew(hers, at(11), at(20)), 'renewed');
  });

  law('a renewed session ends as a whole: none of its names finds it', async (t, store) => {
    await begin(store, 's1');
    await store.renew(anew({ subject: 'anna-under-a-new-secret' }), at(5), at(5));
    t.deepEqual(names(await store.findBySubject('anna-under-a-new-secret', [])), ['s1']);
    t.is((await store.end(idOf('s1'), at(6)))?.subject, 'anna-under-a-new-secret');
    for (const subject of ['anna', 'anna-under-a-new-secret']) t.deepEqual(await store.findBySubject(subject, []), []);
    t.deepEqual(await store.findByIndexes(['new', 'index-1']), []);
  });
}
