import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { answering, bytesApp, codeOf, get, OK, SESSION, stage } from './stage.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

test('an app that closes without an answer is UPSTREAM_RESET', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => socket.once('data', () => socket.end()));
  const gateway = await stage(t, wiki.port);
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_RESET');
  t.is(wiki.sockets.length, 1);
});

test('an app that is not there is UPSTREAM_REFUSED', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const gateway = await stage(t, port);
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_REFUSED');
});

test('an app whose name nobody knows is UPSTREAM_UNREACHABLE', async (t) => {
  const gateway = await stage(t, 1, { settings: { origin: 'http://wiki.invalid' } });
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_UNREACHABLE');
});

test('an app that says nothing is UPSTREAM_TIMEOUT', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port, { settings: { responseTimeoutMs: 100 } });
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 504 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_TIMEOUT');
});

test('an app that falls silent in a body cuts the connection after the idle timeout', async (t) => {
  const wiki = await answering(t, `${CHUNKED}5\r\nhello\r\n`);
  const gateway = await stage(t, wiki.port, { settings: { idleTimeoutMs: 100 } });
  t.false((await gateway.send(get()).all()).includes('\r\n0\r\n'));
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
});

test('who finds all connections in use waits no longer than for an answer: UPSTREAM_BUSY', async (t) => {
  const wiki = await answering(t, `${CHUNKED}5\r\nhello\r\n`);
  const gateway = await stage(t, wiki.port, {
    settings: { maxConnections: 1, connectTimeoutMs: 100, responseTimeoutMs: 100 },
  });
  const first = gateway.send(get('/first'));
  await first.until('hello');
  t.regex(await gateway.send(get('/second')).until('\r\n\r\n'), /^HTTP\/1\.1 503 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_BUSY');
  first.socket.destroy();
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
});

test('who finds as many waiting as there are connections is told so at once: UPSTREAM_BUSY', async (t) => {
  const wiki = await answering(t, `${CHUNKED}5\r\nhello\r\n`);
  const gateway = await stage(t, wiki.port, { settings: { maxConnections: 1, responseTimeoutMs: 600_000 } });
  const first = gateway.send(get('/first'));
  await first.until('hello');
  const second = gateway.send(get('/second'));
  while (gateway.live.count(SESSION) < 2) await new Promise((resolve) => setImmediate(resolve));
  t.regex(await gateway.send(get('/third')).until('\r\n\r\n'), /^HTTP\/1\.1 503 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_BUSY');
  // Who waited has lost nothing by it.
  wiki.sockets[0]?.write('0\r\n\r\n');
  await second.until('hello');
  t.is(wiki.sockets.length, 1);
});

test('a connection that was lost is replaced: the bound counts those that are open', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => socket.once('data', () => socket.end()));
  const gateway = await stage(t, wiki.port, { settings: { maxConnections: 1 } });
  for (let left = 3; left > 0; left -= 1) {
    t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
    t.is(codeOf(await gateway.outcome()), 'UPSTREAM_RESET');
  }
  t.is(wiki.sockets.length, 3);
});

test('a request whose client has left while it waited is never sent', async (t) => {
  const wiki = await answering(t, `${CHUNKED}5\r\nhello\r\n`);
  const gateway = await stage(t, wiki.port, { settings: { maxConnections: 1 } });
  const first = gateway.send(get('/first'));
  await first.until('hello');
  const second = gateway.send(get('/second'));
  while (gateway.live.count(SESSION) < 2) await new Promise((resolve) => setImmediate(resolve));
  second.socket.resetAndDestroy();
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
  wiki.sockets[0]?.write('0\r\n\r\n');
  await first.until('\n0\r\n\r\n');
  await first.write(get('/third')).until('hello', first.text.length);
  t.deepEqual(wiki.sockets[0]?.text.match(/\/(first|second|third)/g), ['/first', '/third']);
});

for (const [method, isRepeated] of [
  ['GET', true],
  ['HEAD', true],
  ['POST', false],
  ['DELETE', false],
] as const) {
  test(`a ${method} that met a connection the app was closing is ${isRepeated ? 'sent once more' : 'not repeated'} (RFC 9112 §9.3.1)`, async (t) => {
    const wiki = await bytesApp(t, ({ socket }, index) => {
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        if (index === 0 && requests === 2) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const gateway = await stage(t, wiki.port);
    await gateway.send(get('/first')).until('\r\n\r\n');
    const answer = await gateway.send(`${method} /second HTTP/1.1\r\nHost: a\r\n\r\n`).until('\r\n\r\n');
    t.is(answer.slice(9, 12), isRepeated ? '200' : '502');
    t.is(wiki.sockets.length, isRepeated ? 2 : 1);
  });
}

test('a request with a body is never repeated', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.on('data', (chunk) => (chunk.includes('/second') ? socket.resetAndDestroy() : socket.write(OK)));
  });
  const gateway = await stage(t, wiki.port);
  await gateway.send(get('/first')).until('ok');
  const answer = await gateway.send('GET /second HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx').until('\r\n\r\n');
  t.regex(answer, /^HTTP\/1\.1 502 /);
});

test('a request whose answer had begun is never repeated (RFC 9112 §9.3.1)', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.on('data', (chunk) => {
      if (chunk.includes('/second')) socket.end('HTTP/1.1 200 OK\r\nX-');
      else socket.write(OK);
    });
  });
  const gateway = await stage(t, wiki.port);
  await gateway.send(get('/first')).until('ok');
  t.regex(await gateway.send(get('/second')).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(wiki.sockets.length, 1);
});

test('a new connection that breaks is not tried again: the app may have died of this very request', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => socket.on('data', () => socket.resetAndDestroy()));
  const gateway = await stage(t, wiki.port);
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(wiki.sockets.length, 1);
});

test('closing the upstream fails what waits and cuts what runs', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get());
  await (await wiki.next()).until('\r\n\r\n');
  await gateway.upstream.close();
  t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 503 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_CLOSED');
  t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 503 /);
});
