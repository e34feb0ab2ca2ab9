// What nobody should send over HTTP/2: what Node itself refuses, and what is refused because HTTP/1.1 could not say it.

import type { ExecutionContext } from 'ava';
import { newSigner } from '../support/certificates.ts';
import { OPEN } from '../support/gateway.ts';
import { ask, codeName, openHttp2, openTls } from '../support/http2-client.ts';
import * as frames from '../support/http2-frames.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { headerValues } from '../support/upstream.ts';

type RawConnection = frames.RawConnection;

const { frame, fieldBlock, speakFrames, HEADERS, RST_STREAM, GOAWAY, CONTINUATION, PING, SETTINGS } = frames;
const { DATA, END_HEADERS, END_STREAM, WINDOW_UPDATE, codeOf, uint32 } = frames;
const law = needing('openssl');

async function open(t: ExecutionContext) {
  const signer = newSigner();
  const { port, scene } = await overTls(t, {
    one: signer.sign(['login.test', 'wiki.test']),
    two: signer.sign(['chat.test']),
  });
  const peer = { port, ca: signer.cert, servername: 'wiki.test' };
  return {
    ...{ port, scene, peer, upstream: scene.upstream },
    authority: `wiki.test:${port}`,
    raw: async (settings?: Parameters<typeof speakFrames>[1]) => speakFrames(await openTls(t, peer), settings),
  };
}

type Fields = readonly (readonly [string, string])[];

const request = (authority: string, more: Fields = [], method = 'GET'): Fields => [
  [':method', method],
  [':scheme', 'https'],
  [':path', '/public/x'],
  [':authority', authority],
  ...more,
];

const UNSAYABLE: readonly (readonly [why: string, field: Fields[number]])[] = [
  ['a name with a space', ['x odd', '1']],
  ['a name with a colon', ['x:odd', '1']],
  ['a line feed', ['x-odd', 'a\nRemote-User: root']],
  ['a carriage return', ['x-odd', 'a\rRemote-User: root']],
  ['NUL', ['x-odd', 'a\0b']],
];

const MALFORMED: readonly (readonly [why: string, fields: (authority: string) => Fields])[] = [
  ['a name with capitals (§8.2.1)', (at) => request(at, [['X-Odd', '1']])],
  ['Connection (§8.2.2)', (at) => request(at, [['connection', 'x-odd']])],
  ['Transfer-Encoding (§8.2.2)', (at) => request(at, [['transfer-encoding', 'chunked']], 'POST')],
  ['Keep-Alive (§8.2.2)', (at) => request(at, [['keep-alive', '5']])],
  ['Upgrade (§8.2.2)', (at) => request(at, [['upgrade', 'websocket']])],
  ['TE of another kind (§8.2.2)', (at) => request(at, [['te', 'gzip']])],
  ['a pseudo-header behind a field (§8.3)', (at) => [['x-odd', '1'], ...request(at)]],
  ['a pseudo-header twice (§8.3.1)', (at) => request(at, [[':path', '/']])],
  ['an unknown pseudo-header (§8.3)', (at) => [[':odd', '1'], ...request(at)]],
  ['no path (§8.3.1)', (at) => request(at).filter(([name]) => name !== ':path')],
  [
    'a path that begins with no slash (§8.3.1)',
    (at) => request(at).map(([name, value]) => [name, name === ':path' ? 'x' : value]),
  ],
  ['nobody named (§8.3.1)', (at) => request(at).filter(([name]) => name !== ':authority')],
  [
    'two lengths (§8.1.1)',
    (at) =>
      request(at, [
        ['content-length', '0'],
        ['content-length', '0'],
      ]),
  ],
  ['a length that is no number (§8.1.1)', (at) => request(at, [['content-length', '0x0']])],
  ['a length of what never comes (§8.1.1)', (at) => request(at, [['content-length', '5']], 'POST')],
  [
    'extended CONNECT, which is not offered (RFC 8441 §3)',
    (at) => request(at, [], 'CONNECT').concat([[':protocol', 'websocket']]),
  ],
];

law(
  'what is no request resets its stream (RFC 9113 §8.1.1), and the next one on the connection is answered',
  async (t) => {
    const { raw, authority, upstream } = await open(t);
    for (const [why, fields] of MALFORMED) {
      const { reset, answered } = await outcome(await raw(), authority, fields(authority));
      t.is(reset, 'PROTOCOL_ERROR', why);
      t.true(answered, why);
    }
    t.is(upstream.requests.length, MALFORMED.length);
  },
);

law('a field that HTTP/1.1 could not carry is not carried (RFC 9113 §8.2.1)', async (t) => {
  const { raw, authority, upstream } = await open(t);
  for (const [why, field] of UNSAYABLE) {
    const before = upstream.requests.length;
    await outcome(await raw(), authority, request(authority, [field]));
    for (const { rawHeaders } of upstream.requests.slice(before)) t.notRegex(rawHeaders.join('|'), /odd|root/i, why);
  }
  t.pass();
});

/** What becomes of these fields, and of a request behind them. */
async function outcome(connection: RawConnection, authority: string, fields: Fields) {
  connection.write(frame(HEADERS, END_HEADERS | END_STREAM, 1, fieldBlock(fields)));
  connection.write(frame(HEADERS, END_HEADERS | END_STREAM, 3, fieldBlock(request(authority))));
  const came = await connection.until(({ type, stream }) => type === HEADERS && stream === 3);
  const reset = came.find(({ type, stream }) => type === RST_STREAM && stream === 1);
  return { reset: reset && codeName(codeOf(reset)), answered: came.at(-1)?.stream === 3 };
}

for (const [why, fields] of [
  ['a method in lower case', { ':method': 'post' }],
  ['a method nobody knows', { ':method': 'GETT' }],
  ['a Host that is not its :authority (RFC 9113 §8.3.1)', { host: 'chat.test' }],
] as const) {
  law(`${why} is refused with 400, and the application hears nothing`, async (t) => {
    const { peer, authority, upstream } = await open(t);
    const session = await openHttp2(t, peer);
    const { status, headers } = await ask(session, { ':authority': authority, ':path': '/public/x', ...fields });
    t.deepEqual([status, headers['x-curfew']], [400, 'REQUEST_MALFORMED']);
    t.is(upstream.requests.length, 0);
  });
}

law('a Host that says the same as :authority is sent on once', async (t) => {
  const { peer, authority, upstream } = await open(t);
  const session = await openHttp2(t, peer);
  const sent = { ':authority': authority, ':path': '/public/x', host: authority };
  t.is((await ask(session, sent)).status, 200);
  t.deepEqual(
    upstream.requests.flatMap((one) => headerValues(one, 'host')),
    [authority],
  );
});

law('CONNECT is refused, and reaches nobody', async (t) => {
  const { peer, authority, upstream } = await open(t);
  const session = await openHttp2(t, peer);
  t.is((await ask(session, { ':method': 'CONNECT', ':authority': authority })).status, 405);
  t.is(upstream.requests.length, 0);
});

law('a host that the certificate of the connection does not name is answered 421 (RFC 9110 §15.5.20)', async (t) => {
  const { peer, port, upstream } = await open(t);
  const session = await openHttp2(t, peer);
  for (const [host, path] of [
    ['chat.test', '/public/x'],
    ['chat.test', '/.curfew/session'],
    ['nobody.test', '/'],
    ['', '/'],
  ] as const) {
    const { status, headers } = await ask(session, { ':authority': `${host}:${port}`, ':path': path });
    t.deepEqual([status, headers['x-curfew']], [421, 'MISDIRECTED'], host);
  }
  t.is(upstream.requests.length, 0);
  const covered = await ask(session, { ':authority': `login.test:${port}`, ':path': '/saml/metadata' });
  t.is(covered.status, 200);
  const other = await openHttp2(t, { ...peer, servername: 'chat.test' });
  t.is((await ask(other, { ':authority': `chat.test:${port}`, ':path': '/public/x' })).status, 200);
  t.is((await ask(other, { ':authority': `wiki.test:${port}`, ':path': '/public/x' })).status, 421);
});

law(
  'more than 32 KiB of fields are refused with 431, however they are packed and whether or not the limit was heard of',
  async (t) => {
    const { raw, authority, upstream } = await open(t);
    // One entry of the table, then a byte for each time it is repeated: 200 times 256 bytes (RFC 7541 §7.3).
    const entry = Buffer.concat([Buffer.from([0x40]), fieldBlock([['x-bomb', 'b'.repeat(256)]]).subarray(1)]);
    const bomb = Buffer.concat([fieldBlock(request(authority)), entry, Buffer.alloc(200, 0xbe)]);
    const plain = fieldBlock(
      request(
        authority,
        Array.from({ length: 40 }, (_none, at) => [`x-${at}`, 'l'.repeat(1000)]),
      ),
    );
    for (const block of [bomb, plain]) {
      const connection = await raw();
      connection.write(frame(HEADERS, END_STREAM, 1, block.subarray(0, 16_000)));
      for (let from = 16_000; from < block.length; from += 16_000)
        connection.write(frame(CONTINUATION, 0, 1, block.subarray(from, from + 16_000)));
      connection.write(frame(CONTINUATION, END_HEADERS, 1));
      const body = (await connection.until((one) => one.stream === 1 && one.type === DATA)).at(-1);
      t.regex(String(body?.payload), /FIELDS_TOO_LONG/);
    }
    t.is(upstream.requests.length, 0);
  },
);

law(
  'a hundred and fifty cookies, each a field of its own, are one Cookie to the application (RFC 9113 §8.2.3)',
  async (t) => {
    const { raw, authority, upstream } = await open(t);
    const connection = await raw();
    const crumbs = Array.from({ length: 150 }, (_none, at) => ['cookie', `c${at}=${at}`] as const);
    connection.write(frame(HEADERS, END_HEADERS | END_STREAM, 1, fieldBlock(request(authority, crumbs))));
    t.is((await connection.until(({ type, stream }) => type === HEADERS && stream === 1)).at(-1)?.stream, 1);
    const [cookie, ...more] = upstream.requests.flatMap((one) => headerValues(one, 'cookie'));
    t.is(cookie, crumbs.map(([, value]) => value).join('; '));
    t.deepEqual(more, []);
  },
);

law(
  'more than a hundred requests at once on one connection are refused, and may be sent again (RFC 9113 §5.1.2)',
  async (t) => {
    const { raw, authority } = await open(t);
    const connection = await raw();
    const block = fieldBlock(request(authority, [], 'POST'));
    connection.write(...Array.from({ length: 101 }, (_none, at) => frame(HEADERS, END_HEADERS, 2 * at + 1, block)));
    const reset = (await connection.until(({ type }) => type === RST_STREAM || type === GOAWAY)).at(-1);
    t.is(reset?.stream, 201);
    t.is(reset && codeName(codeOf(reset)), 'REFUSED_STREAM');
  },
);

/** Node ends the connection of each by itself. */
const FLOODS: readonly (readonly [what: string, write: (authority: string) => Buffer[]])[] = [
  [
    'requests that are reset at once (CVE-2023-44487)',
    (authority) =>
      Array.from({ length: 3000 }, (_none, at) => [
        frame(HEADERS, END_HEADERS, 2 * at + 1, fieldBlock(request(authority, [], 'POST'))),
        frame(RST_STREAM, 0, 2 * at + 1, uint32(8)),
      ]).flat(),
  ],
  [
    'CONTINUATION without end (CVE-2024-27316)',
    (authority) => [
      frame(HEADERS, 0, 1, fieldBlock(request(authority))),
      ...Array.from({ length: 500 }, () => frame(CONTINUATION, 0, 1, fieldBlock([['x-more', 'm'.repeat(100)]]))),
    ],
  ],
  [
    'requests made to be reset by us (CVE-2025-8671)',
    (authority) =>
      Array.from({ length: 3000 }, (_none, at) => [
        frame(HEADERS, END_HEADERS, 2 * at + 1, fieldBlock(request(authority, [], 'POST'))),
        frame(WINDOW_UPDATE, 0, 2 * at + 1, uint32(0)),
      ]).flat(),
  ],
  [
    'SETTINGS that are too many to answer (CVE-2019-9515)',
    () => Array.from({ length: 40_000 }, () => frame(SETTINGS, 0, 0)),
  ],
  [
    'PINGs that are too many to answer (CVE-2019-9512)',
    () => Array.from({ length: 20_000 }, () => frame(PING, 0, 0, '12345678')),
  ],
  [
    'DATA of nothing (CVE-2019-9518)',
    (authority) => [
      frame(HEADERS, END_HEADERS, 1, fieldBlock(request(authority, [], 'POST'))),
      ...Array.from({ length: 20_000 }, () => frame(DATA, 0, 1)),
    ],
  ],
];

for (const [what, write] of FLOODS) {
  law(`a flood of ${what} ends its connection, and no other`, async (t) => {
    const { raw, peer, authority } = await open(t);
    const [flooded, other] = [await raw(), await openHttp2(t, peer)];
    flooded.write(...write(authority));
    await flooded.until(() => false);
    t.is((await ask(other, { ':authority': authority, ':path': '/public/x' })).status, 200);
  });
}

law('an address is a host like others where the certificate names it (RFC 9110 §4.3.5)', async (t) => {
  const signer = newSigner();
  const pairs = { one: signer.sign(['login.test']), two: signer.sign(['127.0.0.1', '::1']) };
  const apps = { wiki: OPEN('wiki').replace('wiki.test', '127.0.0.1, "[::1]", 10.0.0.9') };
  const { port } = await overTls(t, pairs, '', { apps });
  const session = await openHttp2(t, { port, ca: signer.cert, servername: '' });
  const statusOf = async (host: string) =>
    (await ask(session, { ':authority': `${host}:${port}`, ':path': '/public/x' })).status;
  t.deepEqual([await statusOf('127.0.0.1'), await statusOf('[::1]'), await statusOf('10.0.0.9')], [200, 200, 421]);
  t.is(await statusOf('login.test'), 421, 'whoever is proven an address is proven no name');
});
