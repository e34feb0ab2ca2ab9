// Answers that nobody reads, over real sockets.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server, type Http2ServerRequest } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { mustBeRead } from '../../gateway/http/unread.ts';
import { StreamResponse } from '../../gateway/http/stream-response.ts';

/** More than all buffers between both sides hold. */
const LARGE = Buffer.alloc(32 * 1024 ** 2);
const WITHIN_MS = 500;

async function portOf(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('an answer that nobody reads is broken off, and one that is read is not', async (t) => {
  const closed: boolean[] = [];
  const { promise: brokenOff, resolve } = Promise.withResolvers<undefined>();
  const server = createServer((request, response) => {
    response.once('close', () => {
      closed.push(response.writableFinished);
      if (!response.writableFinished) resolve(undefined);
    });
    response.end(request.url === '/large' ? LARGE : 'small');
    mustBeRead(response, WITHIN_MS);
  });
  const port = await portOf(t, server);
  const reader = await fetch(`http://127.0.0.1:${port}/small`);
  t.is(await reader.text(), 'small');
  const idle = connect(port, '127.0.0.1').pause();
  t.teardown(() => idle.destroy());
  idle.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
  await brokenOff;
  t.deepEqual(closed, [true, false]);
});

test('over HTTP/2 the stream goes, and its connection serves on', async (t) => {
  const server = createHttp2Server({ Http2ServerResponse: StreamResponse });
  server.on('request', (request: Http2ServerRequest, response: StreamResponse) => {
    response.end(request.url === '/large' ? LARGE.subarray(0, 1024 ** 2) : 'small');
    mustBeRead(response as unknown as ServerResponse, WITHIN_MS);
  });
  const session = connectHttp2(`http://127.0.0.1:${await portOf(t, server)}`);
  t.teardown(() => session.destroy());
  await once(session, 'connect');
  const unread = session.request({ ':path': '/large' });
  unread.on('error', () => {});
  await new Promise((resolve) => unread.once('close', resolve));
  t.not(unread.rstCode, 0);
  const small = session.request({ ':path': '/small' }).setEncoding('utf8');
  const [text] = (await once(small, 'data')) as [string];
  t.is(text, 'small');
});
