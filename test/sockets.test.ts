// Sockets that are open, and what the system may do to them.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
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
