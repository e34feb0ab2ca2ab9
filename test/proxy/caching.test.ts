// What may be kept of an answer to somebody who has signed in.

import test from 'ava';
import { answering, get, stage, valuesOf, type StageOptions } from './stage.ts';

const NAVIGATION = 'Sec-Fetch-Dest: document\r\n';
const OLD_NAVIGATION = 'Accept: text/html,*/*;q=0.8\r\n';
const PICTURE = 'Sec-Fetch-Dest: image\r\n';

/** Cache-Control as the browser gets it. */
async function cacheControl(
  t: Parameters<typeof stage>[0],
  request: string,
  answer: string,
  options: StageOptions = {},
): Promise<readonly string[]> {
  const wiki = await answering(t, `HTTP/1.1 200 OK\r\n${answer}Content-Length: 0\r\n\r\n`);
  const gateway = await stage(t, wiki.port, options);
  return valuesOf(await gateway.send(get('/', request)).until('\r\n\r\n'), 'cache-control');
}

for (const [said, becomes] of [
  [[], ['private']],
  [['max-age=600'], ['max-age=600, private']],
  [
    ['no-cache', 'max-age=0'],
    ['no-cache', 'max-age=0, private'],
  ],
  [['no-cache="x, private, y"'], ['no-cache="x, private, y", private']],
  [['private="x"'], ['private="x", private']],
  [['x-public, max-age=1, privately'], ['x-public, max-age=1, privately, private']],
  [['Private , max-age=600'], ['Private , max-age=600']],
  [
    ['max-age=600', 'PRIVATE'],
    ['max-age=600', 'PRIVATE'],
  ],
  [['public, max-age=600'], ['public, max-age=600']],
  [['max-age=1,s-maxage=600'], ['max-age=1,s-maxage=600']],
  [['no-store'], ['no-store']],
] as const) {
  test(`a picture with Cache-Control "${said.join('", "')}" passes with "${becomes.join('", "')}" (RFC 9111 §5.2.2.7)`, async (t) => {
    const lines = said.map((value) => `Cache-Control: ${value}\r\n`).join('');
    t.deepEqual(await cacheControl(t, PICTURE, lines), becomes);
  });
}

for (const [what, request, type] of [
  ['what fills a tab', NAVIGATION, ''],
  ['a PDF in a frame', 'Sec-Fetch-Dest: iframe\r\n', 'application/pdf'],
  ['HTML that a script fetches', 'Sec-Fetch-Dest: empty\r\n', 'Text/HTML; charset=utf-8'],
  ['XHTML without Fetch metadata', '', 'application/xhtml+xml'],
  ['what a browser without Fetch metadata navigates to', OLD_NAVIGATION, 'text/plain'],
] as const) {
  test(`a browser keeps nothing of ${what}, whatever the app says (RFC 9111 §5.2.2.5)`, async (t) => {
    const head = type === '' ? '' : `Content-Type: ${type}\r\n`;
    t.deepEqual(await cacheControl(t, request, head), ['no-store']);
    t.deepEqual(await cacheControl(t, request, `${head}Cache-Control: public, max-age=9\r\n`), [
      'public, max-age=9, no-store',
    ]);
    t.deepEqual(await cacheControl(t, request, `${head}Cache-Control: No-Store, no-cache\r\n`), ['No-Store, no-cache']);
  });
}

for (const [what, request, type] of [
  ['data for a script', 'Sec-Fetch-Dest: empty\r\nAccept: text/html\r\n', 'application/json'],
  ['a style sheet without Fetch metadata', 'Accept: text/css,*/*;q=0.1\r\n', 'text/css'],
] as const) {
  test(`${what} stays in the browser's own cache`, async (t) => {
    t.deepEqual(await cacheControl(t, request, `Content-Type: ${type}\r\nCache-Control: max-age=9\r\n`), [
      'max-age=9, private',
    ]);
  });
}

test('where pages are left to the app they are only kept from shared caches', async (t) => {
  const options = { settings: { keepsPages: true } };
  t.deepEqual(await cacheControl(t, NAVIGATION, 'Content-Type: text/html\r\n', options), ['private']);
  t.deepEqual(await cacheControl(t, NAVIGATION, 'Cache-Control: public\r\n', options), ['public']);
});

test('an answer to somebody without a session is left as it is', async (t) => {
  const options = { passage: () => ({ connection: undefined }) };
  t.deepEqual(await cacheControl(t, NAVIGATION, 'Content-Type: text/html\r\n', options), []);
  t.deepEqual(await cacheControl(t, PICTURE, 'Cache-Control: max-age=9\r\n', options), ['max-age=9']);
});

test('a refused upgrade is kept from caches too', async (t) => {
  t.deepEqual(await cacheControl(t, 'Connection: Upgrade\r\nUpgrade: websocket\r\n', ''), ['private']);
});

test('a Cache-Control that Connection names is gone before it could count (RFC 9110 §7.6.1)', async (t) => {
  t.deepEqual(await cacheControl(t, PICTURE, 'Cache-Control: public\r\nConnection: Cache-Control\r\n'), ['private']);
});
