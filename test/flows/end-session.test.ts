// The one death, over a store that fails.

import test from 'ava';
import { openEndings } from '../../gateway/flows/endings.ts';
import { openEndSession, type EndSessionParts } from '../../gateway/flows/end-session.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import { untraced } from '../../gateway/kernel/tracing.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { liveConnections } from '../../gateway/live/connections.ts';

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
    endings: openEndings(),
    elsewhere: { told: async () => {} },
    tellIdp: { ended: () => t.fail('an identity provider was told') },
    clock: systemClock,
    audit: { record: () => t.fail('an ending was written down') },
    log: silentLog,
    tracing: untraced,
  });
  await t.throwsAsync(endSession(id, { reason: 'idp-logout' }), { message: 'disk full' });
  t.true(isDestroyed);
  t.is(live.count(), 0);
});
