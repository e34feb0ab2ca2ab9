// The one admission, with stores that answer when the test says so.

import test from 'ava';
import type { App } from '../../gateway/flows/app.ts';
import { admit, type AdmitParts } from '../../gateway/flows/admit.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import type { EpochMs, SessionId, Token } from '../../gateway/kernel/words.ts';
import { liveConnections } from '../../gateway/live/connections.ts';
import { readings } from '../../gateway/policy/path.ts';
import { compileTable } from '../../gateway/policy/table.ts';
import type { Session, Sessions } from '../../gateway/sessions/sessions.ts';

const SESSION: Session = {
  id: 'one' as SessionId,
  identity: {
    idp: 'corp',
    nameId: { value: 'alice' },
    sessionIndexes: [],
    attributes: new Map(),
    authnInstant: 0 as EpochMs,
  },
  createdAt: 0 as EpochMs,
  expiresAt: Number.MAX_SAFE_INTEGER as EpochMs,
};

const APP = {
  app: 'wiki',
  hosts: [{ name: 'wiki.test', port: undefined }],
  path: '/',
  identityProviders: ['corp'],
  access: [{ paths: ['/public/**'], allow: { kind: 'anyone' } }, { allow: { kind: 'authenticated' } }],
} as const;

/** An admission over sessions that answer as the test says. */
function door(sessions: Pick<Sessions, 'find' | 'touch'>) {
  const live = liveConnections();
  const parts = {
    table: compileTable([APP as unknown as App]),
    sessions,
    standing: () => 'good',
    live,
    clock: systemClock,
  } as unknown as AdmitParts;
  const client = {
    isDestroyed: false,
    destroy: () => {
      client.isDestroyed = true;
    },
  };
  const ask = (path: string, token = 'a token') =>
    admit(
      parts,
      {
        host: 'wiki.test',
        hostName: 'wiki.test',
        readings: readings(path),
        method: 'GET',
        token: token as Token,
        isPage: true,
      },
      client,
    );
  return { live, client, ask, parts };
}

test('a person whose session lives passes, at once and registered', (t) => {
  const { live, ask } = door({ find: () => SESSION, touch: () => true });
  const admission = ask('/page');
  if (admission instanceof Promise) return t.fail('something was waited for');
  t.is(admission.kind, 'pass');
  t.is(live.count(SESSION.id), 1);
  return undefined;
});

for (const touch of [() => false, async () => false]) {
  test(`a session that ends between the two looks opens nothing, and leaves nothing registered (${touch.constructor.name}) (P1, P8)`, async (t) => {
    const { live, ask } = door({ find: () => SESSION, touch });
    t.is((await ask('/page')).kind, 'sign-in');
    t.is(live.count(), 0);
  });
}

test('the connection is registered before the second look: a logout in between cuts it (P8)', async (t) => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { live, client, ask } = door({ find: () => SESSION, touch: () => promise });
  const admission = ask('/page');
  t.is(live.cut(SESSION.id), 1);
  t.true(client.isDestroyed);
  resolve(false);
  t.is((await admission).kind, 'sign-in');
});

test('whoever waits for the store while other policies are taken over is judged by those', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Session>();
  const former = door({ find: () => promise, touch: () => true });
  const admission = former.ask('/page');
  const next = door({ find: () => SESSION, touch: () => true });
  former.parts.successor = { ...next.parts, table: compileTable<App>([]) };
  resolve(SESSION);
  t.like(await admission, { kind: 'refused', code: 'HOST_UNKNOWN' });
  t.is(former.live.count(), 0);
});

test('a store that fails at the second look rejects and leaves nothing registered (P12)', async (t) => {
  const { live, ask } = door({ find: () => SESSION, touch: () => Promise.reject(new Error('store')) });
  await t.throwsAsync(async () => ask('/page'), { message: 'store' });
  t.is(live.count(), 0);
});

test('a session that ends between the two looks still leaves public paths open, without a person', async (t) => {
  const { ask } = door({ find: () => SESSION, touch: () => false });
  const admission = await ask('/public/page');
  t.is(admission.kind === 'pass' && admission.session, undefined);
});

test('a person of another identity provider is nobody here', async (t) => {
  const other = { ...SESSION, identity: { ...SESSION.identity, idp: 'other' } };
  const { ask } = door({ find: () => other, touch: () => true });
  t.is((await ask('/page')).kind, 'sign-in');
});

test('a path that can be read in two ways is refused before anybody is looked up', async (t) => {
  const { ask } = door({ find: () => t.fail('looked up'), touch: () => true });
  const admission = await ask('/public/..%2fadmin');
  t.is(admission.kind === 'refused' && admission.code, 'PATH_AMBIGUOUS');
});
