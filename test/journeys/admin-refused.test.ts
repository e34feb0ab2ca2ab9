// The administrators' own address, for everybody whom no rule names: strangers, pages of other origins, forgeries.

import test from 'ava';
import type { Visit } from '../support/browser.ts';
import { signIn, stage } from '../support/gateway.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';
import { ADMIN, FORM, JSON_ONLY, actions, admin, idOf } from './admin-stage.ts';

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
