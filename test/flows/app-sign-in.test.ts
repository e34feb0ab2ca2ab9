import test from 'ava';
import { openAppSignIns } from '../../gateway/flows/app-sign-in.ts';
import type { App } from '../../gateway/flows/app.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import type { Session } from '../../gateway/sessions/sessions.ts';
import { openJar } from '../../gateway/upstream/jar.ts';
import { anna } from '../sessions/people.ts';
import { at, idOf } from '../sessions/records.ts';

/** An app whose form wants what nobody is known by, so that each attempt is over before anything is sent. */
const app = {
  app: 'wiki',
  origins: ['https://wiki.example.com'],
  formSignIn: {
    form: {
      page: '/login',
      fields: [{ name: 'u', template: '${attributes.none}' }],
      signedInWhen: { kind: 'path', path: '/' },
    },
    credentials: new Map(),
    isExpired: undefined,
  },
} as unknown as App;
const jar = openJar([], { public: ['wiki.example.com'], upstream: 'wiki.internal' });

function stage(most?: number) {
  const listeners: ((id: SessionId) => void)[] = [];
  const onEnded = (listener: (id: SessionId) => void) => {
    listeners.push(listener);
    return () => {};
  };
  const signIns = openAppSignIns({ sessions: { onEnded }, clock: { now: () => at(0) }, log: silentLog, most });
  const sessionOf = (name: string): Session => ({
    id: idOf(name),
    identity: anna(),
    createdAt: at(0),
    expiresAt: at(1000),
  });
  return {
    /** Whether an attempt began. */
    begins: async (name: string): Promise<boolean> => {
      const begun = signIns.ensure(sessionOf(name), app, jar, []);
      await begun;
      return begun !== undefined;
    },
    /** Two requests at once. */
    both: (name: string) => [1, 2].map(() => signIns.ensure(sessionOf(name), app, jar, [])),
    end: (name: string) => listeners.forEach((listener) => listener(idOf(name))),
  };
}

test('a sign-in that failed is not tried again at once, and an ended session is forgotten', async (t) => {
  const { begins, end } = stage();
  t.true(await begins('one'));
  t.false(await begins('one'));
  end('one');
  t.true(await begins('one'));
});

test('of no more sessions than allowed is it remembered: the word of an ending may be lost', async (t) => {
  const { begins } = stage(2);
  for (const name of ['one', 'two', 'three']) t.true(await begins(name));
  t.false(await begins('two'));
  t.false(await begins('three'));
  t.true(await begins('one'));
});

test('a sign-in that runs is remembered, however many others there are', async (t) => {
  const { both, begins } = stage(1);
  const [first, second] = both('one');
  t.is(first, second);
  const other = begins('two');
  t.is(both('one')[0], first);
  await Promise.all([first, other]);
});
