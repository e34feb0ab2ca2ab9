// What the operator's address says, and that nobody is served from memory when the store cannot be asked (P12).

import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { endlessApp } from './endless-app.ts';

const ask = async ({ running }: Stage, path: string): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(`http://127.0.0.1:${running.admin.port}${path}`);
  const body = await answer.text();
  return {
    status: answer.status,
    body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(body) : body,
  };
};

test('/healthz says that it is alive, /readyz that it can serve, with what it serves', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  t.deepEqual(await ask(scene, '/healthz'), { status: 200, body: { alive: true } });
  t.deepEqual(await ask(scene, '/readyz'), { status: 200, body: { ready: true, sessions: 0, connections: 0 } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.openWebSocket(scene.at('wiki', '/socket'));
  t.deepEqual(await ask(scene, '/readyz'), { status: 200, body: { ready: true, sessions: 1, connections: 1 } });
});

test('what operators ask is not to be had where people are', async (t) => {
  const scene = await stage(t);
  for (const host of ['login', 'wiki', 'nobody'])
    for (const path of ['/healthz', '/readyz', '/metrics', '/sessions']) {
      const page = await scene.browser().request(scene.at(host, path), { mode: 'fetch' });
      t.true([401, 404].includes(page.status), `${host} ${path} ${page.status}`);
    }
  t.is(scene.upstream.requests.length, 0);
});

test('where the store is gone /readyz says why, nobody new is served, and no LogoutRequest is answered Success (P1, P12)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  await scene.running.parts.doors.sessions.close();
  const ready = await ask(scene, '/readyz');
  t.is(ready.status, 503);
  t.like(ready.body, { ready: false });
  t.regex(JSON.stringify(ready.body), /"store":/);
  t.deepEqual(await ask(scene, '/healthz'), { status: 200, body: { alive: true } });
  const stranger = await scene.browser().request(scene.at('wiki'), { headers: { cookie: `curfew=${'a'.repeat(43)}` } });
  t.is(stranger.status, 503);
  t.is(stranger.headers['retry-after'], '5');
  t.regex(String(stranger.headers['x-curfew']), /^SESSIONS_/);
  const answer = await postSoap(scene, body);
  t.is(answer.status, 503);
  t.notRegex(answer.body, /Success/);
  t.is((await browser.request(scene.at('chat'))).status, 303);
});
