// The contract of tombstones: after a logout nothing begins that the logout was about (saml-core §3.7.3.1).

import type { Tombstone } from '../../gateway/sessions/store.ts';
import { begin, lawsOf, type Factory, type Usual } from './laws.ts';
import { at, bytes, idOf, record } from './records.ts';

const tombstone = (differing: Partial<Tombstone> = {}): Tombstone => ({
  subject: 'anna',
  index: undefined,
  issuedAt: at(1000),
  until: at(60_000),
  ...differing,
});

/** Declares the laws of tombstones, and of sweeping them, for one backend. */
export function tombstoneContract(backend: string, open: Factory, usual: Usual): void {
  const law = lawsOf(backend, open, usual);

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

  law('sweeping tells how much of what has expired it removes, and leaves sessions and the rest', async (t, store) => {
    await begin(store, 's1', { expiresAt: at(1) });
    await store.once('k', 'gone', at(100), at(0));
    await store.once('k', 'stays', at(101), at(0));
    await store.keep('k', 'gone', bytes('x'), at(100));
    await store.keep('k', 'stays', bytes('x'), at(101));
    await store.bury([tombstone({ until: at(100) }), tombstone({ index: 'i', until: at(101) })]);
    t.is(await store.sweep(at(99)), 0);
    t.is(await store.sweep(at(100)), usual.sweeps ? 3 : 0);
    t.is(await store.sweep(at(100)), 0);
    t.false(await store.once('k', 'stays', at(101), at(100)));
    t.deepEqual(await store.read('k', 'stays', at(100)), bytes('x'));
    t.is(await store.begin(record('s2', { indexes: ['i'] }), at(0), at(100)), 'tombstoned');
    t.is(await store.count(), 1);
  });
}
