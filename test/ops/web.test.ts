// A node that was stopped for a while, or lost its lease, in the middle of an administrator's request: nothing is said and nothing is ended any more.

import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { openRecent } from '../../gateway/ops/recent.ts';
import { createWeb } from '../../gateway/ops/web.ts';
import { sessionsError } from '../../gateway/sessions/codes.ts';
import { manualClock } from '../support/clock.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ORIGIN = 'https://admin.example.com';

/** Answers like a gateway over a session whose connection is cut as soon as the store was asked. */
async function serving(t: ExecutionContext, isCutMeanwhile: boolean) {
  const ended: string[] = [];
  const connection = { isCut: false };
  const count = (): Promise<number> => {
    connection.isCut = isCutMeanwhile;
    return Promise.resolve(0);
  };
  const never = (): Promise<never> => Promise.reject(new TypeError('asked for more than the test knows'));
  const web = createWeb(
    {
      roll: {
        page: () => Promise.resolve([]),
        search: () => Promise.reject(sessionsError('SESSIONS_STORE_UNAVAILABLE')),
        apps: never,
      },
      sessions: { count },
      live: { count: () => 0 },
      administrator: {
        endSession: (id) => {
          ended.push(id);
          return Promise.resolve(undefined);
        },
        endPerson: never,
      },
      recent: openRecent(manualClock()),
      newRequestId: () => 'id',
    },
    { origin: ORIGIN, log: SILENT },
  );
  const who = { idp: 'corp', nameId: 'anna', session: 'own' as SessionId };
  const server = createServer((asked, answer) => {
    if (asked.method === 'POST') connection.isCut = isCutMeanwhile;
    web(asked, answer, {
      who,
      may: { endOne: true, endAll: true },
      names: ['anna'],
      connection,
      failed: (error) => answer.end(error.code),
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const send = async (method: string, path: string, body = ''): Promise<string> => {
    const sent = request({ host: '127.0.0.1', port, method, path, agent: false, headers: { origin: ORIGIN } });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      sent.on('response', resolve).on('error', reject),
    );
    sent.end(body);
    return answered.then(
      async (answer) => `${answer.statusCode} ${await text(answer)}`,
      () => 'cut',
    );
  };
  return { ended, send };
}

test('a page that was put together for somebody who is out is not sent (P1, P12)', async (t) => {
  const [cut, whole] = [await serving(t, true), await serving(t, false)];
  t.is(await cut.send('GET', '/sessions'), 'cut');
  t.regex(await whole.send('GET', '/sessions'), /^200 .*"total":0/);
});

test('where the store cannot be asked nothing is sent, and the doors say why (P12)', async (t) => {
  const { send } = await serving(t, false);
  t.regex(await send('GET', '/sessions?q=anna'), /^\d+ SESSIONS_STORE_UNAVAILABLE$/);
});

test('what somebody who is out had asked for is not done (P1, P12)', async (t) => {
  const [cut, whole] = [await serving(t, true), await serving(t, false)];
  t.regex(await cut.send('POST', '/sessions/end', 'id=other'), /^401/);
  t.deepEqual(cut.ended, []);
  t.regex(await whole.send('POST', '/sessions/end', 'id=other'), /^303/);
  t.deepEqual(whole.ended, ['other']);
});
