import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { answering, app, bytesApp, get, listening, OK, SESSION, stage, type Conversation } from './stage.ts';

const MIB = 1 << 20;
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';

test('a logout cuts a download on both sides (P8)', async (t) => {
  const wiki = await answering(t, CHUNKED);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get());
  await client.until('hello');
  t.is(gateway.live.cut(SESSION), 1);
  t.false((await client.all()).includes('\r\n0\r\n'));
  await wiki.sockets[0]?.closed;
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('a logout cuts a download of known length, an HTTP/1.0 one by a reset (P8)', async (t) => {
  const wiki = await answering(t, 'HTTP/1.1 200 OK\r\n\r\nhello');
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  await client.until('hello');
  gateway.live.cut(SESSION);
  t.is(await client.closed, 'reset');
  await wiki.sockets[0]?.closed;
});

for (const [what, head] of [
  ['of known length', { 'content-length': 64 * MIB }],
  ['in chunks', {}],
] as const)
  test(`after a logout a slow reader gets nothing more of a download ${what}, not even what the system had taken to send (P8)`, async (t) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    const port = await app(t, (_request, response) => {
      response.writeHead(200, head);
      const more = (): void => {
        for (sent += 1; sent < 1024 && response.write(piece); sent += 1);
        response.once('drain', more);
      };
      more();
    });
    const gateway = await stage(t, port);
    const client = gateway.send(get());
    await client.until('\r\n\r\n');
    client.socket.pause();
    for (let before = -1; before !== sent;) {
      before = sent;
      // Until nothing moves any more.
      await pause(300);
    }
    const read = client.text.length;
    gateway.live.cut(SESSION);
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
    client.socket.resume();
    t.is(await client.closed, 'reset');
    const late = client.text.length - read;
    // What has reached its own machine by then nobody can call back.
    t.true(late < MIB, `${late} bytes`);
  });

test('where this node may not serve any more, no further byte passes, whether or not anybody has cut it (P1, P12)', async (t) => {
  const wiki = await answering(t, CHUNKED);
  let isCut = false;
  const connection = {
    add: () => {},
    get isCut() {
      return isCut;
    },
  };
  const gateway = await stage(t, wiki.port, { passage: () => ({ connection }) });
  const client = gateway.send(get());
  await client.until('hello');
  isCut = true;
  wiki.sockets[0]?.write('5\r\nworld\r\n0\r\n\r\n');
  t.false((await client.all()).includes('world'));
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('a logout cuts an upload on both sides (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
  const conversation = await wiki.next();
  await conversation.until('hello');
  gateway.live.cut(SESSION);
  await Promise.all([client.closed, conversation.closed]);
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('a logout cuts a request that waits for its answer (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get());
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  gateway.live.cut(SESSION);
  t.is(await client.all(), '');
  await conversation.closed;
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('a request whose session is cut before it is sent never reaches the app (P8)', async (t) => {
  const wiki = await answering(t, OK);
  let destroyed = 0;
  const gateway = await stage(t, wiki.port, {
    passage: () => ({ connection: { isCut: true, add: () => (destroyed += 1) } }),
  });
  t.is(await gateway.send(get()).all(), '');
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
  t.is(destroyed, 1);
  t.is(wiki.sockets.length, 0);
});

test('a request that waits for a connection is never sent after a logout (P8)', async (t) => {
  const wiki = await answering(t, CHUNKED);
  const gateway = await stage(t, wiki.port, { settings: { maxConnections: 1 } });
  const first = gateway.send(get('/first'));
  await first.until('hello');
  const second = gateway.send(get('/second'));
  while (gateway.live.count(SESSION) < 2) await new Promise((resolve) => setImmediate(resolve));
  t.is(gateway.live.cut(SESSION), 2);
  t.is(await second.all(), '');
  t.is((await gateway.outcome()).kind, 'cut');
  t.is((await gateway.outcome()).kind, 'cut');
  await gateway.send(get('/third')).until('hello');
  t.false(wiki.sockets.some((conversation) => conversation.text.includes('/second')));
});

for (const [when, lead] of [
  ['before the headers', async (_client: Conversation, app: Conversation) => app.until('\r\n\r\n')],
  [
    'in mid-download',
    async (client: Conversation, app: Conversation) => {
      await app.until('\r\n\r\n');
      app.write(CHUNKED);
      return client.until('hello');
    },
  ],
] as const) {
  for (const how of ['FIN', 'RST'] as const) {
    test(`a client that leaves ${when} by ${how} takes the request to the app with it`, async (t) => {
      const wiki = await bytesApp(t);
      const gateway = await stage(t, wiki.port);
      const client = gateway.send(get());
      const conversation = await wiki.next();
      await lead(client, conversation);
      if (how === 'FIN') client.socket.destroy();
      else client.socket.resetAndDestroy();
      await conversation.closed;
      t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
    });
  }
}

test('a client that has left before it is forwarded costs the app nothing', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const { promise, resolve } = Promise.withResolvers<string>();
  const late = createServer((request, response) => {
    response.on('close', () => {
      const passage = {
        requestId: '1',
        clientAddress: '192.0.2.7',
        forwardedFor: '',
        proto: 'http' as const,
        host: 'a',
        identityHeaders: [],
        connection: undefined,
      };
      void gateway.upstream.forward(request, response, passage).then((outcome) => resolve(JSON.stringify(outcome)));
    });
    response.destroy();
  });
  const port = await listening(t, late);
  await fetch(`http://127.0.0.1:${port}/`).catch(() => {});
  t.is(await promise, '{"kind":"cut","by":"client"}');
  t.is(wiki.sockets.length, 0);
});

test('a finished request leaves nothing for a later logout to cut', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/a'));
  await client.until('ok');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
  gateway.live.cut(SESSION);
  await client.write(get('/b')).until('ok', client.text.length);
  t.is(wiki.sockets.length, 1);
});

test('a response that somebody destroys in the middle of an answer ends nothing but itself', async (t) => {
  const wiki = await answering(t, `${CHUNKED}5\r\nworld\r\n0\r\n\r\n`);
  const gateway = await stage(t, wiki.port, {
    onResponse: (response) => {
      const write = response.write.bind(response) as (chunk: Buffer) => boolean;
      response.write = (chunk: Buffer) => {
        response.destroy();
        return write(chunk);
      };
    },
  });
  t.is(await gateway.send(get()).all(), '');
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
});
