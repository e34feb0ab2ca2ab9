// Where the app really is stays inside: in the fields that hold its addresses, and in the Domain of its cookies.

import test from 'ava';
import { answering, app, get, stage, valuesOf } from './stage.ts';
import { ADDRESS_FIELDS, realAddress } from '../../gateway/proxy/addresses.ts';
import { withoutDomain } from '../../gateway/proxy/cookie-domain.ts';

const PUBLIC = 'https://wiki.example';

/** What a field of an app at `origin` becomes. */
const becomes = (field: string, value: string, origin = 'http://10.0.4.12:8080'): string | undefined =>
  ADDRESS_FIELDS.get(field)?.(value, realAddress(origin), PUBLIC);

for (const field of ['location', 'content-location']) {
  for (const [value, expected] of [
    ['http://10.0.4.12:8080/a%2Fb?c=http://10.0.4.12:8080/#d', `${PUBLIC}/a%2Fb?c=http://10.0.4.12:8080/#d`],
    ['https://10.0.4.12:8080/', `${PUBLIC}/`],
    ['HTTP://10.0.4.12:8080', PUBLIC],
    ['//10.0.4.12:8080/x', `${PUBLIC}/x`],
    ['//alice:pw@10.0.4.12:8080?x', `${PUBLIC}?x`],
    ['http://10.0.4.12:8080//evil.example/', `${PUBLIC}//evil.example/`],
  ] as const) {
    test(`${field}: ${value} names where the browser reaches the app`, (t) => t.is(becomes(field, value), expected));
  }
}

for (const value of [
  ...['/a', 'a', '?b', '#c', '', '/\\10.0.4.12:8080/', 'http:/10.0.4.12:8080/', 'ftp://10.0.4.12:8080/'],
  ...['http://10.0.4.12/', 'https://10.0.4.12/', '//10.0.4.12/', 'http://10.0.4.12:80800/', 'http://10.0.4.12:808/'],
  ...[
    'http://10.0.4.12:8080.evil.example/',
    'http://10.0.4.12:8080@evil.example/',
    'http://evil.example/10.0.4.12:8080',
  ],
]) {
  test(`location: "${value}" is another place, and stays byte for byte`, (t) =>
    t.is(becomes('location', value), value));
}

for (const [origin, value] of [
  ['http://app.internal', 'https://app.internal/x'],
  ['http://app.internal', 'https://APP.internal.:443/x'],
  ['http://app.internal', 'http://app.internal:80/x'],
  ['https://app.internal', 'http://app.internal/x'],
  ['http://app.internal:443', 'https://app.internal/x'],
  ['http://[::1]', '//[0:0::1]/x'],
  ['http://127.0.0.1', 'http://127.1/x'],
] as const) {
  test(`location: ${value} is ${origin}, whatever the scheme and the spelling`, (t) =>
    t.is(becomes('location', value, origin), `${PUBLIC}/x`));
}

for (const [field, value, expected] of [
  ['refresh', '0; url=http://10.0.4.12:8080/x', `0; url=${PUBLIC}/x`],
  ['refresh', `5.5 ,URL = '//10.0.4.12:8080/x'`, `5.5 ,URL = '${PUBLIC}/x'`],
  ['refresh', '0;http://10.0.4.12:8080/x', `0;${PUBLIC}/x`],
  ['refresh', '300', '300'],
  ['refresh', '0; url=/login?to=http://10.0.4.12:8080/', '0; url=/login?to=http://10.0.4.12:8080/'],
  [
    'link',
    '<http://10.0.4.12:8080/?p=2>; rel=next, </a.css>; rel=preload, <https://cdn.example/>; rel="preconnect"',
    `<${PUBLIC}/?p=2>; rel=next, </a.css>; rel=preload, <https://cdn.example/>; rel="preconnect"`,
  ],
] as const) {
  test(`${field}: "${value}" keeps everything but where the app really is (RFC 8288 §3)`, (t) =>
    t.is(becomes(field, value), expected));
}

for (const field of ['refresh', 'link', 'location']) {
  for (const piece of [' ', '<', '0', ';', '//', 'url=']) {
    test(`${field}: 16 KiB of "${piece}" are read in no time`, (t) => {
      const before = process.cpuUsage();
      becomes(field, piece.repeat(16_384 / piece.length));
      t.true(process.cpuUsage(before).user < 50_000);
    });
  }
}

for (const [line, expected] of [
  ['a=1; Path=/; Domain=app.internal; Secure', 'a=1; Path=/; Secure'],
  ['a=1;domain = .APP.internal.;Domain=app.internal', 'a=1'],
  ['a=1; Domain=example.com', 'a=1; Domain=example.com'],
  ['a=Domain=app.internal; Path=/', 'a=Domain=app.internal; Path=/'],
  ['Domain=app.internal; x; Domain', 'Domain=app.internal; x; Domain'],
] as const) {
  test(`the cookie "${line}" is given on as one of the host (RFC 6265 §5.3)`, (t) =>
    t.is(withoutDomain(line, 'app.internal'), expected));
}

test('an answer names the app as the browser asked for it, on a refused upgrade too', async (t) => {
  const wiki = await app(t, (request, response) => {
    const here = `//127.0.0.1:${request.socket.localPort ?? 0}/x`;
    response
      .writeHead(302, { Location: `http:${here}`, Refresh: `1;url=https:${here}`, Link: `<${here}>; rel=next` })
      .end();
  });
  const gateway = await stage(t, wiki);
  for (const lines of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
    const answer = await gateway.send(get('/', lines)).until('\r\n\r\n');
    t.deepEqual(valuesOf(answer, 'location'), [`${PUBLIC}/x`]);
    t.deepEqual(valuesOf(answer, 'refresh'), [`1;url=${PUBLIC}/x`]);
    t.deepEqual(valuesOf(answer, 'link'), [`<${PUBLIC}/x>; rel=next`]);
  }
});

test('cookies that pass to the browser lose a Domain that names the upstream, from a jar as well', async (t) => {
  const wiki = await answering(
    t,
    'HTTP/1.1 200 OK\r\nSet-Cookie: SID=1; Domain=127.0.0.1; Path=/\r\nContent-Length: 0\r\n\r\n',
  );
  for (const jar of [undefined, { cookie: '', keep: (lines: readonly string[]) => lines }]) {
    const gateway = await stage(t, wiki.port, { passage: () => ({ jar }) });
    const answer = await gateway.send(get()).until('\r\n\r\n');
    t.deepEqual(valuesOf(answer, 'set-cookie'), ['SID=1; Path=/']);
  }
});
