// Who stops in the middle, sending or reading, gives up the connection to the app that is held for it: there are only so many (limits.connections).

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import test from 'ava';
import { app, codeOf, get, SESSION, stage } from './stage.ts';

const CLIENT_MS = 300;
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

test('who sends and reads on, however slowly, is waited for', async (t) => {
  const port = await app(t, (request, response) => {
    let pieces = 0;
    request.on('data', () => (pieces += 1)).on('end', () => response.end(`pieces: ${pieces}`));
  });
  const gateway = await stage(t, port, { settings });
  const slow = gateway.send('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nx');
  for (let sent = 1; sent < 4; sent += 1) {
    await new Promise((resolve) => setTimeout(resolve, CLIENT_MS * 0.6));
    slow.write('x');
  }
  t.regex(await slow.until('pieces: '), /^HTTP\/1\.1 200 /);
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
