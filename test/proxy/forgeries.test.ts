// Who imitates an identity header is noticed: each attempt is counted, and the log is not flooded.

import test from 'ava';
import type { LogFacts } from '../../gateway/kernel/log.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import { uncounted } from '../../gateway/kernel/measures.ts';
import { watchForgeries, type Forgery } from '../../gateway/proxy/forgeries.ts';
import { manualClock } from '../support/clock.ts';
import { answering, get, OK, stage } from './stage.ts';

for (const [lines, headers] of [
  ['remote_user: root\r\n', ['remote-user']],
  ['Remote-User: root\r\nREMOTE.USER: root\r\n', ['remote-user', 'remote-user']],
  ['x_forwarded_groups: admins\r\n', ['x-forwarded-groups']],
  ['Connection: close, Remote_User\r\n', ['remote-user']],
  ['Connection: X-App\r\nX-App: 1\r\nX-Forwarded-For: 1\r\nX-Remote-User: x\r\nCookie: Remote-User=1\r\n', []],
] as const) {
  test(`of ${JSON.stringify(lines)} noticed are ${headers.length} imitated identity headers (P11)`, async (t) => {
    const forgeries: Forgery[] = [];
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port, { onForgery: (forgery) => void forgeries.push(forgery) });
    await gateway.send(get('/', lines)).until('ok');
    t.deepEqual(
      forgeries,
      headers.map((header) => ({ app: 'wiki', header, peer: '192.0.2.7', requestId: 'request-1' })),
    );
  });
}

test('an imitated identity header is noticed on an upgrade as well (P11)', async (t) => {
  const forgeries: Forgery[] = [];
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { onForgery: (forgery) => void forgeries.push(forgery) });
  await gateway.send(get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\nremote_user: root\r\n')).until('ok');
  t.deepEqual(
    forgeries.map(({ header }) => header),
    ['remote-user'],
  );
});

test('a thousand forgeries are a thousand counts and one line a minute for each app', (t) => {
  const clock = manualClock();
  const lines: LogFacts[] = [];
  const counts: string[] = [];
  const notice = watchForgeries({
    clock,
    log: { ...silentLog, warn: (_event, facts = {}) => void lines.push(facts) },
    measures: { ...uncounted, count: (name, labels) => void counts.push([name, ...Object.values(labels)].join(' ')) },
  });
  const from = (app: string): void => notice({ app, header: 'remote-user', peer: '192.0.2.7', requestId: 'r' });
  for (let n = 0; n < 1000; n += 1) from('wiki');
  from('chat');
  clock.advance(60_000);
  from('wiki');
  clock.advance(-3_600_000);
  from('wiki');
  t.is(counts.filter((count) => count === 'identity-header-forged wiki').length, 1002);
  t.deepEqual(
    lines.map(({ app, notToldBefore }) => [app, notToldBefore]),
    [
      ['wiki', 0],
      ['chat', 0],
      ['wiki', 999],
      ['wiki', 0],
    ],
  );
});
