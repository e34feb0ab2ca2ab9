// Signing in by an app's own form, and out again, on apps that behave as the real ones do.

import test, { type ExecutionContext } from 'ava';
import type { EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { fieldValues, signInByForm, type SignInOutcome } from '../../gateway/upstream/form-sign-in.ts';
import { sayGoodbye } from '../../gateway/upstream/goodbye.ts';
import type { FormSignInSettings, SignedInWhen } from '../../gateway/upstream/settings.ts';
import type { UpstreamListener } from '../support/upstream.ts';
import { likeAdminer, likeDokuWiki } from './legacy-forms.ts';
import { stageApp } from './stage.ts';

const settings = (page: string, signedInWhen: SignedInWhen, more: Partial<FormSignInSettings> = {}) =>
  ({ page, fields: [], signedInWhen, ...more }) satisfies FormSignInSettings;
const values = (fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields));

const WIKI = settings('/doku.php?do=login', { kind: 'cookie', cookie: 'DW*' });
const ADMINER = settings('/', { kind: 'status', status: 200 });
const ALICE = values({ u: 'alice', p: 'alicepw' });
const ALICE_IN_ADMINER = values({ 'auth[username]': 'alice', 'auth[password]': 'legacypw' });

test('as DokuWiki: the form signs in, and the link with its token signs out (P7)', async (t) => {
  const { listener, people } = likeDokuWiki();
  const { client } = await stageApp(t, listener);
  t.deepEqual(await signInByForm(WIKI, ALICE, client), { kind: 'signed-in' });
  t.deepEqual([...people.values()], ['alice']);
  const goodbye = { call: { kind: 'follow', page: '/doku.php', follow: 'do=logout' }, deadlineMs: 20_000 } as const;
  t.like(await sayGoodbye(goodbye, client), { kind: 'told', status: 302 });
  t.deepEqual([...people.values()], []);
  t.deepEqual(
    client.jar.cookies(client.clock.now()).map(({ name }) => name),
    ['DokuWiki'],
  );
});

test('as Adminer: the form signs in, and the form with its token signs out (P7)', async (t) => {
  const { listener, people } = likeAdminer();
  const { client } = await stageApp(t, listener);
  t.deepEqual(await signInByForm(ADMINER, ALICE_IN_ADMINER, client), { kind: 'signed-in' });
  t.deepEqual([...people.values()], ['alice']);
  const goodbye = { call: { kind: 'follow', page: '/', follow: 'logout=Logout' }, deadlineMs: 20_000 } as const;
  t.like(await sayGoodbye(goodbye, client), { kind: 'told', status: 302 });
  t.deepEqual([...people.values()], []);
});

test('as Nagios: an app that asks for a password by HTTP has no form', async (t) => {
  const { client } = await stageApp(t, (_request, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Nagios4"' }).end('<h1>Unauthorized</h1>');
  });
  t.deepEqual(await signInByForm(WIKI, ALICE, client), { kind: 'failed', reason: 'no-such-form', status: 401 });
});

test('a wrong password is no sign-in, whatever the criterion', async (t) => {
  const wrong = values({ u: 'alice', p: 'wrong' });
  const criteria: SignedInWhen[] = [
    { kind: 'cookie', cookie: 'DW*' },
    { kind: 'status', status: 200 },
    { kind: 'text', text: 'do=logout' },
  ];
  for (const signedInWhen of criteria) {
    const { listener, people } = likeDokuWiki();
    const { client } = await stageApp(t, listener);
    t.deepEqual(await signInByForm({ ...WIKI, signedInWhen }, wrong, client), { kind: 'not-signed-in', status: 403 });
    t.is(people.size, 0);
    t.deepEqual(await signInByForm({ ...WIKI, signedInWhen }, ALICE, client), { kind: 'signed-in' });
  }
});

test('as Adminer: a redirect is no sign-in where the page after it is refused', async (t) => {
  const { client } = await stageApp(t, likeAdminer().listener);
  const wrong = values({ 'auth[username]': 'alice', 'auth[password]': 'wrong' });
  t.deepEqual(await signInByForm(ADMINER, wrong, client), { kind: 'not-signed-in', status: 403 });
});

/** An app with this login page, which takes everything that is posted and sets `SID` where `sets` says so. */
const taking =
  (html: string, sets: (form: URLSearchParams) => string | undefined = () => 'SID=1'): UpstreamListener =>
  ({ method }, response, { body }) => {
    const cookie = method === 'POST' ? sets(new URLSearchParams(body.toString())) : undefined;
    if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
    response.end(method === 'POST' ? 'welcome' : html);
  };

/** Signs in at `/login` of such an app. */
async function signIn(
  t: ExecutionContext,
  listener: UpstreamListener,
  fields: Readonly<Record<string, string>> = { u: 'alice', p: 'pw' },
  more: Partial<FormSignInSettings> = {},
) {
  const stage = await stageApp(t, listener);
  const when = { kind: 'cookie', cookie: 'SID' } as const;
  const outcome: SignInOutcome = await signInByForm(settings('/login', when, more), values(fields), stage.client);
  return { outcome, ...stage };
}

const LOGIN =
  '<form method=post action=/login><input type=hidden name=csrf value=t1><input name=u value=old><input name=p><input type=submit name=go value=Login></form>';

test('hidden fields and the first button go with the values, and values replace what stood there', async (t) => {
  const { app, outcome } = await signIn(t, taking(LOGIN), { u: 'a&b', p: 'p w' });
  t.deepEqual(outcome, { kind: 'signed-in' });
  t.is(app.requests[1]?.body.toString(), 'csrf=t1&u=a%26b&p=p+w&go=Login');
});

test('a cookie that was there before is no sign-in; the same name with a new value is', async (t) => {
  const same = await stageApp(t, ({ method }, response) => {
    response.setHeader('Set-Cookie', 'SID=guest').end(method === 'POST' ? 'no' : LOGIN);
  });
  const when = settings('/login', { kind: 'cookie', cookie: 'SID' });
  t.deepEqual(await signInByForm(when, values({ u: 'a', p: 'b' }), same.client), {
    kind: 'not-signed-in',
    status: 200,
  });
  const anew = await stageApp(t, ({ method }, response) => {
    response.setHeader('Set-Cookie', `SID=${method ?? ''}`).end(LOGIN);
  });
  t.deepEqual(await signInByForm(when, values({ u: 'a', p: 'b' }), anew.client), { kind: 'signed-in' });
});

test('a cookie that the answer removes is no sign-in', async (t) => {
  const { outcome } = await signIn(
    t,
    taking(LOGIN, () => 'SID=deleted; Max-Age=0'),
  );
  t.like(outcome, { kind: 'not-signed-in' });
});

test('of several forms the one with the fields is filled in, or the one that has the text', async (t) => {
  const search = '<form action=/search><input name=u></form>';
  const { app } = await signIn(t, taking(`${search}${LOGIN}`));
  t.is(app.requests[1]?.url, '/login');
  const second = LOGIN.replace('/login', '/staff').replace('value=Login', 'value=Staff');
  const { app: other } = await signIn(t, taking(`${LOGIN}${second}`), undefined, { form: 'Staff' });
  t.is(other.requests[1]?.url, '/staff');
});

for (const [what, html, outcome] of [
  ['a page without a form', '<p>Maintenance</p>', { kind: 'failed', reason: 'no-such-form', status: 200 }],
  ['a page with another form', '<form><input name=q></form>', { kind: 'failed', reason: 'no-such-form', status: 200 }],
  [
    'a form that lacks a field',
    LOGIN.replace('name=p', 'name=password'),
    { kind: 'failed', reason: 'no-such-field', field: 'p' },
  ],
  [
    'a form that goes to somebody else',
    LOGIN.replace('/login', 'https://evil.test/'),
    { kind: 'failed', reason: 'leads-outside' },
  ],
  [
    'a page whose base is somebody else',
    `<base href="//evil.test/">${LOGIN.replace('/login', 'x')}`,
    { kind: 'failed', reason: 'leads-outside' },
  ],
] as const) {
  test(`on ${what} no password is sent`, async (t) => {
    const { app, outcome: found } = await signIn(t, taking(html));
    t.deepEqual(found, outcome);
    t.deepEqual(
      app.requests.map(({ method }) => method),
      ['GET'],
    );
  });
}

test('a password is sent by a form that the page calls GET only where the page calls it so', async (t) => {
  const { app } = await signIn(t, taking(LOGIN.replace('method=post', 'method=get')));
  t.is(app.requests[1]?.url, '/login?csrf=t1&u=alice&p=pw&go=Login');
});

test('an app that does not answer holds nobody up', async (t) => {
  const { app, client } = await stageApp(t, ({ method }, response) => {
    if (method === 'GET') response.end(LOGIN);
  });
  const when = settings('/login', { kind: 'cookie', cookie: 'SID' });
  const outcome = await signInByForm(when, values({ u: 'a', p: 'b' }), client, AbortSignal.timeout(200));
  t.deepEqual(outcome, { kind: 'failed', reason: 'timeout', status: undefined });
  await app.idle();
  t.is(app.connections(), 0);
});

const PERSON: Identity = {
  idp: 'corp',
  nameId: { value: 'alice@example.com' },
  sessionIndexes: [],
  attributes: new Map([
    ['uid', ['alice']],
    ['mail.home', ['a@home.test']],
    ['groups', ['staff', 'admins']],
  ]),
  authnInstant: 0 as EpochMs,
};
const CREDENTIALS = new Map([['password', 'pw ${nameId}']]);

for (const [template, value] of [
  ['${nameId}', 'alice@example.com'],
  ['x-${attributes.uid}-${idp}', 'x-alice-corp'],
  ['${attributes.mail.home}', 'a@home.test'],
  ['${credentials.password}', 'pw ${nameId}'],
  ['plain $ {text}', 'plain $ {text}'],
  ['', ''],
] as const) {
  test(`the field "${template}" is "${value}"`, (t) => {
    const made = fieldValues({ fields: [{ name: 'u', template }] }, PERSON, CREDENTIALS);
    t.deepEqual(made, { values: new Map([['u', value]]) });
  });
}

for (const [what, template] of [
  ['an attribute nobody sent', '${attributes.phone}'],
  ['an attribute with several values: as whom one signs in is no matter of choice', '${attributes.groups}'],
  ['credentials that are not there', '${credentials.user}'],
  ['credentials by a name that every object has', '${credentials.constructor}'],
] as const) {
  test(`no field is made of ${what}`, (t) => {
    const fields = [
      { name: 'a', template: '${nameId}' },
      { name: 'b', template: `x${template}` },
    ];
    t.deepEqual(fieldValues({ fields }, PERSON, CREDENTIALS), { missing: 'b' });
    t.deepEqual(fieldValues({ fields }, PERSON, undefined), { missing: 'b' });
  });
}
