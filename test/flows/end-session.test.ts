// The one death, over a store that fails.

import test from 'ava';
import { openEndings } from '../../gateway/flows/endings.ts';
import { openEndSession, type EndSessionParts } from '../../gateway/flows/end-session.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import { untraced } from '../../gateway/kernel/tracing.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { liveConnections } from '../../gateway/live/connections.ts';
import type { Session } from '../../gateway/sessions/sessions.ts';

test('where the store cannot end a session its connections are cut all the same, and nobody is told it ended (P8, P12)', async (t) => {
  const live = liveConnections();
  const id = 'one' as SessionId;
  let isDestroyed = false;
  live.register(id, {
    destroy: () => {
      isDestroyed = true;
    },
  });
  const endSession = openEndSession({
    sessions: {
      end: () => Promise.reject(new Error('disk full')),
      onEnded: () => () => {},
    } as unknown as EndSessionParts['sessions'],
    live,
    goodbyes: { meet: () => {}, say: async () => t.fail('an app was told') },
    endings: openEndings({ log: silentLog }),
    elsewhere: { told: async () => {} },
    untold: { note: async () => {} },
    tellIdp: { ended: () => t.fail('an identity provider was told') },
    clock: systemClock,
    audit: { record: () => t.fail('an ending was written down') },
    tracing: untraced,
  });
  await t.throwsAsync(endSession(id, { reason: 'idp-logout' }), { message: 'disk full' });
  t.true(isDestroyed);
  t.is(live.count(), 0);
});

test('a session whose last step failed is finished when the store answers again, and its apps are told once (P1, P7)', async (t) => {
  const id = 'one' as SessionId;
  const session = { id, identity: { idp: 'corp', nameId: { value: 'alice' } } } as Session;
  const done: string[] = [];
  let isAway = true;
  const step = (name: string) => async () => {
    if (isAway) throw new Error('the store is away');
    done.push(name);
  };
  const endings = openEndings({ log: silentLog });
  const endSession = openEndSession({
    sessions: {
      end: async () => session,
      onEnded: () => () => {},
      forget: step('forgotten'),
    } as unknown as EndSessionParts['sessions'],
    live: liveConnections(),
    goodbyes: { meet: () => {}, say: async () => (done.push('said'), []) },
    endings,
    elsewhere: { told: step('noted') },
    untold: { note: async () => {} },
    tellIdp: { ended: () => {} },
    clock: systemClock,
    audit: { record: () => {} },
    tracing: untraced,
  });
  t.is((await endSession(id, { reason: 'idp-logout' }))?.session, session);
  await endings.again();
  t.deepEqual(done, ['said']);
  isAway = false;
  await endings.again();
  await endings.again();
  t.deepEqual(done, ['said', 'noted', 'forgotten']);
});

test('that an app was not told is remembered until a LogoutRequest is answered, and for nobody else’s ending (P1)', async (t) => {
  const session = { id: 'one' as SessionId, identity: { idp: 'corp', nameId: { value: 'alice' } } } as Session;
  const noted: unknown[] = [];
  const said = [
    { app: 'wiki', required: true, outcome: { kind: 'failed', reason: 'unexpected', milliseconds: 1 } },
  ] as const;
  const endSession = openEndSession({
    sessions: {
      end: async () => session,
      onEnded: () => () => {},
      forget: async () => void noted.push('forgotten'),
    } as unknown as EndSessionParts['sessions'],
    live: liveConnections(),
    goodbyes: { meet: () => {}, say: async () => said },
    endings: openEndings({ log: silentLog }),
    elsewhere: { told: async () => {} },
    untold: { note: async (_session, goodbyes) => void noted.push(goodbyes) },
    tellIdp: { ended: () => {} },
    clock: systemClock,
    audit: { record: () => {} },
    tracing: untraced,
  });
  await endSession(session.id, { reason: 'idle' });
  t.deepEqual(noted, ['forgotten']);
  await endSession(session.id, { reason: 'idp-logout' });
  t.deepEqual(noted, ['forgotten', said, 'forgotten'], 'before the session is forgotten');
});
