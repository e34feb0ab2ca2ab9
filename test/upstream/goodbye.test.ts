// The goodbye: what the app is sent, and what is said about it afterwards.

import test from 'ava';
import { sayGoodbye } from '../../gateway/upstream/goodbye.ts';
import { headerValues, type UpstreamListener } from '../support/upstream.ts';
import { PUBLIC, stageApp, type UpstreamStage } from './stage.ts';

const call = (path: string, method: 'GET' | 'POST' = 'GET') =>
  ({ call: { kind: 'call', method, path }, deadlineMs: 20_000 }) as const;
const follow = (text: string, page = '/') =>
  ({ call: { kind: 'follow', page, follow: text }, deadlineMs: 20_000 }) as const;

/** An app that holds this page at `/` and answers everything else with 204. */
const holding =
  (html: string): UpstreamListener =>
  ({ url }, response) => {
    if (url === '/') response.end(html);
    else response.writeHead(204).end();
  };

const asked = ({ app }: UpstreamStage): string[] =>
  app.requests.map(({ method, url, body }) => `${method} ${url} ${body.toString()}`.trim());

test('the app is called by its own address, with its cookies and the name of the person (P7)', async (t) => {
  const stage = await stageApp(t, (_request, response) => void response.end(), ['Remote-User', 'alice']);
  stage.jar.take(['SID=1; Path=/', 'other=2; Path=/elsewhere'], '/', true, stage.client.clock.now());
  t.deepEqual(await sayGoodbye(call('/logout?all=1'), stage.client), { kind: 'told', status: 200, milliseconds: 0 });
  t.deepEqual(asked(stage), ['GET /logout?all=1']);
  t.deepEqual(headerValues(stage.app.requests[0] ?? { rawHeaders: [] }, 'Cookie'), ['SID=1']);
  t.deepEqual(headerValues(stage.app.requests[0] ?? { rawHeaders: [] }, 'Remote-User'), ['alice']);
});

test('a goodbye by POST is one POST without a body', async (t) => {
  const stage = await stageApp(t, (_request, response) => void response.writeHead(204).end());
  t.like(await sayGoodbye(call('/logout', 'POST'), stage.client), { kind: 'told', status: 204 });
  t.deepEqual(asked(stage), ['POST /logout']);
  t.deepEqual(headerValues(stage.app.requests[0] ?? { rawHeaders: [] }, 'Content-Length'), ['0']);
});

/** The way: what the call answers, what the page after its redirect does, and what is said of it. */
for (const [what, first, second, outcome] of [
  ['2xx is told', 200, 0, { kind: 'told', status: 200 }],
  ['3xx is told', 302, 200, { kind: 'told', status: 302 }],
  ['304, which leads nowhere, is told', 304, 0, { kind: 'told', status: 304 }],
  ['a redirect to a page for people who are signed in is told', 302, 401, { kind: 'told', status: 302 }],
  ['a redirect to a page that is not there is told', 302, 404, { kind: 'told', status: 302 }],
  ['a redirect to a page that fails is a failure', 302, 500, { kind: 'failed', reason: 'status', status: 500 }],
  ['401 is a failure', 401, 0, { kind: 'failed', reason: 'status', status: 401 }],
  ['404 is a failure', 404, 0, { kind: 'failed', reason: 'status', status: 404 }],
  ['500 is a failure', 500, 0, { kind: 'failed', reason: 'status', status: 500 }],
] as const) {
  test(`of a goodbye, ${what}`, async (t) => {
    const { client } = await stageApp(t, ({ url }, response) => {
      response.writeHead(url === '/logout' ? first : second, { Location: '/after' }).end();
    });
    t.like(await sayGoodbye(call('/logout'), client), outcome);
  });
}

test('a goodbye that redirects out of the app is told, and nobody else is called', async (t) => {
  const stage = await stageApp(t, (_request, response) => {
    response.writeHead(302, { Location: 'https://evil.test/' }).end();
  });
  t.like(await sayGoodbye(call('/logout'), stage.client), { kind: 'told', status: 302 });
  t.is(stage.app.requests.length, 1);
});

const LINK = '<a href="/x?do=logout&amp;token=1" title="Sign off">Log <b>out</b></a>';
const FORM =
  '<form id=leave action=/out method=post><input type=hidden name=token value=2><input type=hidden name=do value=exit><button name=go value=bye>Farewell</button></form>';
const FORM_SENT = 'POST /out token=2&do=exit&go=bye';

for (const [what, html, text, sent] of [
  ['a link by its address', LINK, 'do=logout', 'GET /x?do=logout&token=1'],
  ['a link by its words', LINK, 'Log out', 'GET /x?do=logout&token=1'],
  ['a link by its title', LINK, 'Sign off', 'GET /x?do=logout&token=1'],
  ['a link that stands there twice', `${LINK}<nav>${LINK}</nav>`, 'Log out', 'GET /x?do=logout&token=1'],
  ['a link among others', `<a href=/a>Log in</a>${LINK}<a href=/b>Login</a>`, 'Log out', 'GET /x?do=logout&token=1'],
  ['a form by its id', FORM, 'leave', FORM_SENT],
  ['a form by its action', FORM, '/out', FORM_SENT],
  ['a form by a hidden field', FORM, 'do=exit', FORM_SENT],
  ['a form by the words of its button', FORM, 'Farewell', FORM_SENT],
  ['a form by the name of its button', FORM, 'go=bye', FORM_SENT],
  [
    'the button that is meant, of several',
    FORM.replace('<button', '<button name=save>Save</button><button'),
    'Farewell',
    FORM_SENT,
  ],
  ['a form without a button', FORM.replace(/<button.*button>/, ''), 'leave', 'POST /out token=2&do=exit'],
] as const) {
  test(`a goodbye follows ${what} (P7)`, async (t) => {
    const stage = await stageApp(t, holding(html));
    t.like(await sayGoodbye(follow(text), stage.client), { kind: 'told', status: 204 });
    t.deepEqual(asked(stage), ['GET /', sent]);
    t.deepEqual(headerValues(stage.app.requests[1] ?? { rawHeaders: [] }, 'Referer'), [`${PUBLIC}/`]);
  });
}

for (const [what, html, text, reason] of [
  ['nothing of that kind is on the page', LINK, 'Farewell', 'nothing-to-follow'],
  [
    'the words stand in the text only',
    '<p>Log out</p><form><p>Log out</p><input name=a></form>',
    'Log out',
    'nothing-to-follow',
  ],
  ['the words stand in a comment', `<!-- ${LINK} -->`, 'Log out', 'nothing-to-follow'],
  ['the page is empty', '', 'Log out', 'nothing-to-follow'],
  [
    'somebody has written another link of that kind',
    `${LINK}<a href="/delete?x=do=logout">y</a>`,
    'do=logout',
    'several-to-follow',
  ],
  [
    'a link and a form are meant',
    `${LINK}<form action=/x><button>Log out</button></form>`,
    'Log out',
    'several-to-follow',
  ],
  [
    'two buttons of one form are meant',
    '<form><button name=a>Log out</button><button name=b>Log out</button></form>',
    'Log out',
    'several-to-follow',
  ],
  ['the link leads out of the app', '<a href="https://evil.test/?do=logout">x</a>', 'do=logout', 'leads-outside'],
  ['the link is a script', '<a href="javascript:logout()">x</a>', 'logout', 'leads-outside'],
  [
    'the form goes to somebody else',
    '<form action="//evil.test/"><button>Log out</button></form>',
    'Log out',
    'leads-outside',
  ],
  [
    'one of two links leads out of the app',
    `${LINK}<a href="https://evil.test/">Log out</a>`,
    'Log out',
    'several-to-follow',
  ],
] as const) {
  test(`a goodbye calls nothing where ${what}`, async (t) => {
    const stage = await stageApp(t, holding(html));
    t.deepEqual(await sayGoodbye(follow(text), stage.client), { kind: 'failed', reason, milliseconds: 0 });
    t.deepEqual(asked(stage), ['GET /']);
  });
}

test('a page that is refused says so, and one that has the link all the same is followed', async (t) => {
  const { client } = await stageApp(t, ({ url }, response) => {
    response.writeHead(url?.startsWith('/x') === true ? 204 : 403).end(url === '/with' ? LINK : '');
  });
  t.like(await sayGoodbye(follow('Log out'), client), { kind: 'failed', reason: 'status', status: 403 });
  t.like(await sayGoodbye(follow('Log out', '/with'), client), { kind: 'told', status: 204 });
});

test('cookies that the page sets go with what is followed (P7)', async (t) => {
  const stage = await stageApp(t, ({ url }, response) => {
    if (url === '/') response.setHeader('Set-Cookie', 'csrf=1; Path=/');
    response.end(LINK);
  });
  await sayGoodbye(follow('Log out'), stage.client);
  t.deepEqual(headerValues(stage.app.requests[1] ?? { rawHeaders: [] }, 'Cookie'), ['csrf=1']);
});

for (const [what, settings] of [
  ['the call', call('/slow')],
  ['the page', follow('x', '/slow')],
  ['what is followed', follow('slow')],
] as const) {
  test(`a goodbye is over when its deadline is: ${what} does not answer (P9)`, async (t) => {
    const { app, client } = await stageApp(t, ({ url }, response) => {
      if (url !== '/slow') response.end('<a href=/slow>slow</a>');
    });
    t.like(await sayGoodbye({ ...settings, deadlineMs: 300 }, client), { kind: 'failed', reason: 'timeout' });
    await app.idle();
    t.is(app.connections(), 0);
  });
}

test('a goodbye that is answered but never ended is told when its deadline comes', async (t) => {
  const { client } = await stageApp(t, (_request, response) => void response.write('bye'));
  t.like(await sayGoodbye({ ...call('/logout'), deadlineMs: 200 }, client), { kind: 'told', status: 200 });
});

test('a goodbye to an app that is not there fails, and does not reject', async (t) => {
  const { app, client } = await stageApp(t, () => {});
  await app.close();
  t.like(await sayGoodbye(call('/logout'), client), { kind: 'failed', reason: 'refused' });
  t.like(await sayGoodbye(follow('x'), client), { kind: 'failed', reason: 'refused' });
});

test('a goodbye does not reject where a part of ours is at fault', async (t) => {
  const { client } = await stageApp(t, () => {});
  const broken = { ...client, send: () => Promise.reject(new Error('a fault')) };
  t.like(await sayGoodbye(call('/logout'), broken), { kind: 'failed', reason: 'unexpected' });
});
