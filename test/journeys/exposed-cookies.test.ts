// Cookies that the app's scripts read and change are the browser's as long as the session lives, and never reach the app with another
// person's (P7, P10).

import test from 'ava';
import { signIn, stage, type Stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { headerValues, startUpstream, type RecordingUpstream } from '../support/upstream.ts';
import type { Browser } from '../support/browser.ts';

/** Sets what `?set=` says, says which cookies it got. */
const legacyApp = (): Promise<RecordingUpstream> =>
  startUpstream(
    (request, response) => {
      const set = new URL(request.url ?? '/', 'http://app').searchParams.getAll('set');
      response.writeHead(200, { 'Set-Cookie': set }).end(request.headers.cookie ?? '');
    },
    {
      upgrade: (_request, socket) =>
        void socket.end(
          'HTTP/1.1 403 Forbidden\r\nSet-Cookie: T=refused; Path=/\r\nSet-Cookie: SID=2; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n',
        ),
    },
  );

const APP = (cookies: string, app = 'wiki') => `app: ${app}
hosts: [${app}.test]
upstream: \${UPSTREAM}
access: [{ paths: [/public/**], allow: anyone }, { allow: authenticated }]
cookies: ${cookies}
`;

const EXPOSED = '{ expose: [T, pref*] }';

async function scene(t: Parameters<typeof stage>[0], cookies = EXPOSED): Promise<Stage> {
  const upstream = await legacyApp();
  t.teardown(() => upstream.close());
  return stage(t, { upstream, apps: { wiki: APP(cookies), chat: APP(cookies, 'chat') } });
}

const setting = (...lines: string[]): string =>
  `?${new URLSearchParams(lines.map((line) => ['set', line])).toString()}`;

const appCookies = (browser: Browser, host = 'wiki.test'): string[] =>
  browser
    .cookies(host)
    .filter(({ name }) => !name.startsWith('curfew'))
    .map(({ name, value, path }) => `${name}=${value} ${path}`);

/** Leaves by the identity provider's word, and comes back as Bob. */
async function bobComes(at: Stage, browser: Browser, path = '/'): Promise<string> {
  await postSoap(at, soapFor(at, 'alice'));
  await at.idp.signOutEverywhere('alice');
  return (await signIn(browser, 'bob', at.at('wiki', path))).body;
}

for (const cookies of [EXPOSED, '{ keep: browser }']) {
  test(`with ${cookies} a script reads and changes what the app has set, and HttpOnly stays here (P7)`, async (t) => {
    const at = await scene(t, cookies);
    const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/', 'SID=s; Path=/; HttpOnly')}`));
    t.deepEqual(appCookies(browser), ['T=1 /']);
    t.is((await browser.visit(at.at('wiki', '/a'))).body, 'SID=s; T=1');
    browser.writeCookie(at.at('wiki', '/a'), 'T=mine; path=/');
    t.is((await browser.request(at.at('wiki', '/save'), { mode: 'fetch', from: at.at('wiki') })).body, 'SID=s; T=mine');
    browser.writeCookie(at.at('wiki', '/a'), 'T=; path=/; max-age=0');
    t.is((await browser.visit(at.at('wiki', '/b'))).body, 'SID=s');
  });

  test(`with ${cookies} no cookie of ours reaches the app, and none is set by it (P11)`, async (t) => {
    const at = await scene(t, cookies);
    const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/')}`));
    const before = browser.cookies('wiki.test');
    await browser.visit(
      at.at('wiki', `/${setting('curfew=evil; Path=/', 'curfew-mark-wiki.T=evil; Path=/', 'curfew-mark-wiki.U=x')}`),
    );
    await browser.visit(at.at('wiki', '/public/x'));
    t.deepEqual(browser.cookies('wiki.test'), before);
    browser.forget();
    browser.writeCookie(at.at('wiki'), 'curfew-mark-wiki.T=x; path=/');
    await browser.visit(at.at('wiki', '/public/x'));
    t.false(at.upstream.requests.some((request) => headerValues(request, 'cookie').join().includes('curfew')));
  });

  test(`with ${cookies} the person’s own sign-out takes the cookies from the browser (P10)`, async (t) => {
    const at = await scene(t, cookies);
    const lines = ['T=1; Path=/deep', 'pref=2; Path=/; Domain=wiki.test'];
    const browser = await at.signedIn('alice', at.at('wiki', `/${setting(...lines)}`));
    await browser.visit(at.at('wiki'));
    browser.writeCookie(at.at('wiki'), 'pref-made=3; path=/');
    t.regex((await browser.visit(at.at('wiki'))).body, /pref-made=3/);
    t.is(appCookies(browser).length, 3);
    await browser.settle(await browser.visit(at.at('wiki', '/.curfew/logout')));
    t.deepEqual(
      browser.cookies('wiki.test').map(({ name }) => name),
      ['curfew-enter'],
    );
  });

  test(`with ${cookies} whoever comes next meets nothing of who was here, wherever it was left (P10)`, async (t) => {
    const at = await scene(t, cookies);
    const lines = [
      'T=alice1; Path=/',
      'T=alice2; Path=/deep',
      'T=alice3; Path=/; Domain=wiki.test',
      'SID=alice4; HttpOnly',
    ];
    const browser = await at.signedIn('alice', at.at('wiki', `/${setting(...lines)}`));
    browser.writeCookie(at.at('wiki', '/deep/down/page'), 'T=alice5');
    browser.writeCookie(at.at('wiki', '/deep/down/page'), 'pref=alice6');
    browser.writeCookie(at.at('wiki'), 'pref=alice7; path=/deep/down/page');
    t.regex((await browser.visit(at.at('wiki', '/deep/page'))).body, /alice/);
    t.is(await bobComes(at, browser), '');
    t.is((await browser.visit(at.at('wiki', `/deep/down/page${setting('T=bob; Path=/')}`))).body, '');
    t.is((await browser.visit(at.at('wiki', '/deep/down/page'))).body, 'T=bob');
    t.deepEqual(appCookies(browser), ['T=bob /'], 'what could be removed is gone for scripts, too');
  });
}

test('what a tab of the person before writes again stays where it is (P10)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=alice; Path=/')}`));
  await browser.visit(at.at('wiki'));
  await postSoap(at, soapFor(at, 'alice'));
  await at.idp.signOutEverywhere('alice');
  const form = await browser.visit(at.at('wiki'));
  // The tab writes while Bob is at the form, and again when he is in.
  browser.writeCookie(at.at('wiki'), 'T=alice; path=/');
  browser.writeCookie(at.at('wiki'), 'T=alice; path=/deep');
  const landed = await browser.settle(await browser.submitForm(form, { username: 'bob', password: 'bobpw' }));
  t.is(landed.body, '');
  t.is((await browser.visit(at.at('wiki', '/deep'))).body, '');
  t.deepEqual(appCookies(browser), []);
});

test('a sibling host’s cookie over the app’s own name changes nothing (P10)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=mine; Path=/')}`));
  browser.writeCookie(at.at('wiki'), 'T=tossed; path=/deep; domain=wiki.test');
  t.is((await browser.visit(at.at('wiki', '/deep'))).body, 'T=mine');
  t.deepEqual(appCookies(browser), ['T=mine /']);
});

test('without a session exposed cookies go neither way, others as ever (P10)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=alice; Path=/')}`));
  await postSoap(at, soapFor(at, 'alice'));
  const address = `/public/x${setting('T=nobody; Path=/', '=T=nobody', 'cart=1; Path=/')}`;
  t.is((await browser.visit(at.at('wiki', address))).body, '');
  t.is((await browser.visit(at.at('wiki', '/public/x'))).body, 'cart=1');
  t.deepEqual(appCookies(browser), ['T=alice /', 'cart=1 /']);
});

for (const [mode, status] of [
  ['navigate', 303],
  ['fetch', 401],
] as const) {
  test(`after the identity provider’s logout the next answer, a ${status}, takes cookies and marks (P10)`, async (t) => {
    const at = await scene(t);
    const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/', 'pref=2; Path=/a/')}`));
    await postSoap(at, soapFor(at, 'alice'));
    const answer = await browser.request(at.at('wiki', '/a/b'), { mode, from: at.at('wiki') });
    t.is(answer.status, status);
    t.deepEqual(appCookies(browser), []);
    t.false(browser.cookies('wiki.test').some(({ name }) => name.includes('mark')));
  });
}

test('a refused upgrade gives and takes cookies like any answer, with a session and without (P7, P10)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/')}`));
  await t.throwsAsync(browser.openWebSocket(at.at('wiki', '/socket'), { from: at.at('wiki') }));
  t.deepEqual(appCookies(browser), ['T=refused /']);
  t.is((await browser.visit(at.at('wiki'))).body, 'T=refused; SID=2'.split('; ').toSorted().join('; '));
  await postSoap(at, soapFor(at, 'alice'));
  await t.throwsAsync(browser.openWebSocket(at.at('wiki', '/socket'), { from: at.at('wiki') }));
  t.deepEqual(appCookies(browser), []);
});

test('a cookie keeps its session through a restart, another host’s sign-in and a second entrance (P13)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/')}`));
  browser.writeCookie(at.at('wiki'), 'T=mine; path=/');
  await browser.visit(at.at('chat'));
  await at.restart();
  t.is((await browser.visit(at.at('wiki', '/new'))).body, 'T=mine');
  await browser.visit(
    `${at.url}/saml/login?${new URLSearchParams({ app: 'wiki', return: at.at('wiki', '/x') }).toString()}`,
  );
  t.is((await browser.visit(at.at('wiki', '/new'))).body, 'T=mine');
});

test('an app’s cookie is no other app’s, though both expose its name (P11)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=wiki; Path=/')}`));
  const [mark] = browser.cookies('wiki.test').filter(({ name }) => name.startsWith('curfew-mark'));
  await browser.visit(at.at('chat', `/${setting('T=chat; Path=/')}`));
  browser.writeCookie(at.at('chat'), `curfew-mark-chat.T=${mark?.value ?? ''}; path=/`);
  browser.writeCookie(at.at('chat'), 'T=wiki; path=/');
  t.is((await browser.visit(at.at('chat', '/new'))).body, 'T=chat');
});

test('another site cannot have a living session’s cookies taken away (P10)', async (t) => {
  const at = await scene(t);
  const browser = await at.signedIn('alice', at.at('wiki', `/${setting('T=1; Path=/')}`));
  const answer = await browser.request(at.at('wiki'), { mode: 'fetch', from: 'http://evil.test/' });
  t.is(answer.status, 401, 'the session’s cookie is Lax');
  t.deepEqual(appCookies(browser), ['T=1 /']);
});
