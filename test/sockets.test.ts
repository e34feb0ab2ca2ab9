// Sockets that are open, and what the system may do to them.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectHttp2, createSecureServer, type ClientHttp2Stream } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { BlockList, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import { watchHttp2 } from '../gateway/http/http2.ts';
import type { LogFacts } from '../gateway/kernel/log.ts';
import { silentLog } from '../gateway/kernel/log.ts';
import { openSockets, type SocketName } from '../gateway/sockets.ts';
import { newSigner } from './support/certificates.ts';
import { needing } from './support/needing.ts';

const law = needing('openssl');

test('a connection that the system would not hand over ends nothing, and a storm of them is one line a minute', async (t) => {
  const lines: { readonly event: string; readonly facts: LogFacts | undefined }[] = [];
  const sockets = openSockets({ ...silentLog, error: (event, facts) => void lines.push({ event, facts }) });
  const server = createServer((_request, response) => response.end());
  (await sockets.prepare({ http: { host: '127.0.0.1', port: 0 } }, () => ({ server }))).use(0);
  t.teardown(() => sockets.close(0));
  // As node:net has it where accept(2) fails for want of memory.
  const failure = Object.assign(new Error('accept ENOMEM'), { code: 'ENOMEM', syscall: 'accept' });
  for (let at = 0; at < 1000; at += 1) t.true(server.emit('error', failure));
  t.deepEqual(lines, [
    { event: 'connection-not-taken', facts: { socket: 'http', times: 1, error: 'Error: accept ENOMEM' } },
  ]);
  const socket = connect(sockets.address('http')?.port ?? 0, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
});

test('a request that was on its way over a kept connection when its address was left is answered, as the last (RFC 9112 §9.6)', async (t) => {
  const sockets = openSockets(silentLog);
  t.teardown(() => sockets.close(0));
  const make = () => ({ server: createServer((_request, response) => response.end('x')) });
  (await sockets.prepare({ http: { host: '127.0.0.1', port: 0 } }, make)).use(0);
  const port = sockets.address('http')?.port ?? 0;
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  const [first] = (await once(socket, 'data')) as [Buffer];
  t.regex(first.toString(), /^HTTP\/1\.1 200 [^]*Connection: keep-alive\r\n/);
  const elsewhere = await sockets.prepare({ http: { host: '127.0.0.2', port: 0 } }, make);
  socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  elsewhere.use(20_000);
  const [second] = (await once(socket, 'data')) as [Buffer];
  t.regex(second.toString(), /^HTTP\/1\.1 200 [^]*Connection: close\r\n/);
  await once(socket, 'end');
  const late = connect(port, '127.0.0.1');
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED', 'nobody new is taken there');
});

test('a request that was on its way over a kept connection at a stop is answered, as the last (RFC 9112 §9.6)', async (t) => {
  const sockets = openSockets(silentLog);
  const make = () => ({ server: createServer((_request, response) => response.end('x')) });
  (await sockets.prepare({ http: { host: '127.0.0.1', port: 0 } }, make)).use(0);
  const socket = connect(sockets.address('http')?.port ?? 0, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: wiki.test\r\n\r\n');
  await once(socket, 'data');
  socket.write('POST / HTTP/1.1\r\nHost: wiki.test\r\nContent-Length: 0\r\n\r\n');
  const [closed, [answer]] = await Promise.all([sockets.close(20_000), once(socket, 'data') as Promise<[Buffer]>]);
  t.is(closed, undefined);
  t.regex(answer.toString(), /^HTTP\/1\.1 200 [^]*Connection: close\r\n/);
});

law(
  'over HTTP/2 what was on its way at a stop is answered too, and the browser is told to come elsewhere (RFC 9113 §6.8)',
  async (t) => {
    const sockets = openSockets(silentLog);
    const { cert, key } = newSigner().sign(['wiki.test']);
    const make = () => {
      const server = createSecureServer({ cert, key, allowHTTP1: true }, (_request, response) => response.end('x'));
      const none = { certificates: () => [] };
      const limits = { maxHeaderSize: 32_768, headersTimeout: 30_000, keepAliveTimeout: 65_000 };
      const { retire } = watchHttp2(server, limits, none, () => new BlockList());
      return { server: server as unknown as Server, retire };
    };
    (await sockets.prepare({ https: { host: '127.0.0.1', port: 0 } }, make)).use(0);
    const port = sockets.address('https')?.port ?? 0;
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    t.teardown(() => session.destroy());
    const goneAway = once(session, 'goaway');
    const statusOf = async (stream: ClientHttp2Stream) => {
      const [headers] = (await once(stream.resume(), 'response')) as [Record<string, unknown>];
      return headers[':status'];
    };
    t.is(await statusOf(session.request({ ':path': '/' })), 200);
    const onItsWay = statusOf(session.request({ ':path': '/', ':method': 'POST' }).end());
    // It is with the system now, and nobody has read it.
    await turn();
    const closed = sockets.close(20_000);
    t.is(await onItsWay, 200);
    const [code, last] = (await goneAway) as [number, number];
    t.deepEqual([code, last], [0, 2 ** 31 - 1]);
    await closed;
  },
);

law('a connection that a browser has opened to have at hand holds up no end, over TLS neither', async (t) => {
  const sockets = openSockets(silentLog);
  const { cert, key } = newSigner().sign(['wiki.test']);
  const make = (name: SocketName) => ({ server: name === 'http' ? createServer() : createTlsServer({ cert, key }) });
  const at = { host: '127.0.0.1', port: 0 };
  (await sockets.prepare({ http: at, https: at }, make)).use(0);
  const plain = connect(sockets.address('http')?.port ?? 0, '127.0.0.1').resume();
  const secure = connectTls({ port: sockets.address('https')?.port ?? 0, rejectUnauthorized: false }).resume();
  const halfOpen = connect(sockets.address('https')?.port ?? 0, '127.0.0.1').resume();
  await Promise.all([once(plain, 'connect'), once(secure, 'secureConnect'), once(halfOpen, 'connect')]);
  const ended = Promise.all([plain, secure, halfOpen].map((socket) => once(socket, 'close')));
  const graceMs = 600_000;
  await sockets.close(graceMs);
  await ended;
  t.pass('long before the grace is over');
});
