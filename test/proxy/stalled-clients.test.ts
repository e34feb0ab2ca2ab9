// Who stops in the middle, sending or reading, gives up the connection to the app that is held for it: there are only so many (limits.connections).

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { app, codeOf, get, SESSION, stage } from './stage.ts';

const CLIENT_MS = 800;
const settings = { maxConnections: 1, clientTimeoutMs: CLIENT_MS };

/** Never ends what it sends, as fast as it is taken. */
function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (response.write(piece));
    response.once('drain', more);
  };
  more();
}

for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked'])
  test(`an upload that stops in the middle is cut, and the next request has its connection: ${head}`, async (t) => {
    let aborted = 0;
    const port = await app(t, (request, response) => {
      request.on('error', () => (aborted += 1));
      request.resume().on('end', () => response.end('ok'));
    });
    const gateway = await stage(t, port, { settings });
    const stalled = gateway.send(`PUT / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n1\r\nx`);
    const next = gateway.send(get());
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
    await next.until('ok');
    t.is((await gateway.outcome()).kind, 'done');
    await stalled.all();
    t.is(aborted, 1);
    t.is(gateway.live.count(SESSION), 2, 'the stage releases nothing');
  });

test('a download that nobody reads is cut, and the next request has its connection', async (t) => {
  const port = await app(t, (request, response) => {
    if (request.url === '/endless') endless(response);
    else response.end('ok');
  });
  const gateway = await stage(t, port, { settings });
  const stalled = gateway.send(get('/endless'));
  stalled.socket.pause();
  await once(stalled.socket, 'ready');
  const next = gateway.send(get());
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
  await next.until('ok');
});

/** Sends so many pieces of `bytes` each, so that a limit is never reached between two of them. */
async function dripping(t: ExecutionContext, bytes: number, pieces: number) {
  const port = await app(t, (request, response) => {
    let came = 0;
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => (came += chunk.length)).on('end', () => response.end(`bytes: ${came}.`));
  });
  const gateway = await stage(t, port, { settings });
  const slow = gateway.send(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes * pieces}\r\n\r\n`);
  slow.socket.on('error', () => {});
  for (let sent = 0; sent < pieces && !slow.socket.destroyed; sent += 1) {
    slow.write('x'.repeat(bytes));
    await new Promise((resolve) => setTimeout(resolve, CLIENT_MS * 0.4));
  }
  return { gateway, slow };
}

test('who sends on, slowly but by 500 bytes a second, is waited for', async (t) => {
  const { slow } = await dripping(t, CLIENT_MS * 0.5, 6);
  t.regex(await slow.until('bytes: 2400.'), /^HTTP\/1\.1 200 /);
});

test('who sends a byte now and then holds no connection to the app', async (t) => {
  const { gateway, slow } = await dripping(t, 1, 6);
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
  await slow.all();
});

test('an app that takes its time, with a body or an answer, is no client that does', async (t) => {
  const port = await app(t, (request, response) => {
    setTimeout(() => {
      request.resume().on('end', () => {
        response.write('half');
        setTimeout(() => response.end('whole'), CLIENT_MS * 2);
      });
    }, CLIENT_MS * 2);
  });
  const gateway = await stage(t, port, { settings });
  const body = 'x'.repeat(4 * 1024 * 1024);
  const upload = gateway.send(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await upload.until('whole');
  t.is(codeOf(await gateway.outcome()), undefined);
});

test('without a limit whoever stops is waited for', async (t) => {
  const port = await app(t, (request, response) => void request.resume().on('end', () => response.end('ok')));
  const gateway = await stage(t, port, { settings: { ...settings, clientTimeoutMs: 0 } });
  const slow = gateway.send('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx');
  await new Promise((resolve) => setTimeout(resolve, CLIENT_MS * 3));
  await slow.write('x').until('ok');
  t.pass();
});
