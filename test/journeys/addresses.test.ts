// Addresses that are only nearly ours, and requests that could be for two hosts: what is judged is what is reached.

import test from 'ava';
import { OPEN, stage, type Stage } from '../support/gateway.ts';
import { raw, reasonOf, request, statusOf } from './raw.ts';

const portOf = ({ running }: Stage): number => running.http.port;
const LOGIN = ({ url }: Stage): string => `Host: ${new URL(url).host}`;

for (const [what, target, status, reason] of [
  ['two slashes', '/.curfew//enter', 404, 'NOT_FOUND'],
  ['a slash at the end', '/saml/acs/', 404, 'NOT_FOUND'],
  ['a dot segment', '/saml/../saml/acs', 400, 'PATH_AMBIGUOUS'],
  ['an encoded dot segment', '/x/%2e%2e/saml/acs', 400, 'PATH_AMBIGUOUS'],
  ['an encoded letter', '/%73aml/acs', 404, 'NOT_FOUND'],
  ['an encoded slash', '/saml%2facs', 404, 'NOT_FOUND'],
  ['a path parameter', '/saml;x=1/acs', 404, 'NOT_FOUND'],
  ['a path parameter at the end', '/saml/acs;x', 404, 'NOT_FOUND'],
  ['a backslash', '/saml\\acs', 400, 'PATH_AMBIGUOUS'],
  ['two slashes in front', '//saml/acs', 404, 'NOT_FOUND'],
  ['a doubly encoded letter', '/%2573aml/acs', 404, 'NOT_FOUND'],
  ['capitals', '/SAML/acs', 401, 'SIGN_IN_NEEDED'],
  ['the address of another authority', 'http://elsewhere.test/saml/acs', 400, 'PATH_AMBIGUOUS'],
] as const) {
  test(`an address of the gateway spelled with ${what} is not that address, and reaches no application`, async (t) => {
    // The public host has an application as well, which a wrong reading could reach.
    const scene = await stage(t, { apps: { portal: OPEN('login') } });
    for (const method of ['GET', 'POST']) {
      const headers = [LOGIN(scene), 'Accept: application/json'];
      const answer = await raw(
        portOf(scene),
        request(method, target, headers, method === 'POST' ? 'SAMLResponse=x' : ''),
      );
      t.is(statusOf(answer), status, answer.slice(0, 200));
      t.is(reasonOf(answer), reason);
    }
    t.is(scene.upstream.requests.length, 0);
  });
}

for (const [method, target] of [
  ['POST', '/saml/acs'],
  ['POST', '/saml/slo'],
  ['GET', '/saml/slo?SAMLRequest=x'],
  ['POST', '/saml/slo/soap'],
] as const) {
  test(`a SAML message sent to the host of an application is refused by name, and not answered with another sign-in: ${method} ${target}`, async (t) => {
    const scene = await stage(t);
    const host = `Host: ${new URL(scene.at('wiki')).host}`;
    const answer = await raw(portOf(scene), request(method, target, [host], method === 'POST' ? 'SAMLResponse=x' : ''));
    t.is(statusOf(answer), 400);
    t.is(reasonOf(answer), 'SAML_AT_APP_HOST');
    const line = scene.lines.find(({ event }) => event === 'request-refused');
    t.is(line?.facts['publicUrl'], scene.url);
    t.is(line?.facts['host'], 'wiki.test');
  });
}

test('a page of an application whose address only looks like one of ours is the application’s', async (t) => {
  const scene = await stage(t);
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  for (const target of ['/saml/acs/x', '/saml', '/wiki/saml/acs']) {
    const answer = await raw(portOf(scene), request('GET', target, [host]));
    t.is(reasonOf(answer), 'SIGN_IN_NEEDED', target);
  }
});

test('the absolute form of an address of ours is that address (RFC 9112 §3.2.2)', async (t) => {
  const scene = await stage(t);
  const answer = await raw(portOf(scene), request('GET', `${scene.url}/saml/metadata`, [LOGIN(scene)]));
  t.is(statusOf(answer), 200);
});

test('a request with two Hosts, or none, is refused with 400 (RFC 9112 §3.2)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const cookie = `Cookie: curfew=${browser.cookies('wiki.test').find(({ name }) => name === 'curfew')?.value ?? ''}`;
  const [wiki, chat] = ['wiki', 'chat'].map((name) => `Host: ${new URL(scene.at(name)).host}`) as [string, string];
  t.is(statusOf(await raw(portOf(scene), request('GET', '/', [wiki, cookie]))), 200);
  const before = scene.upstream.requests.length;
  for (const hosts of [[wiki, chat], [chat, wiki], [wiki, wiki], [wiki, 'host: chat.test'], []]) {
    for (const target of ['/', '/saml/metadata', '/public/x', `http://${wiki.slice(6)}/`]) {
      const answer = await raw(portOf(scene), request('GET', target, [...hosts, cookie]));
      t.is(statusOf(answer), 400, `${hosts.join()} ${target}`);
    }
  }
  const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  const socket = `GET / HTTP/1.1\r\n${[wiki, chat, cookie, ...upgrade].join('\r\n')}\r\nConnection: Upgrade\r\n\r\n`;
  t.is(statusOf(await raw(portOf(scene), socket)), 400);
  t.is(scene.upstream.requests.length, before);
});

test('whoever may not write at an address may not copy or move anything there (RFC 4918 §10.3)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('bob', scene.at('wiki'));
  const origin = new URL(scene.at('wiki')).origin;
  const before = scene.upstream.requests.length;
  const to = async (Destination: string, method = 'MOVE') =>
    (await browser.request(scene.at('wiki', '/page'), { method, headers: { Destination } })).status;
  t.is(await to('/other'), 200);
  t.is(await to(`${origin}/other`, 'COPY'), 200);
  t.is(await to('https://WIKI.test/other'), 200, 'the scheme and port that a proxy in front has changed');
  t.is(scene.upstream.requests.length, before + 3);
  for (const forbidden of ['/admin/x', `${origin}/admin/x`, '/%61dmin/x', `${origin}//admin/x`, '/ADMIN/x'])
    t.is(await to(forbidden), 403, forbidden);
  for (const nowhere of [
    '/x/../admin/x',
    `${origin.replace('wiki', 'chat')}/other`,
    'http://a@wiki.test/x',
    'other',
    '',
  ])
    t.is(await to(nowhere), 400, nowhere);
  t.is(await to('/.curfew/logout'), 404);
  t.is(scene.upstream.requests.length, before + 3);
});

test('of however many fields, the last counts as the first does (RFC 9110 §5.3)', async (t) => {
  const rules = 'access:\n  - { methods: [GET, POST], allow: anyone }\n';
  const scene = await stage(t, { apps: { wiki: OPEN('wiki').replace(/access:\n(?: .*\n)+/, rules) } });
  const host = `Host: ${new URL(scene.at('wiki')).host}`;
  const few = Array.from({ length: 10 }, () => 'a:');
  // Beyond the thousand that Node looks at, within those that it passes on.
  const many = Array.from({ length: 1005 }, () => 'a:');
  for (const fields of [few, many]) {
    const posted = await raw(portOf(scene), request('POST', '/page', [host, ...fields], 'a=b'));
    t.is(statusOf(posted), 200, String(fields.length));
    t.is(String(scene.upstream.requests.at(-1)?.body), 'a=b');
    const other = await raw(portOf(scene), request('POST', '/page', [host, ...fields, 'X-HTTP-Method: DELETE'], 'a=b'));
    t.is(statusOf(other), 403, String(fields.length));
  }
  t.is(scene.upstream.requests.length, 2);
});

test('a request by HTTP/1.0 without a Host is for nobody', async (t) => {
  const scene = await stage(t);
  const answer = await raw(portOf(scene), 'GET / HTTP/1.0\r\n\r\n');
  t.is(statusOf(answer), 404);
  t.is(reasonOf(answer), 'HOST_UNKNOWN');
});

test('whoever only looks at an address of the gateway signs nobody in or out (RFC 9110 §9.2.1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  for (const address of [scene.at('wiki', '/.curfew/logout'), scene.at('wiki', '/.curfew/enter?ticket=x')]) {
    const answer = await browser.request(address, { method: 'HEAD' });
    t.deepEqual(
      [answer.status, answer.headers['x-curfew'], answer.headers['set-cookie']],
      [404, 'NOT_FOUND', undefined],
    );
  }
  const begun = await browser.request(`${scene.url}/saml/login?app=wiki`, { method: 'HEAD' });
  t.deepEqual([begun.status, begun.headers.location], [404, undefined]);
  t.is((await browser.request(scene.at('wiki', '/page'))).status, 200);
  // What only tells may be looked at.
  t.is((await browser.request(`${scene.url}/saml/metadata`, { method: 'HEAD' })).status, 200);
});
