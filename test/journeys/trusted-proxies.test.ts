// Whose word counts about where a request came from: a trusted proxy's, nobody else's.

import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { headerValues } from '../support/upstream.ts';

const TRUSTED = { gateway: 'trustedProxies: [127.0.0.1]' };

/** The forwarding headers the application got with the last request. */
function told({ upstream }: Stage): Record<string, string[]> {
  const request = upstream.requests.at(-1);
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'host', 'x-real-ip', 'forwarded'];
  return Object.fromEntries(names.map((name) => [name, request === undefined ? [] : headerValues(request, name)]));
}

const FORGED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'chat.test',
  'x-real-ip': '203.0.113.7',
  forwarded: 'for=203.0.113.7;proto=https',
  x_forwarded_for: '203.0.113.7',
};

test('X-Forwarded-* of a sender that is not trusted are removed, and the application gets the truth (P11)', async (t) => {
  const scene = await stage(t);
  await scene.browser().request(scene.at('wiki', '/public/x'), { headers: FORGED });
  const host = new URL(scene.at('wiki')).host;
  t.deepEqual(told(scene), {
    'x-forwarded-for': ['127.0.0.1'],
    'x-forwarded-proto': ['http'],
    'x-forwarded-host': [host],
    host: [host],
    'x-real-ip': [],
    forwarded: [],
  });
});

test('a sender that is not trusted cannot reach another application by X-Forwarded-Host', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.request(scene.at('nobody'), { headers: { 'x-forwarded-host': 'wiki.test' } });
  t.is(page.headers['x-curfew'], 'HOST_UNKNOWN');
});

test('a trusted proxy’s X-Forwarded-* are believed and passed on, with the proxy added', async (t) => {
  const scene = await stage(t, TRUSTED);
  const page = await scene.browser().request(scene.at('proxy', '/public/x'), {
    headers: { ...FORGED, 'x-forwarded-for': '10.9.9.9, 203.0.113.7' },
  });
  t.is(page.status, 200);
  t.deepEqual(told(scene), {
    'x-forwarded-for': ['10.9.9.9, 203.0.113.7, 127.0.0.1'],
    'x-forwarded-proto': ['https'],
    'x-forwarded-host': ['chat.test'],
    host: ['chat.test'],
    'x-real-ip': [],
    forwarded: [],
  });
});

test('a trusted proxy’s request id is kept, anybody else’s is not, and nonsense is nobody’s', async (t) => {
  const ids = async (options: object, id: string): Promise<string[]> => {
    const scene = await stage(t, options);
    await scene.browser().request(scene.at('wiki', '/public/x'), { headers: { 'x-request-id': id } });
    const request = scene.upstream.requests.at(-1);
    return request === undefined ? [] : headerValues(request, 'x-request-id');
  };
  t.deepEqual(await ids(TRUSTED, 'trace-0123456789'), ['trace-0123456789']);
  for (const [options, id] of [
    [{}, 'trace-0123456789'],
    [TRUSTED, 'a b<script>'],
    [TRUSTED, 'x'.repeat(200)],
  ] as const) {
    const [made = ''] = await ids(options, id);
    t.regex(made, /^[\w-]{22}$/);
  }
});

test('a host that a trusted proxy names opens only what a cookie of that host opens (P11)', async (t) => {
  const scene = await stage(t, TRUSTED);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const cookie = `curfew=${browser.cookies('wiki.test').find(({ name }) => name === 'curfew')?.value ?? ''}`;
  const as = async (host: string): Promise<number> =>
    (await scene.browser().request(scene.at('proxy'), { headers: { cookie, 'x-forwarded-host': host } })).status;
  t.is(await as('wiki.test'), 200);
  t.is(await as('WIKI.test.'), 200);
  t.is(await as('chat.test'), 303);
  t.is(await as('wiki.test, chat.test'), 200, 'the first is the one the browser asked for');
  t.is(await as('wiki.test/@chat.test'), 404);
});
