// Whose a kept form is: it is sent in nobody else’s name, from no other browser, and for no other site.

import test from 'ava';
import { standInValue } from '../../gateway/http/stand-in.ts';
import { linksIn } from '../support/forms.ts';
import { signIn, stage } from '../support/gateway.ts';
import {
  EDIT,
  TEXT,
  save,
  asPerson,
  lastSession,
  loggedOutWhileWriting,
  posts,
  untilWaiting,
  rawPost,
} from './writer.ts';

test('another person who signs in neither sends nor sees the form; its own person still does (P10)', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser, { body: 'text=secret' });
  const page = await asPerson(browser, login, 'bob');
  t.is(page.status, 403);
  t.is(page.headers['x-curfew'], 'FORM_OF_ANOTHER');
  t.notRegex(page.body, /secret|alice|<form/);
  // Not by hand either.
  const id = new URL(page.url).searchParams.get('id') ?? '';
  const body = `curfew-form=${standInValue(id, lastSession(scene))}\r\n`;
  const forced = await save(scene, browser, { body, headers: { 'content-type': 'text/plain' } });
  t.is(forced.headers['x-curfew'], 'FORM_OF_ANOTHER');
  t.is(posts(scene).length, 0);
  await browser.visit(scene.at('wiki', '/.curfew/logout'));
  await signIn(browser, 'alice', page.url);
  t.is(posts(scene).length, 1);
});

test('a form whose writer nobody knows is sent only when the person says so', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const page = await asPerson(browser, await save(scene, browser), 'alice');
  t.is(page.status, 200);
  t.regex(page.body, /alice@example\.test/);
  t.notRegex(page.body, /Gr%FC|<script>/);
  t.is(posts(scene).length, 0);
  t.deepEqual(linksIn(page.body, page.url, 'Do not'), [scene.at('wiki', EDIT)]);
  t.is((await browser.submitForm(page)).body, 'ok');
  t.is(posts(scene)[0]?.body.toString('latin1'), TEXT);
});

test('a yes is its own person’s: where somebody else has signed in since, in another tab, they are asked (P10)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const forAlice = await asPerson(browser, await save(scene, browser), 'alice');
  await browser.visit(scene.at('wiki', '/.curfew/logout'));
  await signIn(browser, 'bob', scene.at('wiki'));
  const forBob = await browser.submitForm(forAlice);
  t.is(posts(scene).length, 0, 'sent in the name of bob, whom nobody asked');
  t.is(forBob.status, 200);
  t.regex(forBob.body, /bob@example\.test/);
  t.notRegex(forBob.body, /alice|<script>/);
  t.is((await browser.submitForm(forBob)).body, 'ok');
  t.is(posts(scene).length, 1);
});

test('a form that goes by itself does not go in the name of who came in between', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  await browser.visit(scene.at('wiki', '/.curfew/logout'));
  await signIn(browser, 'bob', scene.at('wiki'));
  t.is((await browser.submitForm(waiting)).headers['x-curfew'], 'FORM_OF_ANOTHER');
  t.is(posts(scene).length, 0);
});

test('a form of another browser is not to be had, whoever knows its id', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser);
  const { searchParams } = new URL(login.hops[0]?.headers['location'] ?? '');
  const address = searchParams.get('return') ?? '';
  const thief = await scene.signedIn('bob', scene.at('wiki'));
  t.is((await thief.visit(address)).headers['x-curfew'], 'FORM_GONE');
  const id = new URL(address).searchParams.get('id') ?? '';
  const body = `curfew-form=${standInValue(id, lastSession(scene))}\r\n`;
  const taken = await save(scene, thief, { body, headers: { 'content-type': 'text/plain' } });
  t.is(taken.headers['x-curfew'], 'FORM_GONE');
  await asPerson(browser, login, 'alice');
  t.is(posts(scene).length, 1, 'the attempt used it up');
});

for (const [what, headers] of [
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://evil.test' }],
  ['a neighbour of the same site', { 'sec-fetch-site': 'same-site', origin: 'http://blog.wiki.test' }],
  ['another site, by a browser without Fetch Metadata', { 'sec-fetch-site': '', origin: 'http://evil.test' }],
  ['an origin that hides itself', { 'sec-fetch-site': '', origin: 'null' }],
  ['the address bar', { 'sec-fetch-site': 'none' }],
  ['a browser that says nothing', { 'sec-fetch-site': '' }],
  ['the same name on another port', { 'sec-fetch-site': '', origin: 'http://wiki.test:1' }],
] as const) {
  test(`a form from ${what} is never sent on: Lax kept the cookie back, and the sign-in must not make up for it`, async (t) => {
    const scene = await stage(t);
    const browser = await scene.signedIn('alice', scene.at('wiki', EDIT));
    // The session lives; the browser leaves its cookie behind, as for any form of another site.
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
    const post = await rawPost(scene, browser, given);
    t.is(post.status, 303);
    const page = await browser.settle(await browser.visit(post.headers.location ?? ''));
    t.is(page.status, 403);
    t.is(page.headers['x-curfew'], 'FORM_FOREIGN');
    t.regex(page.body, /What you sent has not arrived/);
    t.is(posts(scene).length, 0);
  });
}

test('a browser without Fetch Metadata proves by its Origin that the form is the app’s own', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const post = await rawPost(scene, browser, { origin: new URL(scene.at('wiki')).origin });
  const page = await browser.settle(await browser.visit(post.headers.location ?? ''));
  t.not(page.headers['x-curfew'], 'FORM_FOREIGN');
});

test('a stand-in from another site sends nothing', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  const forged = await browser.submitForm(waiting, {}, { headers: { 'sec-fetch-site': 'cross-site' } });
  t.is(forged.headers['x-curfew'], 'FORM_GONE');
  t.is(posts(scene).length, 0);
  t.is((await browser.submitForm(waiting)).body, 'ok');
});

test('a form goes to its own address only', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const inside = await browser.submitForm(await save(scene, browser), { username: 'alice', password: 'alicepw' });
  const waiting = await untilWaiting(browser, inside);
  const moved = { ...waiting, body: waiting.body.replace('/save?', '/delete?') };
  t.is((await browser.submitForm(moved)).headers['x-curfew'], 'FORM_GONE');
  t.is(posts(scene).length, 0);
});

test('the access rules judge the form when it is sent, not when it was kept', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene, 'bob');
  const page = await asPerson(browser, await save(scene, browser, { path: '/admin/save' }), 'bob');
  t.is(page.status, 403);
  t.is(page.headers['x-curfew'], 'ACCESS_DENIED');
  t.is(posts(scene).length, 0);
});

test('the way back leads to no other host, whatever an address says', async (t) => {
  const scene = await stage(t);
  for (const back of ['https://evil.test/', '//evil.test/', 'javascript:alert(1)', '\\\\evil.test']) {
    const wish = new URLSearchParams({ lost: 'FORM_FOREIGN', back }).toString();
    const page = await scene.browser().visit(scene.at('wiki', `/.curfew/form?${wish}`));
    t.deepEqual(linksIn(page.body, page.url, 'Back'), [scene.at('wiki')], back);
  }
});

test('no log line holds what was in a form, or its id', async (t) => {
  const scene = await stage(t);
  const browser = await loggedOutWhileWriting(scene);
  const login = await save(scene, browser, { body: 'text=secret' });
  await asPerson(browser, login, 'alice');
  const address = new URL(login.hops[0]?.headers['location'] ?? '').searchParams.get('return') ?? '';
  const id = new URL(address).searchParams.get('id') ?? '';
  t.regex(id, /^[\w-]{43}$/);
  t.false(JSON.stringify(scene.lines).includes(id));
  t.notRegex(JSON.stringify(scene.lines), /secret/);
});
