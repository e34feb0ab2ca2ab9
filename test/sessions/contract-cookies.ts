// The contract of cookies: kept with a session cookie by cookie, and gone with it (P7, P10).

import type { CookieChange, Store } from '../../gateway/sessions/store.ts';
import { begin, lawsOf, names, type Factory, type Usual } from './laws.ts';
import { at, bytes, idOf } from './records.ts';

const s1 = idOf('s1');
const set = (key: string, text: string): CookieChange => ({ key, sealed: bytes(text) });
const removed = (key: string): CookieChange => ({ key, sealed: undefined });

/** What a jar holds, as `key=text`, sorted. */
async function jar(store: Store, id = s1, app = 'wiki'): Promise<string[]> {
  const cookies = await store.cookies(id, app);
  return cookies.map(({ key, sealed }) => `${key}=${Buffer.from(sealed).toString()}`).sort();
}

const apps = async (store: Store, id = s1): Promise<string[]> => [...(await store.appsWithCookies(id))].sort();

/** Declares the laws of cookies for one backend. */
export function cookieContract(backend: string, open: Factory, usual: Usual): void {
  const law = lawsOf(backend, open, usual);

  law(
    'cookies are kept by session and app, byte for byte, and met by no other session or app (P10)',
    async (t, store) => {
      await begin(store, 's1');
      await begin(store, 's2');
      const odd = Uint8Array.of(0, 255, 1);
      t.truthy(await store.mergeCookies(s1, 'wiki', [set('a', 'one'), { key: 'b', sealed: odd }]));
      t.truthy(await store.mergeCookies(s1, 'mail', [set('a', 'of mail')]));
      t.truthy(await store.mergeCookies(idOf('s2'), 'wiki', [set('a', 'of s2')]));
      const found = await store.cookies(s1, 'wiki');
      t.deepEqual(found.map(({ key }) => key).sort(), ['a', 'b']);
      t.deepEqual([...(found.find(({ key }) => key === 'b')?.sealed ?? [])], [...odd]);
      t.deepEqual(await jar(store, s1, 'mail'), ['a=of mail']);
      t.deepEqual(await jar(store, idOf('s2')), ['a=of s2']);
      t.deepEqual(await jar(store, s1, 'Wiki'), []);
      t.deepEqual(await jar(store, idOf('never')), []);
    },
  );

  law('a change replaces or removes the cookie it names and leaves the others', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('a', '1'), set('b', '1'), set('c', '1')]);
    t.truthy(await store.mergeCookies(s1, 'wiki', [set('a', '2'), removed('b'), removed('unknown')]));
    t.deepEqual(await jar(store), ['a=2', 'c=1']);
    t.truthy(await store.mergeCookies(s1, 'wiki', []));
    t.deepEqual(await jar(store), ['a=2', 'c=1']);
  });

  law('of changes to one cookie in one call the last counts', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('a', '1'), set('a', '2'), removed('b'), set('b', '3')]);
    t.deepEqual(await jar(store), ['a=2', 'b=3']);
    await store.mergeCookies(s1, 'wiki', [set('a', '4'), removed('a')]);
    t.deepEqual(await jar(store), ['b=3']);
  });

  law('ten answers at once undo nothing of each other', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('old', '1'), set('last', '1')]);
    const answers = Array.from({ length: 10 }, (_, n) =>
      store.mergeCookies(s1, 'wiki', [set(`own ${n}`, 'x'), n === 4 ? removed('old') : set(`more ${n}`, 'x')]),
    );
    t.true((await Promise.all(answers)).every((version) => version > 0));
    const all = (await store.cookies(s1, 'wiki')).map(({ key }) => key);
    t.is(new Set(all).size, 20);
    t.is(all.length, 20);
    t.false(all.includes('old'));
    t.true(all.includes('last'));
  });

  law('where one change of a call cannot be made none is, and neighbours are', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('a', '1')]);
    const broken: CookieChange = {
      key: 'c',
      get sealed(): undefined {
        throw new Error('cannot be read');
      },
    };
    const outcomes = await Promise.allSettled([
      store.mergeCookies(s1, 'wiki', [set('before', '1')]),
      store.mergeCookies(s1, 'wiki', [set('a', '2'), set('b', '2'), broken]),
      store.mergeCookies(s1, 'wiki', [set('after', '1')]),
    ]);
    t.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    t.deepEqual(await jar(store), ['a=1', 'after=1', 'before=1']);
  });

  law(
    'the cookies of an ended session stay for its goodbye until it is forgotten, and then are gone (P7)',
    async (t, store) => {
      await begin(store, 's1');
      await begin(store, 's2');
      for (const app of ['wiki', 'mail']) {
        for (const id of ['s1', 's2']) await store.mergeCookies(idOf(id), app, [set('a', id)]);
      }
      await store.end(s1, at(1));
      t.deepEqual(await jar(store), ['a=s1']);
      t.deepEqual(await apps(store), ['mail', 'wiki']);
      await store.forget(s1);
      t.deepEqual([await jar(store), await jar(store, s1, 'mail'), await apps(store)], [[], [], []]);
      t.deepEqual([await jar(store, idOf('s2')), await jar(store, idOf('s2'), 'mail')], [['a=s2'], ['a=s2']]);
    },
  );

  law('a late answer neither revives an ended session nor reaches its jar (P7)', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('a', '1')]);
    await store.end(s1, at(1));
    t.falsy(await store.mergeCookies(s1, 'wiki', [set('a', '2'), set('b', '2')]));
    t.falsy(await store.mergeCookies(s1, 'wiki', [removed('a')]));
    t.falsy(await store.mergeCookies(s1, 'mail', []));
    t.deepEqual([await jar(store), await apps(store)], [['a=1'], ['wiki']]);
    await store.forget(s1);
    t.falsy(await store.mergeCookies(s1, 'wiki', [set('a', '3')]));
    t.falsy(await store.mergeCookies(idOf('never'), 'wiki', [set('a', '3')]));
    t.deepEqual([await jar(store), await jar(store, idOf('never')), await apps(store)], [[], [], []]);
    t.is(await store.find(s1), undefined);
    t.deepEqual(await store.unfinished(), []);
  });

  law(
    'of answers that arrive around an end none is in the jar that was told it came too late (P7)',
    async (t, store) => {
      await begin(store, 's1');
      const merge = (n: number): Promise<number> => store.mergeCookies(s1, 'wiki', [set(`${n}`, 'x')]);
      const [one, two, ended, three, four] = await Promise.all([
        merge(1),
        merge(2),
        store.end(s1, at(1)),
        merge(3),
        merge(4),
      ]);
      t.not(ended, undefined);
      const told = [one, two, three, four].flatMap((kept, n) => (kept > 0 ? [`${n + 1}=x`] : []));
      t.deepEqual(await jar(store), told);
      t.falsy(await merge(5));
    },
  );

  law('forgetting a session that lives leaves its cookies', async (t, store) => {
    await begin(store, 's1');
    await store.mergeCookies(s1, 'wiki', [set('a', '1')]);
    await store.forget(s1);
    t.deepEqual(await jar(store), ['a=1']);
    t.deepEqual(names(await store.findBySubject('anna', [])), ['s1']);
  });

  law(
    'an app is among those with cookies as long as it has one, once, also at an unfinished session',
    async (t, store) => {
      await begin(store, 's1');
      t.deepEqual(await apps(store), []);
      await store.mergeCookies(s1, 'wiki', [set('a', '1'), set('b', '1')]);
      await store.mergeCookies(s1, 'mail', [set('a', '1')]);
      await store.mergeCookies(s1, 'none', [removed('a')]);
      t.deepEqual(await apps(store), ['mail', 'wiki']);
      await store.mergeCookies(s1, 'mail', [removed('a')]);
      t.deepEqual(await apps(store), ['wiki']);
      await store.end(s1, at(1));
      t.deepEqual(await apps(store), ['wiki']);
      t.deepEqual(await apps(store, idOf('never')), []);
    },
  );

  law('sweeping leaves the cookies of living and unfinished sessions', async (t, store) => {
    await begin(store, 's1');
    await begin(store, 's2');
    for (const id of ['s1', 's2']) await store.mergeCookies(idOf(id), 'wiki', [set('a', '1')]);
    await store.end(idOf('s2'), at(1));
    await store.sweep(at(1e12));
    t.deepEqual([await jar(store), await jar(store, idOf('s2'))], [['a=1'], ['a=1']]);
  });
}
