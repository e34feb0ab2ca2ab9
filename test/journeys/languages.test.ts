// What people read is in their language; what programs read stays as it is.

import test from 'ava';
import { OPEN, stage } from '../support/gateway.ts';

const WIKI = OPEN('wiki').replace('hosts:', 'title: Das Wiki & mehr\nhosts:');

test('a page is in the language the browser asks for, and says so to caches (RFC 9110 §12.5.4)', async (t) => {
  const scene = await stage(t, { gateway: 'pages: { contact: help@example.com, organisation: Example }' });
  const alice = await scene.signedIn('bob', scene.at('wiki'));
  const ask = (accept: string) =>
    alice.request(scene.at('wiki', '/admin/x'), { headers: { accept: 'text/html', 'accept-language': accept } });
  for (const [accept, language, title] of [
    ['de-CH,de;q=0.9,en;q=0.8', 'de', 'Kein Zugriff'],
    ['ja', 'ja', 'このページを開く権限がありません'],
    ['nl', 'en', 'You may not open this'],
  ] as const) {
    const page = await ask(accept);
    t.is(page.status, 403);
    t.is(page.headers['content-language'], language);
    t.is(page.headers['vary'], 'Accept-Language');
    t.is(page.headers['cache-control'], 'no-store');
    t.true(page.body.includes(`<html lang="${language}" dir="ltr">`));
    t.true(page.body.includes(`<title>${title} – Example</title>`));
    t.regex(page.body, /<dd>ACCESS_DENIED<\/dd>/);
    t.regex(page.body, /<a href="mailto:help@example\.com">help@example\.com<\/a>/);
  }
  const hostile = await ask('"><script>,x\u00ff;q=0.1');
  t.is(hostile.headers['content-language'], 'en');
  t.notRegex(hostile.body, /<script/);
});

test('programs are answered in English whatever they say of languages', async (t) => {
  const scene = await stage(t);
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const headers = { accept: 'application/json', 'accept-language': 'de' };
  const { status, body, headers: answer } = await bob.request(scene.at('wiki', '/admin/x'), { headers });
  t.is(status, 403);
  t.is((JSON.parse(body) as { message: string }).message, 'You are not allowed to use this address.');
  t.is(answer['content-language'], undefined);
});

test('HEAD has the head of the page and no body', async (t) => {
  const scene = await stage(t);
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const ask = { headers: { accept: 'text/html', 'accept-language': 'fr' } };
  const page = await bob.request(scene.at('wiki', '/admin/x'), ask);
  const head = await bob.request(scene.at('wiki', '/admin/x'), { ...ask, method: 'HEAD' });
  t.is(head.body, '');
  t.is(head.headers['content-language'], 'fr');
  t.is(head.headers['content-length'], page.headers['content-length']);
});

test('an expired link leads back to the app, and an app that is down can be tried again', async (t) => {
  const scene = await stage(t, { apps: { wiki: WIKI } });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const headers = { accept: 'text/html', 'accept-language': 'es' };
  const expired = await alice.request(scene.at('wiki', '/.curfew/enter?ticket=x'), { headers });
  t.regex(expired.body, /<h1>Este enlace ha caducado<\/h1>/);
  t.true(expired.body.includes(`<a class="action" href="${scene.at('wiki')}">Abrir de nuevo la aplicación</a>`));
  await scene.upstream.close();
  const down = await alice.request(scene.at('wiki', '/page'), { headers });
  t.is(down.status, 502);
  t.regex(down.body, /<a class="action" href="">Intentarlo de nuevo<\/a>/);
  const posted = await alice.request(scene.at('wiki', '/page'), { headers, method: 'POST', body: 'x' });
  t.is(posted.status, 502);
  t.notRegex(posted.body, /Intentarlo de nuevo/);
});

test('people read an app’s title, and it is only text', async (t) => {
  const scene = await stage(t, { apps: { wiki: WIKI, chat: OPEN('chat') } });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const apps = await alice.request(`${scene.url}/saml/apps`, { headers: { accept: 'text/html' } });
  t.regex(apps.body, /<bdi>Das Wiki &#38; mehr<\/bdi><\/a>/);
});

test('the operator’s templates stand on the pages, and a logout carries its message all the same', async (t) => {
  const scene = await stage(t, {
    gateway: 'pages: { templates: . }',
    files: { 'post.html': '<h1>{{title}}</h1><p class="own">{{intro}}</p>{{form}}', 'signed-out.html': '<h1>Bye</h1>' },
  });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const out = await alice.visit(scene.at('wiki', '/.curfew/logout')).then((page) => alice.settle(page));
  t.regex(out.body, /<h1>Bye<\/h1>/);
});

test('people are told whom to ask about the app, or about everything', async (t) => {
  const wiki = OPEN('wiki').replace('hosts:', 'contact: https://help.example/wiki\nhosts:');
  const scene = await stage(t, {
    apps: { wiki, chat: OPEN('chat') },
    gateway: 'pages: { contact: Extension 4711 }',
  });
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  await bob.visit(scene.at('chat'));
  const asked = async (app: string) =>
    (await bob.request(scene.at(app, '/admin/x'), { headers: { accept: 'text/html' } })).body;
  t.regex(await asked('wiki'), /Do you need help\? <a href="https:\/\/help\.example\/wiki">/);
  t.regex(await asked('chat'), /Do you need help\? Extension 4711</);
});
