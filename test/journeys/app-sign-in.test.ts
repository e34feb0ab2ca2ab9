// An application with accounts of its own: the gateway fills in its form, and no browser sees the password.

import { text } from 'node:stream/consumers';
import test from 'ava';
import { stage } from '../support/gateway.ts';
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
