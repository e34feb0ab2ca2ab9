// The application forgets (P7) and the next person is a stranger (P10): its cookies live in the gateway and end with the session, and it
// is told by its own way of signing out.

import test from 'ava';
import { signIn, stage } from '../support/gateway.ts';
import { SUCCESS, postSoap, soapCodes, soapFor } from '../support/logout-requests.ts';
import { headerValues, startUpstream, type RecordingUpstream } from '../support/upstream.ts';

/** An application with a session cookie and a sign-out of its own. */
const legacyApp = (answer: { readonly goodbye?: number } = {}): Promise<RecordingUpstream> =>
  startUpstream((request, response) => {
    if (request.url === '/logout') {
      response.writeHead(answer.goodbye ?? 302, { Location: '/', 'Set-Cookie': 'LEGACY=; Max-Age=0' }).end();
      return;
    }
    const known = /LEGACY=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    const cookies = known === undefined ? [`LEGACY=${Math.random().toString(36).slice(2)}; Path=/; HttpOnly`] : [];
    response.writeHead(200, { 'Set-Cookie': [...cookies, 'XSRF=abc; Path=/'] }).end(`session ${known ?? 'new'}`);
  });

const APP = (more = '') => `app: wiki
hosts: [wiki.test]
upstream: \${UPSTREAM}
access: [{ allow: authenticated }]
identity: { headers: { Remote-User: "\${nameId}" } }
cookies: { expose: [XSRF] }
signOut:
  paths: ["/doku.php?do=logout"]
  call: { path: /logout }
${more}`;

test('the application’s cookies come back to it and never reach the browser, but the exposed ones (P7)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.visit(scene.at('wiki', '/second'));
  t.regex(page.body, /^session (?!new)/);
  t.deepEqual(
    browser.cookies('wiki.test').map(({ name }) => name),
    ['curfew-enter', 'curfew', 'XSRF', 'curfew-mark-wiki.XSRF'],
  );
});

test('what a browser sends under any other name does not reach the application (P10)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [session] = browser.cookies('wiki.test').filter(({ name }) => name === 'curfew');
  await browser.visit(scene.at('wiki', '/third'), {
    headers: { Cookie: `curfew=${session?.value ?? ''}; LEGACY=stolen` },
  });
  const last = upstream.requests.at(-1);
  t.is(last?.url, '/third');
  t.notRegex((last && headerValues(last, 'cookie').join()) ?? '', /stolen|curfew/);
});

test('where the store does not say which applications know a session, all are told (P1, P7)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  await scene.signedIn('alice', scene.at('wiki'));
  scene.running.parts.doors.jars.apps = () => Promise.reject(new Error('the store is away'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.is(upstream.requests.filter(({ url }) => url === '/logout').length, 1);
});

test('cookies of the application survive a restart of the gateway (P13)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const before = (await browser.visit(scene.at('wiki'))).body;
  await scene.restart();
  t.is((await browser.visit(scene.at('wiki'))).body, before);
});

const goodbyesOf = ({ requests }: RecordingUpstream) => requests.filter(({ url }) => url === '/logout');

test('the identity provider’s logout tells the application, once, with its cookie and the person’s name (P7)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const cookie = /session (\w+)/.exec((await browser.visit(scene.at('wiki'))).body)?.[1] ?? 'none';
  const request = soapFor(scene, 'alice');
  t.deepEqual(soapCodes(scene, await postSoap(scene, request)), SUCCESS);
  t.deepEqual(soapCodes(scene, await postSoap(scene, request)), SUCCESS);
  const [goodbye, second] = goodbyesOf(upstream);
  t.is(second, undefined);
  t.regex((goodbye && headerValues(goodbye, 'cookie').join()) ?? '', new RegExp(`LEGACY=${cookie}`));
  t.deepEqual(goodbye && headerValues(goodbye, 'remote-user'), ['alice@example.test']);
  const line = scene.audit.find(({ event }) => event === 'session-ended');
  t.deepEqual(line?.event === 'session-ended' && line.goodbyes, [{ app: 'wiki', outcome: 'told' }]);
  t.deepEqual(scene.counts, [{ name: 'goodbye', labels: { app: 'wiki', outcome: 'told' } }]);
});

test('an application that was never used is not told', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP(), other: APP().replaceAll('wiki', 'other') } });
  await scene.signedIn('alice', scene.at('wiki'));
  await postSoap(scene, soapFor(scene, 'alice'));
  t.is(goodbyesOf(upstream).length, 1);
});

for (const [required, codes] of [
  [true, ['Responder', 'PartialLogout']],
  [false, ['Success']],
] as const) {
  test(`a goodbye that fails is told in the audit line and counted, and the answer is ${codes.join(' ')} where required is ${required} (P1)`, async (t) => {
    const upstream = await legacyApp({ goodbye: 500 });
    t.teardown(() => upstream.close());
    const scene = await stage(t, { upstream, apps: { wiki: APP(`  required: ${required}\n`) } });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), codes);
    const line = scene.audit.find(({ event }) => event === 'session-ended');
    t.deepEqual(line?.event === 'session-ended' && line.goodbyes, [{ app: 'wiki', outcome: 'status' }]);
    t.deepEqual(scene.counts, [{ name: 'goodbye', labels: { app: 'wiki', outcome: 'status' } }]);
    t.is((await browser.request(scene.at('wiki'))).status, 303, 'the person is out all the same');
  });
}

test('a second LogoutRequest for a person whose application is still being told waits for that, and tells what became of it (P1)', async (t) => {
  const told = Promise.withResolvers<undefined>();
  const asked = Promise.withResolvers<undefined>();
  const upstream = await startUpstream(async (request, response) => {
    if (request.url === '/logout') {
      asked.resolve(undefined);
      await told.promise;
      response.statusCode = 500;
    }
    response.setHeader('Set-Cookie', 'LEGACY=1').end();
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP('  required: true\n') } });
  await scene.signedIn('alice', scene.at('wiki'));
  const first = postSoap(scene, soapFor(scene, 'alice'));
  await asked.promise;
  const second = postSoap(scene, soapFor(scene, 'alice'));
  // Bob has nothing to do with it, and his answer comes after the second request was read.
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'bob'))), SUCCESS);
  told.resolve(undefined);
  for (const answer of [first, second]) {
    t.deepEqual(soapCodes(scene, await answer), ['Responder', 'PartialLogout']);
  }
});

test('a goodbye that hangs is cut at its deadline and holds nobody up for longer', async (t) => {
  const upstream = await startUpstream((request, response) => {
    if (request.url !== '/logout') response.writeHead(200, { 'Set-Cookie': 'LEGACY=1' }).end();
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP('  deadline: 50ms\n') } });
  await scene.signedIn('alice', scene.at('wiki'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  const line = scene.audit.find(({ event }) => event === 'session-ended');
  t.deepEqual(line?.event === 'session-ended' && line.goodbyes, [{ app: 'wiki', outcome: 'timeout' }]);
});

test('the application’s own sign-out link signs out everywhere and says what became of it', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.settle(await browser.visit(scene.at('wiki', '/doku.php?id=start&do=logout')));
  t.regex(page.body, /You are signed out/);
  t.regex(page.body, /wiki: signed out there as well/);
  t.is(goodbyesOf(upstream).length, 1);
  t.is(scene.idp.sessions().length, 0);
  t.false(upstream.requests.some(({ url }) => url.startsWith('/doku.php')));
});

test('a logout that a crash interrupted is finished at the next start: the application is told (P7, P13)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  await scene.signedIn('alice', scene.at('wiki'));
  const { sessions } = scene.running.parts.doors;
  const [session] = await sessions.findBySubject('corp', 'alice@example.test', []);
  t.truthy(session && (await sessions.end(session.id, scene.clock.now())));
  t.is(goodbyesOf(upstream).length, 0);
  await scene.restart();
  t.is(goodbyesOf(upstream).length, 1);
  t.deepEqual(await scene.running.parts.doors.sessions.unfinished(), []);
});

test('the next person at the same browser begins a session of their own at the application (P10)', async (t) => {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream, apps: { wiki: APP() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const hers = (await browser.visit(scene.at('wiki'))).body;
  await postSoap(scene, soapFor(scene, 'alice'));
  await scene.idp.signOutEverywhere('alice');
  const first = await signIn(browser, 'bob', scene.at('wiki'));
  t.is(first.body, 'session new');
  t.not((await browser.visit(scene.at('wiki'))).body, hers);
});
