import test from 'ava';
import { answering, app, get, headerLines, OK, SESSION, stage, valuesOf } from './stage.ts';

test('what a client forges about the person never reaches the app, in any spelling (P11)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const forgeries = [
    'Remote-User',
    'remote-user',
    'remote_user',
    'REMOTE_USER',
    'Remote.User',
    'Remote~User',
    "Remote'User",
    'x_forwarded-groups',
  ];
  await gateway.send(get('/', forgeries.map((name) => `${name}: root\r\n`).join(''))).until('ok');
  const sent = wiki.sockets[0]?.text ?? '';
  t.false(sent.includes('root'), sent);
  t.deepEqual(valuesOf(sent, 'remote-user'), ['alice']);
});

test('an identity header the settings do not name stands alone as well (P11)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, {
    passage: () => ({ identityHeaders: ['Authorization', 'Basic b3Vycw=='] }),
  });
  await gateway.send(get('/', 'Authorization: Basic Zm9yZ2Vk\r\nauthorization: x\r\n')).until('ok');
  t.deepEqual(valuesOf(wiki.sockets[0]?.text ?? '', 'authorization'), ['Basic b3Vycw==']);
});

test('without identity headers a forgery is removed all the same (P11)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { passage: () => ({ identityHeaders: [], connection: undefined }) });
  await gateway.send(get('/', 'Remote-User: root\r\n')).until('ok');
  t.false(wiki.sockets[0]?.text.includes('root'));
});

test('a header name with a space before its colon is refused, not repaired (RFC 9112 §5.1)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  t.regex(await gateway.send(get('/', 'Remote-User : root\r\n')).all(), /^HTTP\/1\.1 400 /);
  t.is(wiki.sockets.length, 0);
});

test('Connection cannot be used to remove an identity header (RFC 9110 §7.6.1, P11)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  await gateway
    .send(get('/', 'Connection: keep-alive, remote-user, X-Forwarded-For, x-app\r\nX-App: 1\r\n'))
    .until('ok');
  const sent = wiki.sockets[0]?.text ?? '';
  t.deepEqual(valuesOf(sent, 'remote-user'), ['alice']);
  t.deepEqual(valuesOf(sent, 'x-forwarded-for'), ['192.0.2.7']);
  t.deepEqual(valuesOf(sent, 'x-app'), []);
  t.deepEqual(valuesOf(sent, 'connection'), ['keep-alive']);
});

test('Connection cannot take the length from a body (RFC 9112 §6.3)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  await gateway
    .send('POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\nhello')
    .until('ok');
  t.deepEqual(valuesOf(wiki.sockets[0]?.text ?? '', 'content-length'), ['5']);
});

test('hop-by-hop headers end at the gateway (RFC 9110 §7.6.1)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const ended = [
    'Keep-Alive: 5',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Proxy-Authorization: Basic eA==',
    'Trailer: X-Sum',
    'HTTP2-Settings: x',
  ];
  await gateway.send(get('/', `${ended.join('\r\n')}\r\n`)).until('ok');
  const sent = wiki.sockets[0]?.text ?? '';
  for (const line of ended) t.deepEqual(valuesOf(sent, line.split(':', 1)[0] ?? ''), [], line);
});

test('where a request comes from is said by the gateway only', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { passage: () => ({ forwardedFor: '198.51.100.1, 10.0.0.3' }) });
  const forged = [
    'X-Forwarded-For: 127.0.0.1',
    'X_Forwarded_For: 127.0.0.1',
    'X-Forwarded-Proto: forged',
    'X-Forwarded-Host: forged',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Prefix: /forged',
    'X-Forwarded-Server: forged',
    'Forwarded: for=forged',
    'X-Real-IP: 127.0.0.1',
    'X-Request-Id: forged',
    'Proxy: http://forged/',
    'X-Curfew: forged',
    'X-Curfew-Assertion: forged',
    'x_curfew_assertion: forged',
    'X-Original-URL: /forged',
    'X-Rewrite-URL: /forged',
  ];
  await gateway.send(get('/', `${forged.join('\r\n')}\r\n`)).until('ok');
  const sent = wiki.sockets[0]?.text ?? '';
  t.false(/forged|127\.0\.0\.1/.test(sent), sent);
  t.deepEqual(valuesOf(sent, 'x-forwarded-for'), ['198.51.100.1, 10.0.0.3, 192.0.2.7']);
  t.deepEqual(valuesOf(sent, 'x-forwarded-proto'), ['https']);
  t.deepEqual(valuesOf(sent, 'x-forwarded-host'), ['wiki.example']);
  t.deepEqual(valuesOf(sent, 'x-request-id'), ['request-1']);
  t.deepEqual(valuesOf(sent, 'host'), ['wiki.example']);
});

test("the gateway's cookies never reach the app, and the bytes of all others do (P11)", async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const cookies =
    'a=1;  b="x y"; __Host-curfew=secret1; Curfew=kept; curfew=secret2;curfew=secret3; c=\xe9=%20; =curfew=secret4';
  await gateway.send(get('/', `Cookie: ${cookies}\r\nCookie: curfew=secret5\r\nCookie: d=4\r\n`)).until('ok');
  const sent = wiki.sockets[0]?.text ?? '';
  t.false(sent.includes('secret'), sent);
  t.deepEqual(valuesOf(sent, 'cookie'), ['a=1;  b="x y"; Curfew=kept; c=\xe9=%20', 'd=4']);
});

test("with a jar the app gets the jar's cookies and none of the browser's (P10)", async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { passage: () => ({ jar: { cookie: 'SID=jar', keep: () => [] } }) });
  await gateway.send(get('/', 'Cookie: SID=planted\r\n')).until('ok');
  t.deepEqual(valuesOf(wiki.sockets[0]?.text ?? '', 'cookie'), ['SID=jar']);
});

test('identity headers arrive as UTF-8', async (t) => {
  const port = await app(t, (request, response) => {
    const raw = request.headers['remote-user'];
    response.end(Buffer.from(typeof raw === 'string' ? raw : '', 'latin1'));
  });
  for (const name of ['Alice Möller', '名前']) {
    const value = Buffer.from(name).toString('latin1');
    const gateway = await stage(t, port, { passage: () => ({ identityHeaders: ['Remote-User', value] }) });
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/`);
    t.is(await answer.text(), name);
  }
});

for (const value of ['a\r\nX-Admin: 1', 'a\nb', 'a\0b', 'a\x7fb', '名']) {
  test(`an identity value that would break the header is refused, not sent: ${JSON.stringify(value)} (RFC 9110 §5.5)`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port, { passage: () => ({ identityHeaders: ['Remote-User', value] }) });
    t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 400 [^]*X-Curfew: REQUEST_UNSENDABLE/);
    t.is(wiki.sockets.length, 0);
  });
}

test('every other header passes as it is, in order and doubled', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  await gateway
    .send(get('/', 'X-One: 1\r\nx-Two:  2 \r\nX-One: \xe9\r\nUser-Agent: old\r\ntraceparent: 00-1-2-01\r\n'))
    .until('ok');
  t.deepEqual(
    headerLines(wiki.sockets[0]?.text ?? '').filter((line) => /^(x-one|x-two|user|trace)/i.test(line)),
    ['X-One: 1', 'x-Two: 2', 'X-One: \xe9', 'User-Agent: old', 'traceparent: 00-1-2-01'],
  );
  t.is(gateway.live.count(SESSION), 1);
});
