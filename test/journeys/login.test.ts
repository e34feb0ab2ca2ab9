// Signing in, over real sockets: from an application's page through the identity provider and back.

import test from 'ava';
import { headerValues } from '../support/upstream.ts';
import { OPEN, signIn, stage } from '../support/gateway.ts';

const names = (cookies: readonly { readonly name: string }[]): string[] => cookies.map(({ name }) => name).sort();

test('a person who opens an application is signed in at the identity provider and comes back to the page', async (t) => {
  const scene = await stage(t);
  const page = await signIn(scene.browser(), 'alice', scene.at('wiki', '/page?x=1&y=%C3%A9%2F&z'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/page?x=1&y=%C3%A9%2F&z'));
  const [request, second] = scene.upstream.requests;
  t.is(second, undefined);
  t.is(request?.url, '/page?x=1&y=%C3%A9%2F&z');
  t.deepEqual(request && headerValues(request, 'remote-user'), ['alice@example.test']);
});

test('a person who is signed in at one application opens another without being asked again', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.visit(scene.at('chat', '/room?n=2'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('chat', '/room?n=2'));
  t.false(
    page.hops.some(({ url }) => url.startsWith(scene.idp.url)),
    'the identity provider was asked again',
  );
  const session = await scene.running.parts.doors.sessions.count();
  t.is(session, 1);
});

test('an application on the public host itself is signed in to without a ticket', async (t) => {
  const scene = await stage(t, { apps: { portal: OPEN('login'), wiki: OPEN('wiki') } });
  const browser = scene.browser();
  const page = await signIn(browser, 'alice', `${scene.url}/start?x=1`);
  t.is(page.status, 200);
  t.is(page.url, `${scene.url}/start?x=1`);
  t.false(page.hops.some(({ url }) => url.includes('/.curfew/enter')));
  t.is((await browser.visit(scene.at('wiki'))).status, 200);
  t.is((await browser.visit(`${scene.url}/.curfew/logout`)).status, 200);
  t.is((await browser.request(`${scene.url}/start`)).status, 303);
});

test('every cookie of the gateway is its host’s alone and hidden from scripts, the session’s is Lax', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [login, wiki] = [browser.cookies('login.test'), browser.cookies('wiki.test')];
  t.deepEqual(names(login), ['curfew', 'curfew-browser']);
  t.deepEqual(names(wiki), ['curfew', 'curfew-enter']);
  for (const cookie of [...login, ...wiki]) {
    t.true(cookie.httpOnly && cookie.hostOnly, cookie.name);
    t.is(cookie.path, '/');
    t.regex(cookie.value, /^[A-Za-z0-9_-]{43}$/);
  }
  for (const cookies of [login, wiki]) {
    const session = cookies.find(({ name }) => name === 'curfew');
    t.is(session?.sameSite, 'lax');
    t.is(session?.expiresAt, undefined);
  }
});

test('with https every cookie of the gateway has the prefix that keeps neighbours from setting it (RFC 6265bis §4.1.3.2)', async (t) => {
  const scene = await stage(t, {
    publicUrl: 'https://login.test',
    gateway: 'trustedProxies: [127.0.0.1]',
  });
  // As a proxy that ends TLS would ask.
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'wiki.test' };
  const first = await scene.browser().request(scene.at('wiki'), { headers: proxied });
  t.regex(
    first.setCookies.join(),
    /^__Host-curfew-enter=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600$/,
  );
  const second = await scene.browser().request(`${scene.at('login')}saml/login?app=wiki`, {
    headers: { ...proxied, 'x-forwarded-host': 'login.test' },
  });
  t.regex(second.setCookies.join(), /^__Host-curfew-browser=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=None/);
});

for (const [what, headers] of [
  ['script', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script', accept: '*/*' }],
  ['image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', accept: 'image/avif,*/*;q=0.8' }],
  ['fetch', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }],
  ['XMLHttpRequest of an old browser', { 'x-requested-with': 'XMLHttpRequest', accept: 'text/html, */*' }],
  ['event stream', { 'sec-fetch-mode': 'cors', accept: 'text/event-stream' }],
] as const) {
  test(`without a session a request by ${what} gets 401 that a script can read, and no redirect`, async (t) => {
    const scene = await stage(t);
    const page = await scene.browser().request(scene.at('wiki', '/x'), { mode: 'fetch', headers });
    t.is(page.status, 401);
    t.is(page.headers.location, undefined);
    t.is(page.headers['x-curfew'], 'SIGN_IN_NEEDED');
    t.is(page.headers['cache-control'], 'no-store');
    const said = JSON.parse(page.body) as Record<string, string>;
    t.is(said['error'], 'SIGN_IN_NEEDED');
    t.true(said['signIn']?.startsWith(`${scene.url}/saml/login?app=wiki`), said['signIn']);
    t.is(scene.upstream.requests.length, 0);
  });
}

test('the sign-in address in a 401 leads to the application', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const refused = await browser.request(scene.at('wiki', '/api'), { mode: 'fetch' });
  const { signIn: address } = JSON.parse(refused.body) as { signIn: string };
  const page = await signIn(browser, 'alice', address);
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki'));
});

test('a public path needs no session, and nobody is named to the application there', async (t) => {
  const scene = await stage(t);
  const page = await scene.browser().request(scene.at('wiki', '/public/logo.png'), {
    headers: { 'Remote-User': 'alice@example.test' },
  });
  t.is(page.status, 200);
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'remote-user'), []);
});

test('a forbidden path is a 403 page with the reason and the request id, and the application hears nothing', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('bob', scene.at('wiki'));
  const before = scene.upstream.requests.length;
  const page = await browser.visit(scene.at('wiki', '/admin/users'));
  t.is(page.status, 403);
  t.is(page.headers['x-curfew'], 'ACCESS_DENIED');
  t.regex(page.body, /<title>You may not open this<\/title>/);
  t.regex(page.body, /<dd>ACCESS_DENIED<\/dd>/);
  const [, requestId] = /<dt>Request<\/dt>\s*<dd>([\w-]{22})<\/dd>/.exec(page.body) ?? [];
  t.truthy(requestId);
  t.true(scene.lines.some(({ facts }) => facts['requestId'] === requestId && facts['code'] === 'ACCESS_DENIED'));
  t.is(scene.upstream.requests.length, before);
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  t.is((await alice.visit(scene.at('wiki', '/admin/users'))).status, 200);
});

test('a host that no application claims is a 404 page that says so', async (t) => {
  const scene = await stage(t);
  const page = await scene.browser().visit(scene.at('nobody'));
  t.is(page.status, 404);
  t.is(page.headers['x-curfew'], 'HOST_UNKNOWN');
  t.regex(page.body, /There is no application at this address/);
  t.notRegex(page.body, /wiki|chat/);
  const line = scene.lines.find(({ facts }) => facts['code'] === 'HOST_UNKNOWN');
  t.deepEqual(line?.facts['known'], ['chat.test', 'wiki.test'], 'the operator is told which hosts there are');
});

test('a cookie taken at one application opens no other, and not the gateway’s own host (P11)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const stolen = browser.cookies('wiki.test').find(({ name }) => name === 'curfew')?.value ?? '';
  const headers = { cookie: `curfew=${stolen}` };
  const thief = scene.browser();
  t.is((await thief.request(scene.at('wiki'), { headers })).status, 200, 'it is no good even where it was taken');
  t.is((await thief.request(scene.at('chat'), { headers })).status, 303);
  t.is((await thief.request(scene.at('chat', '/.curfew/session'), { headers })).status, 401);
  const login = await thief.request(`${scene.url}/saml/login?app=chat`, { headers });
  t.true(login.headers.location?.startsWith(scene.idp.url), 'a ticket was given for it');
});

test('the gateway’s own cookies never reach an application (P11)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.request(scene.at('wiki'), { headers: { cookie: 'theme=dark' } });
  const own = browser.cookies('wiki.test').map(({ value }) => value);
  t.is(own.length, 2);
  for (const request of scene.upstream.requests) {
    const text = request.rawHeaders.join('\n');
    for (const value of own) t.false(text.includes(value));
    t.notRegex(text, /curfew(?:-enter)?=/);
  }
});

for (const name of [
  'Remote-User',
  'remote_user',
  'REMOTE-USER',
  'Remote_User',
  'Remote.User',
  'X_Forwarded_Groups',
  'x-forwarded-groups',
  'X-Display_Name',
  'X-Forwarded-User',
]) {
  test(`an identity header forged as ${name} is removed (P11)`, async (t) => {
    const scene = await stage(t);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    await browser.request(scene.at('wiki', '/forged'), { headers: { [name]: 'forged', connection: 'remote-user' } });
    const request = scene.upstream.requests.at(-1);
    t.is(request?.url, '/forged');
    t.false(request?.rawHeaders.some((part) => part.includes('forged') && part !== '/forged'));
    t.deepEqual(request && headerValues(request, 'remote-user'), ['alice@example.test']);
    t.deepEqual(request && headerValues(request, 'x-forwarded-groups').length, 1);
  });
}

test('no log line holds a cookie, a ticket, a SAML message or a NameID', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki', '/page'));
  const page = await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
  const cookies = browser.cookies().map(({ value }) => value);
  await browser.visit(scene.at('wiki', '/.curfew/enter?ticket=unknown-ticket'));
  await browser.visit(scene.at('wiki', '/.curfew/logout'));
  const sent = [...form.hops, ...page.hops].flatMap(({ url }) => [...new URL(url).searchParams.entries()]);
  const secrets = sent.filter(([name]) => ['ticket', 'bind', 'SAMLRequest', 'Signature'].includes(name));
  t.deepEqual(new Set(secrets.map(([name]) => name)).size, 4);
  const log = JSON.stringify(scene.lines);
  t.true(log.includes('TICKET_REFUSED'));
  for (const secret of [...secrets.map(([, value]) => value), ...cookies]) t.false(log.includes(secret), secret);
  t.notRegex(log, /alice@example|unknown-ticket/);
});

test('a restart between the question and the answer of a sign-in is not noticed (P13)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki', '/page'));
  await scene.restart();
  const page = await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/page'));
});
