import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { bytesApp, codeOf, get, listening, stage, takenMiB, valuesOf } from './stage.ts';
import { HANDSHAKE, SWITCHING } from './tunnels.ts';

test('a WebSocket passes frames both ways, with its subprotocol, and closes on both sides', async (t) => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false) });
  sockets.on('connection', (socket) =>
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary })),
  );
  const gateway = await stage(t, await listening(t, server));
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, ['other', 'chat']);
  await once(socket, 'open');
  t.is(socket.protocol, 'chat');
  for (const text of ['hello', 'x'.repeat(200_000), 'ö']) {
    socket.send(text);
    const [message] = (await once(socket, 'message')) as [Buffer];
    t.is(message.toString(), text);
  }
  socket.close(1000, 'bye');
  const [code] = (await once(socket, 'close')) as [number];
  t.is(code, 1000);
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 101 });
});

test('the handshake carries our headers and none of the forged ones, not even behind Expect (P11)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const forged =
    'Expect: 100-continue\r\nRemote-User: root\r\nremote_user: root\r\nX-Forwarded-For: 127.0.0.1\r\nCookie: a=1; curfew=secret; b=2\r\nX-One: 1\r\nX-One: 2\r\nTransfer-Encoding2: x\r\n';
  gateway.send(get('/ws', forged + HANDSHAKE));
  const sent = await (await wiki.next()).until('\r\n\r\n');
  t.false(/root|127\.0\.0\.1$|secret|Expect/im.test(sent.replace(/^Host.*$/m, '')), sent);
  t.deepEqual(valuesOf(sent, 'remote-user'), ['alice']);
  t.deepEqual(valuesOf(sent, 'x-forwarded-for'), ['192.0.2.7']);
  t.deepEqual(valuesOf(sent, 'cookie'), ['a=1; b=2']);
  t.deepEqual(valuesOf(sent, 'x-one'), ['1', '2']);
  t.deepEqual(valuesOf(sent, 'host'), ['wiki.example']);
  t.deepEqual(valuesOf(sent, 'connection'), ['Upgrade']);
  t.deepEqual(valuesOf(sent, 'upgrade'), ['websocket']);
  t.deepEqual(valuesOf(sent, 'sec-websocket-key'), ['dGhlIHNhbXBsZSBub25jZQ==']);
});

for (const path of ['/public/%2e%2e/admin', '//a', '/a//b', '/a\\b', '/a?', '/a?b?c&', '/a?url=http://x//y']) {
  test(`the path of an upgrade is sent byte for byte: ${path}`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    gateway.send(get(path, HANDSHAKE));
    t.true((await (await wiki.next()).until('\r\n\r\n')).startsWith(`GET ${path} HTTP/1.1\r\n`));
  });
}

for (const [what, request] of [
  ['another protocol', get('/', 'Connection: Upgrade\r\nUpgrade: h2c\r\n')],
  ['another method', get('/', HANDSHAKE).replace('GET', 'POST')],
  ['a body', get('/', `Content-Length: 5\r\n${HANDSHAKE}`)],
] as const) {
  test(`an upgrade with ${what} is refused and reaches nobody (RFC 6455 §4.1)`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(request);
    t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 501 /);
    t.is(codeOf(await gateway.outcome()), 'UPGRADE_REFUSED');
    t.is(wiki.sockets.length, 0);
  });
}

test('an upgrade to another host in absolute form is refused (RFC 9112 §3.2.2)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  gateway.send(get('http://admin.internal/', HANDSHAKE));
  t.is(codeOf(await gateway.outcome()), 'REQUEST_TARGET_REFUSED');
  t.is(wiki.sockets.length, 0);
});

for (const [what, head, rest] of [
  ['a 101', SWITCHING, ''],
  ['a refused upgrade', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n', 'nope'],
] as const) {
  test(`Set-Cookie on ${what} is filtered, and goes into the jar (P7, P11)`, async (t) => {
    const wiki = await bytesApp(t);
    const kept: string[][] = [];
    const keep = (lines: readonly string[]): string[] => {
      kept.push([...lines]);
      return [];
    };
    const gateway = await stage(t, wiki.port, { passage: () => ({ jar: { cookie: 'SID=0', keep } }) });
    const client = gateway.send(get('/ws', HANDSHAKE));
    const conversation = await wiki.next();
    await conversation.until('\r\n\r\n');
    conversation.write(`${head}Set-Cookie: SID=1\r\nSet-Cookie: curfew=x\r\nX-Curfew: FORGED\r\n\r\n${rest}`);
    const answer = await client.until(`\r\n\r\n${rest}`);
    t.deepEqual(kept, [['SID=1']]);
    t.deepEqual(valuesOf(answer, 'set-cookie'), []);
    t.deepEqual(valuesOf(answer, 'x-curfew'), []);
    t.deepEqual(valuesOf(conversation.text, 'cookie'), ['SID=0']);
  });
}

test("without a jar Set-Cookie on a 101 passes, line by line, except for the gateway's (P11)", async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  conversation.write(
    `${SWITCHING}Content-Length: 9\r\nSet-Cookie: a=1\r\nSet-Cookie: =curfew=x\r\nset-cookie: b=2\r\n\r\n`,
  );
  t.deepEqual(valuesOf(await client.until('\r\n\r\n'), 'set-cookie'), ['a=1', 'b=2']);
  // A 101 has no length (RFC 9110 §8.6).
  t.deepEqual(valuesOf(client.text, 'content-length'), []);
});

test('a refused upgrade passes with its body, and the connection ends', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  conversation.write(
    'HTTP/1.1 403 Not For You\r\nX-Why: because\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n',
  );
  const answer = await client.all();
  t.regex(
    answer,
    /^HTTP\/1\.1 403 Not For You\r\nX-Why: because\r\nCache-Control: private\r\nConnection: close\r\n\r\nnope$/,
  );
  t.is(await client.closed, 'clean');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 403 });
});

for (const how of ['FIN', 'RST'] as const) {
  test(`a refused upgrade that breaks off by ${how} does not end cleanly (RFC 9112 §8)`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(get('/ws', HANDSHAKE));
    const conversation = await wiki.next();
    await conversation.until('\r\n\r\n');
    conversation.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nnope');
    await client.until('nope');
    if (how === 'FIN') conversation.socket.end();
    else conversation.socket.resetAndDestroy();
    t.is(await client.closed, 'reset');
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
  });
}

test('the body of a refused upgrade waits for a slow browser', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  client.socket.pause();
  conversation.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
  const taken = await takenMiB(conversation.socket);
  t.true(taken < 100, `${taken} MiB were taken in`);
});

test('an app that is not there is a failure an error page can be sent for', async (t) => {
  const gateway = await stage(t, 1);
  const client = gateway.send(get('/ws', HANDSHAKE));
  t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_REFUSED');
});

for (const [what, answer, code] of [
  ['closes', undefined, 'UPSTREAM_RESET'],
  ['answers nonsense', 'nonsense\r\n\r\n', 'UPSTREAM_NONSENSE'],
  ['answers status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_NONSENSE'],
] as const) {
  test(`an app that ${what} instead of switching is a failure, not an end of the process`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port, { settings: { responseTimeoutMs: 1000 } });
    const client = gateway.send(get('/ws', HANDSHAKE));
    const conversation = await wiki.next();
    await conversation.until('\r\n\r\n');
    if (answer === undefined) conversation.socket.end();
    else conversation.write(answer);
    t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 50[24] /);
    const outcome = codeOf(await gateway.outcome());
    t.true(outcome === code || outcome === 'UPSTREAM_TIMEOUT', outcome);
  });
}

test('an app that never switches is UPSTREAM_TIMEOUT', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port, { settings: { responseTimeoutMs: 100 } });
  t.regex(await gateway.send(get('/ws', HANDSHAKE)).until('\r\n\r\n'), /^HTTP\/1\.1 504 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_TIMEOUT');
  await (
    await wiki.next()
  ).closed;
});
