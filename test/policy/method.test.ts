// A rule about methods holds whatever an application takes for the method.

import test from 'ava';
import { methodsOf } from '../../gateway/policy/method.ts';
import { OPEN, stage } from '../support/gateway.ts';

test('a request that names no other method has its own, and costs no list', (t) => {
  for (const target of ['/', '/a?b=c', '/methods?x=1', '/a?payment_method=card'])
    t.is(methodsOf('POST', { host: 'x' }, target), 'POST');
  t.is(methodsOf('GET', {}, '/_method=DELETE'), 'GET', 'a path is no query');
});

for (const [what, headers, target] of [
  ['in X-HTTP-Method-Override', { 'x-http-method-override': 'DELETE' }, '/'],
  ['in X-HTTP-Method, in small letters', { 'x-http-method': 'delete' }, '/'],
  ['in X-Method-Override, as the second of two', { 'x-method-override': 'POST, DELETE' }, '/'],
  ['in a header with underscores', { x_http_method_override: ' DELETE ' }, '/'],
  ['in a header with one underscore', { 'x-http_method-override': 'DELETE' }, '/'],
  ['in a header with dots', { 'x.http.method': 'DELETE' }, '/'],
  ['in the query', {}, '/?a=b&_method=DELETE'],
  ['in the query, encoded', {}, '/?%5F%6Dethod=%44ELETE'],
  ['in the query, in capitals', {}, '/?_METHOD=delete'],
] as const) {
  test(`a method that is named ${what} is judged as well`, (t) => {
    t.deepEqual(methodsOf('POST', headers, target), ['POST', 'DELETE']);
  });
}

test('what is no method is none', (t) => {
  t.deepEqual(methodsOf('POST', { 'x-http-method-override': 'DROP TABLE' }, '/?_method='), ['POST']);
});

test('whoever may POST and not DELETE may not DELETE by saying POST (P11)', async (t) => {
  const rules = `access:
  - { methods: [GET, POST], allow: authenticated }
  - { methods: [DELETE], allow: { attributes: { groups: [nobody-has-this] } } }
`;
  const policy = OPEN('wiki').replace(/access:\n(?: .*\n)+/, rules);
  const scene = await stage(t, { apps: { wiki: policy } });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const posted = async (path: string, headers: Record<string, string> = {}) =>
    (await browser.request(scene.at('wiki', path), { method: 'POST', headers, body: 'a=b' })).status;
  t.is(await posted('/page'), 200);
  const before = scene.upstream.requests.length;
  t.is(await posted('/page', { 'x-http-method-override': 'DELETE' }), 403);
  t.is(await posted('/page?_method=DELETE'), 403);
  t.is(await posted('/page', { 'x-http-method-override': 'PUT' }), 403, 'and what no rule allows is refused');
  t.is(scene.upstream.requests.length, before);
});
