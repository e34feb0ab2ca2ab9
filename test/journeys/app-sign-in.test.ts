// An application with accounts of its own: the gateway fills in its form, and no browser sees the password.

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { OPEN, stage } from '../support/gateway.ts';
import { startUpstream, type RecordingUpstream } from '../support/upstream.ts';

const FORM =
  '<form method="post" action="/login"><input type="hidden" name="token" value="t1"><input name="u"><input name="p" type="password"></form>';

/** Shows its form to whoever has no session; `logins` counts the ones that were right. */
async function formApp(): Promise<{ upstream: RecordingUpstream; logins: () => number; end: () => void }> {
  let logins = 0;
  let valid = 'none';
  const upstream = await startUpstream(
    (request, response) => {
      void (async () => {
        if (request.method === 'POST' && request.url === '/login') {
          const sent = new URLSearchParams(await text(request));
          const isRight = sent.get('u') === 'ally' && sent.get('p') === 'secret' && sent.get('token') === 't1';
          if (isRight) valid = `s${(logins += 1)}`;
          response
            .writeHead(isRight ? 302 : 403, isRight ? { Location: '/', 'Set-Cookie': `APP=${valid}; Path=/` } : {})
            .end();
        } else if ((request.headers.cookie ?? '').includes(`APP=${valid}`)) response.end('welcome');
        else response.writeHead(200, { 'Set-Cookie': 'APP=; Max-Age=0; Path=/' }).end(FORM);
      })();
    },
    { readsBodies: false },
  );
  return { upstream, logins: () => logins, end: () => (valid = 'none') };
}

const policy = (password: string) => `app: wiki
hosts: [wiki.test]
upstream: \${UPSTREAM}
access: [{ allow: authenticated }]
signIn:
  credentials: people.yml.txt
  form:
    page: /login
    fields: { u: "\${credentials.user}", p: "${password}" }
    signedInWhen: { cookie: APP }
`;
const files = { 'people.yml.txt': 'alice@example.test: { user: ally, password: secret }\n' };

test('a person is signed in to the application before the first page, once, and never sees the password', async (t) => {
  const app = await formApp();
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: policy('${credentials.password}') } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const pages = await Promise.all([1, 2, 3].map((n) => browser.request(scene.at('wiki', `/${n}`))));
  t.deepEqual(
    pages.map(({ body }) => body),
    ['welcome', 'welcome', 'welcome'],
  );
  t.is(app.logins(), 1);
  t.false(
    scene.lines.some((line) => JSON.stringify(line).includes('secret')),
    'the log holds the password',
  );
});

test('where the application has ended its own session the person is signed in again, at most once a minute', async (t) => {
  const app = await formApp();
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: policy('${credentials.password}') } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  app.end();
  t.regex((await browser.request(scene.at('wiki'))).body, /form/, 'the application takes its cookie back');
  t.regex((await browser.request(scene.at('wiki'))).body, /form/, 'too soon');
  scene.clock.advance(61_000);
  t.is((await browser.request(scene.at('wiki'))).body, 'welcome');
  t.is(app.logins(), 2);
});

for (const [what, password, reason] of [
  ['with a wrong password', 'wrong', /not-signed-in/],
  ['for whom nothing is known', '${credentials.pin}', /nothing known/],
] as const) {
  test(`a person ${what} is shown the application’s own form, and the log says so`, async (t) => {
    const app = await formApp();
    t.teardown(() => app.upstream.close());
    const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: policy(password) } });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    t.regex((await browser.request(scene.at('wiki'))).body, /<form method="post"/);
    t.is(app.logins(), 0);
    const line = scene.lines.find(({ event }) => event === 'app-sign-in-failed');
    t.regex(JSON.stringify(line?.facts), reason);
  });
}

test('a logout breaks off a sign-in to the application: no password goes out after Success (P1, P8)', async (t) => {
  const form = Promise.withResolvers<ServerResponse>();
  const upstream = await startUpstream((request, response) => {
    if (request.url === '/login' && request.method === 'GET') form.resolve(response);
    else response.end('ok');
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, {
    upstream,
    files,
    apps: { wiki: policy('${credentials.password}'), chat: OPEN('chat') },
  });
  const browser = await scene.signedIn('alice', scene.at('chat'));
  const page = browser.visit(scene.at('wiki'));
  const asked = await form.promise;
  const isGone = once(asked, 'close');
  await scene.idp.signOutEverywhere('alice');
  await isGone;
  await Promise.allSettled([page]);
  t.deepEqual(
    upstream.requests.filter(({ method }) => method === 'POST'),
    [],
  );
  t.false(
    scene.lines.some(({ event }) => event === 'app-sign-in-failed'),
    'nothing has failed',
  );
});

/** Answers as it is told to whoever it knows no more, and keeps its cookie in use all the same. */
async function forgetfulApp(refuse: (response: ServerResponse, url: string) => void) {
  let logins = 0;
  let valid = 'none';
  const upstream = await startUpstream((request, response, { body }) => {
    const url = request.url ?? '';
    if (request.method === 'POST' && url === '/login') {
      const isRight = new URLSearchParams(body.toString()).get('p') === 'secret';
      if (isRight) valid = `s${(logins += 1)}`;
      response.writeHead(302, { Location: '/', ...(isRight && { 'Set-Cookie': `APP=${valid}; Path=/` }) }).end();
    } else if (url === '/login') response.end(FORM);
    else if (url === '/forbidden') response.writeHead(401).end('never');
    else if ((request.headers.cookie ?? '').includes(`APP=${valid}`))
      response.end(`welcome ${request.method ?? ''} ${body.toString()}`);
    else refuse(response, url);
  });
  return { upstream, logins: () => logins, end: () => (valid = 'none') };
}

const EXPIRES = (password = '${credentials.password}') =>
  `${policy(password)}    expiredWhen: { status: [401], redirect: /login* }\n`;

const REFUSALS: readonly (readonly [string, (response: ServerResponse, url: string) => void])[] = [
  ['with 401', (response) => response.writeHead(401, { 'Set-Cookie': 'X=1' }).end('who are you?')],
  ['by a redirect', (response, url) => response.writeHead(302, { Location: `/login?next=${url}` }).end()],
  [
    'by a redirect to where it really is',
    (response) => {
      const port = response.req.socket.localPort ?? 0;
      response.writeHead(303, { Location: `http://127.0.0.1:${port}/login` }).end();
    },
  ],
];

for (const [how, refuse] of REFUSALS) {
  test(`an application that says ${how} that its session is over gets a new sign-in, and nobody notices`, async (t) => {
    const app = await forgetfulApp(refuse);
    t.teardown(() => app.upstream.close());
    const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: EXPIRES() } });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    app.end();
    scene.clock.advance(61_000);
    const pages = await Promise.all(
      [1, 2, 3].map((n) => browser.request(scene.at('wiki', `/${n}`), { mode: 'fetch' })),
    );
    t.deepEqual(
      pages.map(({ status, body }) => [status, body]),
      [1, 2, 3].map(() => [200, 'welcome GET ']),
    );
    t.is(app.logins(), 2);
  });
}

test('what was sent with a body is never sent twice: the answer passes, and the next request finds the application signed in', async (t) => {
  const app = await forgetfulApp((response) => response.writeHead(401).end('who are you?'));
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: EXPIRES() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  app.end();
  scene.clock.advance(61_000);
  const post = await browser.request(scene.at('wiki', '/save'), {
    method: 'POST',
    body: 'a=1',
    from: scene.at('wiki'),
  });
  t.deepEqual([post.status, post.body], [401, 'who are you?']);
  t.is((await browser.request(scene.at('wiki', '/next'))).body, 'welcome GET ');
  t.is(app.upstream.requests.filter(({ url }) => url === '/save').length, 1);
});

test('an answer that stays the same after a new sign-in passes, and costs one sign-in a minute', async (t) => {
  const app = await forgetfulApp((response) => response.writeHead(401).end());
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: EXPIRES() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(61_000);
  for (let n = 0; n < 3; n += 1) {
    const page = await browser.request(scene.at('wiki', '/forbidden'));
    t.deepEqual([page.status, page.body], [401, 'never']);
    scene.clock.advance(1000);
  }
  t.is(app.logins(), 2);
  t.is(app.upstream.requests.filter(({ url }) => url === '/forbidden').length, 4, 'one was sent once more');
});

test('where the new sign-in fails the first answer is given once, and the log says so', async (t) => {
  const app = await forgetfulApp((response) => response.writeHead(302, { Location: 'login' }).end());
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: EXPIRES('wrong') } });
  const browser = await scene.signedIn('alice', scene.at('wiki', '/login'));
  scene.clock.advance(61_000);
  t.is((await browser.request(scene.at('wiki'))).status, 302);
  t.true(scene.lines.some(({ event }) => event === 'app-sign-in-failed'));
});

test('an answer that says nothing of an end costs no sign-in, however long ago the last one was', async (t) => {
  const app = await forgetfulApp((response) => response.writeHead(404).end('nothing here'));
  t.teardown(() => app.upstream.close());
  const scene = await stage(t, { upstream: app.upstream, files, apps: { wiki: EXPIRES() } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(61_000);
  t.is((await browser.request(scene.at('wiki'))).body, 'welcome GET ');
  app.end();
  t.is((await browser.request(scene.at('wiki'))).body, 'nothing here');
  t.is(app.logins(), 1);
});
