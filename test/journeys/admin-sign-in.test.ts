// Administrators who sign in: the sessions page on a host of its own, behind the one admission, for whom `admin.access` names.

import test from 'ava';
import { account } from '../../demo/identity-provider/accounts.ts';
import type { SessionsFacts } from '../../gateway/pages/sessions-page.ts';
import type { Browser, Visit } from '../support/browser.ts';
import { signIn, stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';

const ADMINS = '{ attributes: { groups: [admins] } }';
const ADMIN = (access = `[{ allow: ${ADMINS} }]`, more = ''): StageOptions => ({
  gateway: `admin: { url: "http://admin.localhost:\${PORT}", access: ${access}${more} }`,
});
const admin = (scene: Pick<Stage, 'url'>, path = '/sessions'): string =>
  `http://admin.localhost:${new URL(scene.url).port}${path}`;
const JSON_ONLY = { accept: 'application/json' };
const facts = async (scene: Stage, browser: Browser): Promise<SessionsFacts> =>
  JSON.parse((await browser.request(admin(scene), { mode: 'fetch', headers: JSON_ONLY })).body) as SessionsFacts;
const actions = ({ audit }: Pick<Stage, 'audit'>) => audit.filter(({ event }) => event === 'administrator');
const idOf = async (scene: Stage, browser: Browser, name: string): Promise<string> =>
  (await facts(scene, browser)).sessions.find(({ nameId }) => nameId.startsWith(name))?.id ?? '';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

test('who opens the address signs in as at every app, sees the sessions, and each act is theirs by name', async (t) => {
  const scene = await stage(t, ADMIN());
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const alice = scene.browser();
  const page = await signIn(alice, 'alice', admin(scene, '/'));
  t.is(page.url, admin(scene));
  t.regex(page.body, /You are alice@example\.test/);
  t.regex(page.body, /<h3>bob@example\.test<\/h3>/);
  t.like(page.headers, { 'cache-control': 'no-store', 'x-frame-options': 'DENY', 'x-curfew': 'OK' });
  const id = await idOf(scene, alice, 'bob');
  const ended = await alice.submitForm(page, { id }, { button: 'End session' });
  t.regex(ended.body, /1 session has ended/);
  t.is((await bob.request(scene.at('wiki'))).status, 303);
  const [own] = (await facts(scene, alice)).sessions;
  t.like(actions(scene), [
    {
      by: 'saml',
      administrator: { idp: 'corp', nameId: 'alice@example.test', session: own?.id },
      action: 'end-session',
      nameId: 'bob@example.test',
    },
  ]);
  const cookies = alice.cookies('admin.localhost').filter(({ name }) => name === 'curfew');
  t.deepEqual(
    cookies.map(({ hostOnly, httpOnly, sameSite }) => ({ hostOnly, httpOnly, sameSite })),
    [{ hostOnly: true, httpOnly: true, sameSite: 'lax' }],
  );
});

test('whom no rule names sees and ends nothing, and the refusal is written down; a stranger learns nothing at all', async (t) => {
  const scene = await stage(t, ADMIN());
  const bob = scene.browser();
  const page = await signIn(bob, 'bob', admin(scene));
  t.is(page.status, 403);
  t.notRegex(page.body, /alice|Signed in/);
  const id = (await scene.running.parts.doors.sessions.findBySubject('corp', 'bob@example.test', []))[0]?.id ?? '';
  const own = { from: admin(scene) };
  const form = { ...own, method: 'POST', headers: FORM, body: `id=${id}&nameId=bob%40example.test` };
  const tries: (readonly [string, Visit])[] = [
    ['/sessions', { ...own, mode: 'fetch', headers: JSON_ONLY }],
    ['/sessions/events', { ...own, mode: 'fetch' }],
    ['/sessions.js', { ...own, mode: 'fetch' }],
    [`/sessions/${id}`, { ...own, method: 'DELETE', mode: 'fetch' }],
    ['/sessions/end', form],
    ['/logout', form],
    ['//sessions', own],
    ['/Sessions', own],
  ];
  for (const [path, visit] of tries) {
    t.is((await bob.request(admin(scene, path), visit)).status, 403, path);
    const stranger = await scene.browser().request(admin(scene, path), { ...visit, mode: 'fetch' });
    t.true([303, 401].includes(stranger.status), `${path} ${stranger.status}`);
    t.notRegex(stranger.body, /bob/);
  }
  t.deepEqual(actions(scene), []);
  t.like(
    scene.audit.find(({ event }) => event === 'access-denied'),
    { app: 'curfew.admin', code: 'ACCESS_DENIED', nameId: 'bob@example.test' },
  );
  t.is(await scene.running.parts.doors.sessions.count(), 1);
});

test('before Success the administrator’s stream is cut, and no page is theirs any more (P1, P8)', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const stream = await alice.openStream(admin(scene, '/sessions/events'), { from: admin(scene) });
  t.regex(await stream.next(), /retry/);
  t.is((await facts(scene, alice)).sessions[0]?.connections, 2);
  let answered = false;
  const over = stream.closed.then((how) => [how, answered]);
  const answer = await postSoap(scene, soapFor(scene, 'alice'));
  answered = true;
  t.deepEqual(soapCodes(scene, answer), SUCCESS);
  t.deepEqual(await over, ['cut', false]);
  t.is((await alice.request(admin(scene))).status, 303);
  t.is((await alice.request(admin(scene, '/sessions/events'), { mode: 'fetch' })).status, 401);
  t.is((await alice.request(admin(scene, '/sessions/x'), { mode: 'fetch', method: 'DELETE' })).status, 401);
  t.deepEqual(actions(scene), []);
});

test('what has changed is told once a stream, so that who listens on is admitted anew', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const stream = await alice.openStream(admin(scene, '/sessions/events'), { from: admin(scene) });
  await stream.next();
  await scene.signedIn('bob', scene.at('wiki'));
  t.regex(await stream.next(), /data: changed/);
  t.is(await stream.closed, 'ended');
  t.is((await facts(scene, alice)).sessions.find(({ nameId }) => nameId.startsWith('alice'))?.connections, 1);
});

test('who has lost the attribute at the identity provider is refused with the next word from there', async (t) => {
  const groups = ['staff', 'admins'];
  const accounts = [account('alice', 'alicepw', 'Alice', groups)];
  const scene = await stage(t, {
    ...ADMIN(),
    idp: '    revalidate: 10m',
    sessions: '  idle: 5h',
    identityProvider: { accounts },
  });
  const alice = await scene.signedIn('alice', admin(scene));
  groups.pop();
  t.is((await alice.request(admin(scene))).status, 200, 'its word is still good');
  scene.clock.advance(11 * 60_000);
  const page = await alice.settle(await alice.visit(admin(scene)));
  t.is(page.status, 403);
  t.is((await alice.request(admin(scene, '/sessions/events'), { mode: 'fetch' })).status, 403);
  t.is(await scene.running.parts.doors.sessions.count(), 1, 'the session goes on, for what it may');
});

test('a page of another origin ends nothing and reads nothing, in an administrator’s own browser', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  await scene.signedIn('bob', scene.at('wiki'));
  const id = await idOf(scene, alice, 'bob');
  const [cookie] = alice.cookies('admin.localhost').filter(({ name }) => name === 'curfew');
  const own = new URL(admin(scene)).origin;
  // With the cookie that SameSite keeps back, as an older browser or a neighbour on the same site would send it.
  const asker = scene.browser();
  const send = (method: string, path: string, headers: Record<string, string>) =>
    asker.request(admin(scene, path), {
      ...{ method, mode: 'fetch', body: method === 'POST' ? `id=${id}&nameId=bob%40example.test` : '' },
      headers: { ...FORM, cookie: `curfew=${cookie?.value ?? ''}`, ...headers },
    });
  for (const headers of [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: own, 'sec-fetch-site': 'same-site' },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
    { origin: `${own}.evil.example`, 'sec-fetch-site': '' },
    { origin: own.replace('http:', 'https:'), 'sec-fetch-site': '' },
    { origin: '', 'sec-fetch-site': 'none' },
    { origin: '', 'sec-fetch-site': '' },
  ])
    for (const [method, path] of [
      ['POST', '/logout'],
      ['POST', '/sessions/end'],
      ['DELETE', `/sessions/${id}`],
    ] as const)
      t.is((await send(method, path, headers)).status, 403, JSON.stringify(headers));
  for (const path of ['/sessions', '/sessions.js', '/sessions/events'])
    t.is((await send('GET', path, { 'sec-fetch-site': 'same-site' })).status, 403, path);
  t.is((await scene.running.parts.doors.sessions.count()) - actions(scene).length, 2);
  t.is((await send('DELETE', `/sessions/${id}`, { origin: own, 'sec-fetch-site': 'same-origin' })).status, 200);
});

test('a cookie of another host, a token, a forged header or another Host opens nothing (P11)', async (t) => {
  const token = 'a-token-of-thirty-two-characters';
  const scene = await stage(t, ADMIN(undefined, `, token: ${token}`));
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const [cookie] = alice.cookies('wiki.test').filter(({ name }) => name === 'curfew');
  const stranger = scene.browser();
  for (const headers of [
    { cookie: `curfew=${cookie?.value ?? ''}` },
    { authorization: `Bearer ${token}` },
    { 'x-forwarded-host': 'wiki.test', 'remote-user': 'alice@example.test', nameId: 'alice@example.test' },
  ]) {
    const answer = await stranger.request(admin(scene), { mode: 'fetch', headers });
    t.is(answer.status, 401, JSON.stringify(headers));
  }
  const elsewhere = { cookie: `curfew=${cookie?.value ?? ''}`, host: 'wiki.test' };
  t.is((await stranger.request(admin(scene), { mode: 'fetch', headers: elsewhere })).status, 200, 'that is the wiki');
  t.is(scene.upstream.requests.at(-1)?.url, '/sessions');
});

test('what is for machines is not to be had there', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const own = { from: admin(scene), mode: 'fetch' } as const;
  for (const path of ['/metrics', '/healthz', '/readyz', '/nothing', '/sessions/', '/SESSIONS'])
    t.is((await alice.request(admin(scene, path), own)).status, 404, path);
  for (const path of ['/reload', '/sessions/meant'])
    t.true([404, 405].includes((await alice.request(admin(scene, path), { ...own, method: 'POST' })).status), path);
  await t.throwsAsync(alice.openWebSocket(admin(scene, '/sessions/events')));
});

test('who ends their own session is answered, and signs in again for more', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const id = await idOf(scene, alice, 'alice');
  const body = `id=${id}`;
  const visit = { from: admin(scene), method: 'POST', headers: FORM, body };
  const answer = await alice.request(admin(scene, '/sessions/end'), visit);
  t.is(answer.headers.location, '/sessions?ended=1');
  t.is((await alice.request(admin(scene))).status, 303);
  await signIn(alice, 'alice', scene.at('wiki'));
  await alice.visit(admin(scene));
  const all = { ...visit, body: 'nameId=alice%40example.test' };
  t.is((await alice.request(admin(scene, '/logout'), all)).status, 303);
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  t.is(actions(scene).length, 2);
});

test('rules say who may look and who may end, and how they must have signed in', async (t) => {
  const MFA = 'https://refeds.org/profile/mfa';
  const scene = await stage(
    t,
    ADMIN(
      `[{ methods: [GET], allow: { nameIds: [bob@example.test] } }, { paths: [/sessions/**, /logout], authnContext: [${MFA}], allow: ${ADMINS} }]`,
    ),
  );
  const bob = await scene.signedIn('bob', admin(scene));
  const id = await idOf(scene, bob, 'bob');
  const own = { from: admin(scene), mode: 'fetch', method: 'DELETE' } as const;
  t.is((await bob.request(admin(scene, `/sessions/${id}`), own)).status, 403);
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  await alice.visit(admin(scene, '/logout'));
  t.is((await alice.request(admin(scene, `/sessions/${id}`), own)).status, 401, 'a second factor first');
  t.is(await scene.running.parts.doors.sessions.count(), 2);
});

test('people of an identity provider that is not named are strangers there, whatever it says of their groups', async (t) => {
  const scene = await stageWithPartner(t, {
    apps: { wiki: FOR('wiki', 'corp', 'partner') },
    ...ADMIN(undefined, ', identityProviders: [corp]'),
  });
  const asked = await scene.browser().visit(admin(scene));
  t.true(asked.url.startsWith(scene.idp.url), 'nobody is asked where they sign in');
  const refused = await scene.browser().request(`${scene.url}/saml/login?app=curfew.admin&idp=partner`);
  t.is(refused.headers['x-curfew'], 'IDP_NOT_OFFERED');
});

test('nobody is shown that the address is there: it is not among people’s apps', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const list = await alice.visit(`${scene.url}/saml/apps`);
  t.is(list.status, 200);
  t.notRegex(list.body, /admin\.localhost/);
});

test('where the store is gone nobody is let in from memory, and the page says why (P12)', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  await scene.running.parts.doors.sessions.close();
  const answer = await alice.request(admin(scene));
  t.is(answer.status, 503);
  t.regex(String(answer.headers['x-curfew']), /^SESSIONS_/);
});
