import test from 'ava';
import { bytesApp, get, SESSION, stage } from './stage.ts';
import { HANDSHAKE, SWITCHING, tunnel } from './tunnels.ts';

for (const how of ['FIN', 'RST'] as const) {
  test(`a browser that leaves before the switch by ${how} takes the app's end with it`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(get('/ws', HANDSHAKE));
    const conversation = await wiki.next();
    await conversation.until('\r\n\r\n');
    if (how === 'FIN') client.socket.destroy();
    else client.socket.resetAndDestroy();
    await conversation.closed;
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
  });

  test(`when the browser's end goes by ${how}, so does the app's`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const { client, conversation } = await tunnel(wiki, gateway);
    if (how === 'FIN') client.socket.destroy();
    else client.socket.resetAndDestroy();
    // Not half open: what the app says from here on is refused, and ends its own end.
    while (!conversation.socket.destroyed) {
      conversation.write('x');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await gateway.outcome();
    t.true(conversation.socket.destroyed);
  });

  test(`when the app's end goes by ${how}, so does the browser's`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const { client, conversation } = await tunnel(wiki, gateway);
    if (how === 'FIN') conversation.write('last words').socket.end();
    else conversation.socket.resetAndDestroy();
    const read = await client.all();
    if (how === 'FIN') t.true(read.endsWith('last words'));
    // The browser never closes its half: that holds nobody up.
    t.is((await gateway.outcome()).kind, how === 'FIN' ? 'done' : 'cut');
  });
}

test('a browser that says no more still hears what the app says', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  client.socket.end();
  await conversation.closed;
  conversation.write('last words').socket.end();
  t.true((await client.all()).endsWith('last words'));
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 101 });
});

test('a logout cuts a WebSocket on both sides (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  t.is(gateway.live.cut(SESSION), 1);
  await Promise.all([client.closed, conversation.closed]);
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('a logout cuts an upgrade that waits for the app (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  gateway.live.cut(SESSION);
  await conversation.closed;
  t.is(await client.all(), '');
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
});

test('an upgrade whose session is cut already never reaches the app (P8)', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port, { passage: () => ({ connection: { isCut: true, add: () => {} } }) });
  t.is(await gateway.send(get('/ws', HANDSHAKE)).all(), '');
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'logout' });
  t.is(wiki.sockets.length, 0);
});

test('what the browser sends right after the handshake arrives after the switch, and not before', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  gateway.send(`${get('/ws', HANDSHAKE)}GET /smuggled HTTP/1.1\r\n\r\n`);
  const conversation = await wiki.next();
  t.false((await conversation.until('\r\n\r\n')).includes('smuggled'));
  conversation.write(`${SWITCHING}\r\n`);
  await conversation.until('smuggled');
  t.is(wiki.sockets.length, 1);
});

test('closing the upstream ends its tunnels', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const { client, conversation } = await tunnel(wiki, gateway);
  await gateway.upstream.close();
  await Promise.all([client.closed, conversation.closed]);
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
});
