// A login expires while somebody writes: the person presses Save, signs in again, and the text arrives, once.

import test from 'ava';
import { STAND_IN_BYTES } from '../../gateway/http/stand-in.ts';
import { linksIn } from '../support/forms.ts';
import { OPEN, stage } from '../support/gateway.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';
import { raw, request, statusOf } from './raw.ts';
import {
  URLENCODED,
  EDIT,
  SAVE,
  TEXT,
  save,
  asPerson,
  loggedOutWhileWriting,
  OWN,
  signedOut,
  posts,
  keeping,
  untilWaiting,
  rawPost,
} from './writer.ts';

const MINUTE = 60_000;

test('a form sent after a logout arrives after the next sign-in: once, byte for byte, as the person, at its address', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser);
  t.is(posts(scene).length, 0);
  const page = await asPerson(browser, login, 'alice');
  t.is(page.status, 200);
  t.is(page.body, 'ok');
  t.is(page.url, scene.at('wiki', SAVE));
  const [post, second] = posts(scene);
  t.is(second, undefined);
  t.is(post?.url, SAVE);
  t.is(post?.body.toString('latin1'), TEXT);
  t.deepEqual(post && headerValues(post, 'content-type'), [URLENCODED]);
  t.deepEqual(post && headerValues(post, 'content-length'), [String(TEXT.length)]);
  t.deepEqual(post && headerValues(post, 'referer'), [scene.at('wiki', EDIT)]);
  t.deepEqual(post && headerValues(post, 'remote-user'), ['alice@example.test']);
});

test('files arrive byte for byte, boundary and all', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256));
  const body = Buffer.concat([
    Buffer.from('--x\r\nContent-Disposition: form-data; name="f"; filename="ü.bin"\r\n\r\n'),
    bytes,
    Buffer.from('\r\n--x--\r\n'),
  ]);
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  await asPerson(browser, await save(scene, browser, { body, headers }), 'alice');
  const [post] = posts(scene);
  t.true(post?.body.equals(body));
  t.deepEqual(post && headerValues(post, 'content-type'), ['multipart/form-data; boundary=x']);
});

test('a form that waits for 100 (Continue) is told so and kept, or hears at once that it is too large (RFC 9110 §10.1.1)', async (t) => {
  const scene = await stage(t, keeping(`${TEXT.length}B`));
  const browser = await loggedOutWhileWriting(scene);
  const answer = await rawPost(scene, browser, { ...OWN, expect: '100-continue' });
  const page = await asPerson(browser, await browser.visit(answer.headers.location ?? ''), 'alice');
  await browser.submitForm(page);
  t.is(posts(scene)[0]?.body.toString('latin1'), TEXT);
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  const fields = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Site: same-origin', `Content-Type: ${URLENCODED}`];
  const long = request('POST', SAVE, [host, ...fields, 'Expect: 100-continue', `Content-Length: ${TEXT.length + 1}`]);
  t.is(statusOf(await raw(scene.running.http.port, long)), 303);
});

test('loading the result again sends nothing twice', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser);
  const inside = await browser.submitForm(login, { username: 'alice', password: 'alicepw' });
  // As far as the page that sends it: what it posts is what a reload would post.
  const waiting = await untilWaiting(browser, inside);
  t.is((await browser.submitForm(waiting)).body, 'ok');
  const again = await browser.submitForm(waiting);
  t.is(again.status, 410);
  t.is(again.headers['x-curfew'], 'FORM_GONE');
  t.deepEqual(linksIn(again.body, again.url, 'Back'), [scene.at('wiki', SAVE)]);
  t.is((await browser.visit(waiting.url)).headers['x-curfew'], 'FORM_GONE');
  t.is(posts(scene).length, 1);
});

test('of two tabs that send the same form at once one succeeds', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  const pages = await Promise.all([browser.submitForm(waiting), browser.submitForm(waiting)]);
  t.deepEqual(pages.map(({ status }) => status).sort(), [200, 410]);
  t.is(posts(scene).length, 1);
});

test('two forms of two tabs both arrive', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const [one, two] = [await save(scene, browser, { body: 'n=1' }), await save(scene, browser, { body: 'n=2' })];
  await asPerson(browser, one, 'alice');
  await browser.settle(await browser.visit(two.hops[0]?.headers['location'] ?? ''));
  t.deepEqual(
    posts(scene).map(({ body }) => body.toString()),
    ['n=1', 'n=2'],
  );
});

test('a form waits for 15 minutes and not longer; the page then leads back to where it was', async (t) => {
  const scene = await stage(t);
  for (const [minutes, code] of [
    [14, undefined],
    [16, 'FORM_GONE'],
  ] as const) {
    const browser = await loggedOutWhileWriting(scene);
    const login = await save(scene, browser);
    scene.clock.advance(minutes * MINUTE);
    const page = await asPerson(browser, login, 'alice');
    t.is(page.headers['x-curfew'], code);
    if (code !== undefined) t.deepEqual(linksIn(page.body, page.url, 'Back'), [scene.at('wiki', EDIT)]);
  }
  t.is(posts(scene).length, 1);
});

test('a form survives a restart (P13)', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser);
  await scene.restart();
  await asPerson(browser, login, 'alice');
  t.is(posts(scene).length, 1);
});

test('a session that ends once more on the way to the app costs the form nothing', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  await signedOut(scene, 'alice');
  await asPerson(browser, await browser.submitForm(waiting), 'alice');
  t.is(posts(scene)[0]?.body.toString('latin1'), TEXT);
});

test('a form that the app did not answer waits for the person to try again', async (t) => {
  let isDown = true;
  const upstream = await startUpstream((request, response) => {
    if (isDown && request.method === 'POST') response.socket?.destroy();
    else response.end('ok');
  });
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream });
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  t.is((await browser.submitForm(waiting)).status, 502);
  isDown = false;
  t.is((await browser.submitForm(waiting)).body, 'ok');
  t.deepEqual(
    posts(scene).map(({ body }) => body.toString('latin1')),
    [TEXT, TEXT],
  );
});

test('a plain text of the very length of a stand-in reaches the app as it is', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki', EDIT));
  const body = 'x'.repeat(STAND_IN_BYTES);
  await save(scene, browser, { body, headers: { 'content-type': 'text/plain; charset=x' } });
  const [post] = posts(scene);
  t.is(post?.body.toString(), body);
  t.deepEqual(post && headerValues(post, 'content-type'), ['text/plain; charset=x']);
  t.deepEqual(post && headerValues(post, 'referer'), [scene.at('wiki', EDIT)]);
});

test('what may be a stand-in is told to continue once (RFC 9110 §10.1.1)', async (t) => {
  const scene = await stage(t);
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  const fields = [host, 'Content-Type: text/plain', 'Expect: 100-continue'];
  // To a public path, where nobody has to sign in.
  const answer = await raw(scene.running.http.port, request('POST', '/public/say', fields, 'x'.repeat(STAND_IN_BYTES)));
  t.deepEqual(answer.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 100', 'HTTP/1.1 200']);
  t.is(posts(scene)[0]?.body.toString(), 'x'.repeat(STAND_IN_BYTES));
});

test('an app under a path of its host gets its form as well, also on the public host', async (t) => {
  const under = (app: string, host: string) => `${OPEN(app).replace(`${app}.test`, `${host}.test`)}path: /a\n`;
  const scene = await stage(t, { apps: { wiki: under('wiki', 'wiki'), portal: under('portal', 'login') } });
  for (const host of ['wiki', 'login']) {
    const browser = await scene.signedIn('alice', scene.at(host, '/a/edit'));
    await signedOut(scene, 'alice');
    const login = await browser.request(scene.at(host, '/a/save'), {
      method: 'POST',
      body: `host=${host}`,
      headers: { 'content-type': URLENCODED },
      from: scene.at(host, '/a/edit'),
      follow: true,
    });
    t.is((await asPerson(browser, login, 'alice')).body, 'ok');
    t.is(posts(scene).at(-1)?.body.toString(), `host=${host}`);
  }
});
