// How many sign-ins strangers may begin, and how many wrong tokens they may show.

import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { raw, reasonOf, request, statusOf } from './raw.ts';

const BEHIND_PROXY = 'trustedProxies: [127.0.0.1]';
const limited = (limits: string, more = BEHIND_PROXY) => `limits: ${limits}\n${more}`;
const JSON_ONLY = 'Accept: application/json';

/** Asks for a sign-in, from an address as a proxy would forward it. */
const begin = (scene: Stage, from: string, ...more: readonly string[]): Promise<string> =>
  raw(
    scene.running.http.port,
    request('GET', '/saml/login?app=wiki', [
      `Host: ${new URL(scene.url).host}`,
      `X-Forwarded-For: ${from}`,
      ...(more.length === 0 ? ['Accept: text/html', 'Accept-Language: de'] : more),
    ]),
  );

test('an address that begins more sign-ins than it may is told when it may again (RFC 6585 §4, RFC 9110 §10.2.3)', async (t) => {
  let now = 0;
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: 3/m } }'), elapsed: () => now });
  for (let at = 0; at < 3; at += 1) t.is(statusOf(await begin(scene, '192.0.2.1')), 302);
  const page = await begin(scene, '192.0.2.1');
  t.is(statusOf(page), 429);
  t.is(reasonOf(page), 'SIGN_INS_TOO_MANY');
  t.regex(page, /^Retry-After: 20\r$/im);
  t.regex(page, /Von hier wurden zu viele Anmeldungen begonnen/);
  t.regex(await begin(scene, '192.0.2.1', JSON_ONLY), /"error":"SIGN_INS_TOO_MANY"/);
  t.is(statusOf(await begin(scene, '192.0.2.2')), 302, 'others go on');
  t.deepEqual(scene.counts.at(-1), { name: 'limited', labels: { what: 'sign-ins', by: 'address' } });
  now += 20_000;
  t.is(statusOf(await begin(scene, '192.0.2.1')), 302);
  t.is(statusOf(await begin(scene, '192.0.2.1')), 429);
});

test('who is signed in passes and signs in to further apps where no sign-in may be begun any more', async (t) => {
  const scene = await stage(t, {
    gateway: limited('{ signIns: { perAddress: 1/h, all: 1/h } }', ''),
    elapsed: () => 0,
  });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  t.is(statusOf(await begin(scene, '127.0.0.1')), 429);
  t.is((await alice.visit(scene.at('wiki', '/again'))).status, 200);
  t.is((await alice.visit(scene.at('chat'))).status, 200);
});

test('2⁶⁴ IPv6 addresses are one, and IPv4 in IPv6 is IPv4 (RFC 4291 §2.5)', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: 2/h } }'), elapsed: () => 0 });
  const statuses = [];
  for (const from of ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1']) {
    statuses.push(statusOf(await begin(scene, from)));
  }
  for (const from of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201']) {
    statuses.push(statusOf(await begin(scene, from)));
  }
  t.deepEqual(statuses, [302, 302, 429, 302, 302, 302, 429]);
});

test('whoever is no proxy cannot take another address for its own, or have another locked out', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: 1/h } }', ''), elapsed: () => 0 });
  t.is(statusOf(await begin(scene, '192.0.2.1')), 302);
  t.is(statusOf(await begin(scene, '192.0.2.2')), 429);
});

test('behind a proxy the rightmost address counts, whatever its client has put before it', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: 1/h } }'), elapsed: () => 0 });
  t.is(statusOf(await begin(scene, '203.0.113.1, 192.0.2.1')), 302);
  t.is(statusOf(await begin(scene, '203.0.113.2, 192.0.2.1')), 429);
  t.is(statusOf(await begin(scene, '192.0.2.1, 203.0.113.3')), 302);
});

test('many strangers take nothing from addresses where somebody has signed in', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { all: 2/h } }'), elapsed: () => 0 });
  // The only browser that comes without a proxy's word is the proxy itself.
  await scene.signedIn('alice', scene.at('wiki'));
  for (let at = 1; at < 3; at += 1) await begin(scene, `192.0.2.${at}`);
  const refused = await begin(scene, '192.0.2.9', JSON_ONLY);
  t.is(statusOf(refused), 429);
  t.deepEqual(scene.counts.at(-1)?.labels, { what: 'sign-ins', by: 'all' });
  t.is(statusOf(await begin(scene, '127.0.0.1')), 302);
});

test('what is refused to one address takes nothing from the others', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: 1/h, all: 3/h } }'), elapsed: () => 0 });
  for (let at = 0; at < 5; at += 1) await begin(scene, '192.0.2.1');
  t.is(statusOf(await begin(scene, '192.0.2.2')), 302);
});

test('`off` lets strangers begin as many as they like', async (t) => {
  const scene = await stage(t, { gateway: limited('{ signIns: { perAddress: off, all: off } }'), elapsed: () => 0 });
  for (let at = 0; at < 20; at += 1) t.is(statusOf(await begin(scene, '192.0.2.1')), 302);
});

test('wrong tokens are not looked at any more after so many, and neither is the right one until there is one again', async (t) => {
  let now = 0;
  const token = 'a-token-of-thirty-two-characters';
  const scene = await stage(t, {
    gateway: `admin: { token: ${token} }\nlimits: { adminTokens: 2/m }`,
    elapsed: () => now,
  });
  const ask = async (shown?: string) => {
    const headers = shown === undefined ? [] : [`Authorization: Bearer ${shown}`];
    const answer = await raw(scene.running.admin.port, request('GET', '/metrics', ['Host: localhost', ...headers]));
    return [statusOf(answer), /^Retry-After: (\d+)/im.exec(answer)?.[1]];
  };
  for (let at = 0; at < 5; at += 1) t.deepEqual(await ask(token), [200, undefined]);
  for (let at = 0; at < 5; at += 1) t.deepEqual(await ask(), [401, undefined], 'nothing shown is nothing guessed');
  t.deepEqual(await ask('wrong'), [401, undefined]);
  t.deepEqual(await ask('wrong'), [401, undefined]);
  t.deepEqual(await ask(token), [429, '30']);
  t.is(
    statusOf(await raw(scene.running.admin.port, request('GET', '/healthz', ['Host: localhost']))),
    200,
    'probes go on',
  );
  now += 30_000;
  t.deepEqual(await ask(token), [200, undefined]);
  t.is(scene.counts.filter(({ labels }) => labels['what'] === 'admin-tokens').length, 1);
});
