// What is not kept: the sign-in goes on, and a page says what has to be sent again.

import test from 'ava';
import { linksIn } from '../support/forms.ts';
import { stage, type StageOptions } from '../support/gateway.ts';
import { raw, request, statusOf } from './raw.ts';
import {
  URLENCODED,
  EDIT,
  SAVE,
  save,
  asPerson,
  loggedOutWhileWriting,
  posts,
  keeping,
  rawPost,
  type Sent,
} from './writer.ts';

const MINUTE = 60_000;
const KIB = 1024;

for (const [what, options, sent, code] of [
  ['over 256 KiB', {}, { body: 'a'.repeat(256 * KIB + 1) }, 'FORM_TOO_LARGE'],
  ['over `limits.keptForm`', keeping('10B'), { body: 'a'.repeat(11) }, 'FORM_TOO_LARGE'],
  ['where none is kept', keeping('off'), {}, 'FORM_NOT_KEPT'],
  ['compressed', {}, { headers: { 'content-encoding': 'gzip' } }, 'FORM_UNSUPPORTED'],
  ['of no kind that forms have', {}, { headers: { 'content-type': 'application/json' } }, 'FORM_UNSUPPORTED'],
] as const satisfies readonly (readonly [string, StageOptions, Sent, string])[]) {
  test(`a form ${what} is not kept: the sign-in goes on, and a page says so with the way back`, async (t) => {
    const scene = await stage(t, options);
    const browser = await loggedOutWhileWriting(scene);
    const page = await asPerson(browser, await save(scene, browser, sent), 'alice');
    t.is(page.headers['x-curfew'], code);
    t.regex(page.body, /<h1>Please send the form again<\/h1>/);
    t.deepEqual(linksIn(page.body, page.url, 'Back'), [scene.at('wiki', EDIT)]);
    t.is(posts(scene).length, 0);
    t.is((await browser.visit(scene.at('wiki', EDIT))).body, 'ok', 'nobody is signed in');
    t.true(scene.lines.some(({ event, facts }) => event === 'form-not-kept' && facts['code'] === code));
  });
}

test('a form of unknown length that turns out too long is not kept', async (t) => {
  const scene = await stage(t, keeping('10B'));
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  const fields = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Site: same-origin', `Content-Type: ${URLENCODED}`];
  const head = request('POST', SAVE, [host, ...fields, 'Transfer-Encoding: chunked']);
  for (const [digits, size] of [
    ['a', 10],
    ['b', 11],
  ] as const) {
    const answer = await raw(scene.running.http.port, `${head}${digits}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`);
    t.is(statusOf(answer), 303);
    t.is(answer.includes('FORM_TOO_LARGE'), size > 10);
  }
});

test('what is left of a form that is too long is read away, so that the next request on its connection is answered', async (t) => {
  const scene = await stage(t, keeping('10B'));
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  const fields = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Site: same-origin', `Content-Type: ${URLENCODED}`];
  const head = request('POST', SAVE, [host, ...fields, 'Transfer-Encoding: chunked']).replace(/Connection.*\r\n/, '');
  const chunk = `${(64 * KIB).toString(16)}\r\n${'x'.repeat(64 * KIB)}\r\n`;
  const next = request('GET', '/public/logo.png', [host]);
  const answers = await raw(scene.running.http.port, `${head}${chunk.repeat(8)}0\r\n\r\n${next}`);
  t.deepEqual(answers.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 303', 'HTTP/1.1 200']);
});

test('a form of the largest size is kept', async (t) => {
  const scene = await stage(t, keeping('10B'));
  const browser = await loggedOutWhileWriting(scene);
  await asPerson(browser, await save(scene, browser, { body: 'a'.repeat(10) }), 'alice');
  t.is(posts(scene)[0]?.body.length, 10);
});

test('strangers cannot fill the store: beyond 8 MiB of one address no form is kept, and sign-ins go on', async (t) => {
  const scene = await stage(t, { ...keeping('4MiB'), store: 'memory' });
  const browser = scene.browser();
  const codes: unknown[] = [];
  for (let sent = 0; sent < 3; sent += 1) {
    const post = await browser.request(scene.at('wiki', SAVE), {
      method: 'POST',
      body: 'a'.repeat(3 * KIB * KIB),
      headers: { 'content-type': URLENCODED },
      from: scene.at('wiki', EDIT),
    });
    t.is(post.status, 303);
    const back = new URL(new URL(post.headers.location ?? '').searchParams.get('return') ?? '');
    codes.push(back.searchParams.get('lost'));
  }
  t.deepEqual(codes, [null, null, 'FORM_NO_ROOM']);
  scene.clock.advance(16 * MINUTE);
  await save(scene, browser);
  t.is(scene.lines.at(-1)?.event, 'form-kept');
});

for (const [what, sent] of [
  ['PUT', { method: 'PUT' }],
  ['DELETE', { method: 'DELETE' }],
  ['PATCH', { method: 'PATCH' }],
  ['a script’s POST', { headers: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } }],
  ['an XMLHttpRequest of an old browser', { headers: { 'x-requested-with': 'XMLHttpRequest' } }],
] as const satisfies readonly (readonly [string, Sent])[]) {
  test(`without a session ${what} gets 401 that a script can read, and nothing is kept`, async (t) => {
    const scene = await stage(t);
    const browser = await loggedOutWhileWriting(scene);
    const page = await save(scene, browser, sent);
    t.is(page.status, 401);
    t.is((JSON.parse(page.body) as { error: string }).error, 'SIGN_IN_NEEDED');
    t.false(scene.lines.some(({ event }) => event.startsWith('form')));
  });
}

test('a program’s POST of JSON, without anything a browser says, gets 401', async (t) => {
  const scene = await stage(t);
  const post = await rawPost(scene, scene.browser(), { 'content-type': 'application/json' });
  t.is(post.status, 401);
});
