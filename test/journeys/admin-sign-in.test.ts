// Administrators who sign in: the sessions page on a host of its own, behind the one admission, for whom `admin.access` names.

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { account } from '../../demo/identity-provider/accounts.ts';
import { newSigner } from '../support/certificates.ts';
import { OPEN, signIn, stage } from '../support/gateway.ts';
import { ask as askHttp2, openHttp2, send as sendHttp2 } from '../support/http2-client.ts';
import { SOAP, postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { cookieOf, overTls } from '../support/over-tls.ts';
import { ADMIN, ADMINS, FORM, actions, admin, facts, idOf } from './admin-stage.ts';

test('who opens the address signs in as at every app, sees the sessions, and each act is theirs by name', async (t) => {
  const scene = await stage(t, ADMIN());
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const alice = scene.browser();
  const page = await signIn(alice, 'alice', admin(scene, '/'));
  t.is(page.url, admin(scene));
  t.regex(page.body, /You are <bdi>alice@example\.test/);
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

test('a sign-in that nobody aims anywhere leads to the only app there is, and one that is aimed here leads here', async (t) => {
  const scene = await stage(t, { ...ADMIN(), apps: { wiki: OPEN('wiki') } });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const start = async (relayState: Record<string, string>) =>
    alice.settle(await alice.visit(`${scene.idp.url}/start?${new URLSearchParams(relayState).toString()}`));
  t.is((await start({})).url, scene.at('wiki'));
  scene.clock.advance(61_000);
  t.is((await start({ RelayState: admin(scene) })).url, admin(scene));
});

test('a rule that is taken away ends what is open for those it let in, without a restart', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const stream = await alice.openStream(admin(scene, '/sessions/events'), { from: admin(scene) });
  await stream.next();
  const file = join(scene.folder, 'gateway.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('groups: [admins]', 'groups: [sre]'));
  t.is((await scene.running.reload('signal')).result, 'applied');
  t.is(await stream.closed, 'cut');
  t.is((await alice.request(admin(scene))).status, 403);
});

test('a gateway that stops does not wait for a page that listens', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  const stream = await alice.openStream(admin(scene, '/sessions/events'), { from: admin(scene) });
  await stream.next();
  await scene.running.close(600_000);
  t.is(await stream.closed, 'ended');
});

test('what an administrator was about to end when they were signed out is not ended (P1)', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  await scene.signedIn('bob', scene.at('wiki'));
  const [cookie] = alice.cookies('admin.localhost').filter(({ name }) => name === 'curfew');
  const { host, port, origin } = new URL(admin(scene));
  const body = 'nameId=bob%40example.test';
  const headers = { ...FORM, host, origin, cookie: `curfew=${cookie?.value ?? ''}`, expect: '100-continue' };
  const request = httpRequest({
    ...{ host: '127.0.0.1', port, path: '/logout', method: 'POST', agent: false },
    headers: { ...headers, 'content-length': body.length },
  });
  const failed = once(request, 'error');
  request.flushHeaders();
  await once(request, 'continue');
  request.write(body.slice(0, -1));
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  request.end(body.slice(-1));
  await failed;
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.deepEqual(actions(scene), []);
});

test('over HTTP/2 a logout resets the administrator’s stream, and the cookie is bound to the host (P8, P11)', async (t) => {
  const signer = newSigner();
  const over = await overTls(
    t,
    { one: signer.sign(['login.test', 'wiki.test', 'chat.test', 'admin.test']) },
    ', hsts: 180d',
    {
      gateway: `admin: { url: "https://admin.test:\${PORT}", access: [{ allow: ${ADMINS} }] }`,
    },
  );
  const cookie = await cookieOf(t, over, signer.cert, 'alice', 'admin.test');
  t.regex(cookie, /__Host-curfew=/);
  const session = await openHttp2(t, { port: over.port, ca: signer.cert, servername: 'admin.test' });
  const at = (path: string) => ({ ':path': path, ':authority': `admin.test:${over.port}`, cookie });
  const page = await askHttp2(session, { ...at('/sessions'), accept: 'text/html' });
  t.is(page.status, 200);
  t.regex(String(page.headers['strict-transport-security']), /max-age/);
  t.regex(page.body, /You are <bdi>alice/);
  const stream = sendHttp2(session, at('/sessions/events'));
  await once(stream, 'data');
  const sent = { ':method': 'POST', ':path': '/saml/slo/soap', ':authority': `login.test:${over.port}`, ...SOAP };
  const answer = await askHttp2(session, sent, soapFor(over.scene, 'alice'));
  t.deepEqual(soapCodes(over.scene, answer as never), SUCCESS);
  t.true(stream.closed);
  t.not(stream.rstCode, 0, 'cut, and not ended');
  t.is((await askHttp2(session, at('/sessions'))).status, 303);
});

test('where the store is gone nobody is let in from memory, and the page says why (P12)', async (t) => {
  const scene = await stage(t, ADMIN());
  const alice = await scene.signedIn('alice', admin(scene));
  await scene.running.parts.doors.sessions.close();
  const answer = await alice.request(admin(scene));
  t.is(answer.status, 503);
  t.regex(String(answer.headers['x-curfew']), /^SESSIONS_/);
});

test('who may only look is shown no button, and who may end one session is not shown the other', async (t) => {
  const nameIds = (...names: string[]): string =>
    `{ nameIds: [${names.map((name) => `${name}@example.test`).join(', ')}] }`;
  const scene = await stage(
    t,
    ADMIN(
      `[{ methods: [GET], allow: ${nameIds('alice', 'bob')} }, { paths: [/sessions/**], allow: ${nameIds('alice')} }]`,
    ),
  );
  const seenBy = async (name: 'alice' | 'bob'): Promise<Set<string>> => {
    const browser = await scene.signedIn(name, admin(scene));
    const { body, status } = await browser.visit(admin(scene));
    t.is(status, 200);
    return new Set([...body.matchAll(/<form action="([^"]+)" method="post">/g)].map(([, at = '']) => at));
  };
  t.deepEqual(await seenBy('bob'), new Set());
  t.deepEqual(await seenBy('alice'), new Set(['/sessions/end']));
});
