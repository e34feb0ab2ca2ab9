// The operator's page of sessions: who sees it, who may end what, and that ending there is the one death.

import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import test from 'ava';
import type { SessionsFacts } from '../../gateway/pages/sessions-page.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { endlessApp } from './endless-app.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks with exactly these headers. */
async function ask({ running }: Stage, { method = 'GET', path = '/sessions', headers = {}, body = '' }: Asked = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; type: string; body: string }>();
  request({ host: '127.0.0.1', port: running.admin.port, method, path, headers, agent: false }, (answer) => {
    const { statusCode: status = 0, headers: said } = answer;
    text(answer).then((all) => resolve({ status, type: said['content-type'] ?? '', body: all }), reject);
  })
    .on('error', reject)
    .end(body);
  return promise;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const facts = async (scene: Stage, query = ''): Promise<SessionsFacts> =>
  JSON.parse((await ask(scene, { path: `/sessions${query}` })).body) as SessionsFacts;

test('it tells who is signed in, where, since when, and what is open', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.openWebSocket(scene.at('wiki', '/socket'));
  await scene.signedIn('bob', scene.at('chat'));
  const { sessions, total } = await facts(scene);
  t.is(total, 2);
  t.like(
    sessions.find(({ nameId }) => nameId.startsWith('alice')),
    { idp: 'corp', connections: 1 },
  );
  t.deepEqual(
    (await facts(scene, '?q=BOB')).sessions.map(({ nameId }) => nameId),
    ['bob@example.test'],
  );
  const page = await ask(scene, { path: '/sessions?q=%3Cscript%3E', headers: { accept: 'text/html' } });
  t.regex(page.type, /^text\/html/);
  t.notRegex(page.body, /<script>/);
});

test('whoever asks for the head of its events has it at once, and takes no place from a listener', async (t) => {
  const scene = await stage(t);
  for (let times = 0; times < 25; times += 1)
    t.like(await ask(scene, { method: 'HEAD', path: '/sessions/events' }), { status: 200, type: 'text/event-stream' });
});

test('one session ends by DELETE, with its connections, an audit line and a place among the latest (P8)', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
  const id = (await facts(scene)).sessions[0]?.id ?? '';
  const ended = await ask(scene, { method: 'DELETE', path: `/sessions/${id}` });
  t.like(JSON.parse(ended.body), { ended: [{ id, nameId: 'alice@example.test', connectionsCut: 1 }] });
  await socket.closed;
  t.is((await browser.request(scene.at('wiki'))).status, 303);
  t.is((await ask(scene, { method: 'DELETE', path: `/sessions/${id}` })).status, 404);
  const { sessions, logouts } = await facts(scene);
  t.deepEqual([sessions.length, logouts.length], [0, 1]);
  t.like(logouts[0]?.event, { event: 'session-ended', reason: 'administrator', connectionsCut: 1 });
  t.like(
    scene.audit.find(({ event }) => event === 'administrator'),
    { by: 'loopback', action: 'end-session', nameId: 'alice@example.test', session: id, sessionsEnded: 1 },
  );
});

test('all sessions of a person end at once, and nobody else’s (P3)', async (t) => {
  const scene = await stage(t);
  const [one, two] = [await scene.signedIn('alice', scene.at('wiki')), await scene.signedIn('alice', scene.at('chat'))];
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const end = (body: object) =>
    ask(scene, { method: 'POST', path: '/logout', headers: JSON_TYPE, body: JSON.stringify(body) });
  t.deepEqual(JSON.parse((await end({ nameId: 'alice@example.test', idp: 'other' })).body), { ended: [] });
  t.is((JSON.parse((await end({ nameId: 'alice@example.test' })).body) as { ended: unknown[] }).ended.length, 2);
  t.is((await end({ nameId: '' })).status, 400);
  t.is((await end({ idp: 'corp' })).status, 400);
  t.deepEqual([(await one.request(scene.at('wiki'))).status, (await two.request(scene.at('chat'))).status], [303, 303]);
  t.is((await bob.request(scene.at('wiki'))).status, 200);
});

test('a page of somebody else’s, in a browser on this machine, ends nothing and reads nothing', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const id = (await facts(scene)).sessions[0]?.id ?? '';
  const { port } = scene.running.admin;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const headers of [
    { ...form, origin: 'https://evil.example' },
    { ...form, origin: 'null' },
    { ...form, 'sec-fetch-site': 'cross-site' },
    { ...form, 'sec-fetch-site': 'same-site', origin: `http://127.0.0.1:${port}` },
    { ...JSON_TYPE, 'sec-fetch-site': 'none' },
    { ...form },
    { 'content-type': 'text/plain' },
  ]) {
    const body = `nameId=alice%40example.test&id=${id}`;
    for (const path of ['/logout', '/sessions/end'])
      t.is((await ask(scene, { method: 'POST', path, headers, body })).status, 403, JSON.stringify(headers));
  }
  const foreign = { origin: 'https://evil.example' };
  t.is((await ask(scene, { method: 'DELETE', path: `/sessions/${id}`, headers: foreign })).status, 403);
  // A name that leads to this machine is how a page would read what is here.
  for (const path of ['/sessions', '/metrics', '/sessions/events'])
    t.is((await ask(scene, { path, headers: { host: `evil.example:${port}` } })).status, 421);
  t.is((await facts(scene)).total, 1);
  t.is(scene.audit.filter(({ event }) => event === 'administrator').length, 0);
});

test('where a token is set nothing but the probes answers without it, by bearer or by password', async (t) => {
  const scene = await stage(t, { gateway: `admin: { token: ${TOKEN} }` });
  const basic = (password: string) => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  for (const path of ['/healthz', '/readyz']) t.is((await ask(scene, { path })).status, 200);
  for (const authorization of [
    '',
    'Bearer',
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    basic(''),
    TOKEN,
    'Bearer ',
  ])
    for (const path of ['/sessions', '/metrics', '/sessions.js', '/sessions/events', '/nothing'])
      t.is((await ask(scene, { path, headers: { authorization } })).status, 401, authorization);
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, basic(TOKEN)])
    t.is((await ask(scene, { headers: { authorization, host: 'curfew.example' } })).status, 200);
});

test('where the store is gone it says so, and ends nothing that it cannot end (P12)', async (t) => {
  const scene = await stage(t);
  await scene.running.parts.doors.sessions.close();
  const answer = await ask(scene);
  t.is(answer.status, 503);
  t.regex(answer.body, /SESSIONS_/);
  t.is((await ask(scene, { method: 'DELETE', path: '/sessions/x' })).status, 503);
});

test('pages hold fifty, and a page beyond the last is empty', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  for (const [query, count] of [
    ['?page=1', 1],
    ['?page=2', 0],
    ['?page=-3', 1],
    ['?page=x', 1],
    ['?page=1e99', 0],
    ['?q=nobody', 0],
  ] as const)
    t.is((await facts(scene, query)).sessions.length, count, query);
});
