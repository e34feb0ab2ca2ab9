// A process that was stopped wakes in the middle of whatever it did, before anybody has cut what is open: every piece asks first (P1, P8).

import test from 'ava';
import { answering, bytesApp, get, OK, stage } from './stage.ts';
import { HANDSHAKE, SWITCHING, tunnel } from './tunnels.ts';

/** A lease that runs out without a word; nothing is cut by anybody else. */
function lease() {
  let isCut = false;
  const connection = {
    get isCut() {
      return isCut;
    },
    add: () => {},
    release: () => {},
  };
  return { passage: () => ({ connection }), lapse: () => void (isCut = true) };
}

const CUT = { kind: 'cut', by: 'logout' } as const;

test('a piece of an answer that comes without a lease reaches no browser (P1)', async (t) => {
  const wiki = await answering(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  const { passage, lapse } = lease();
  const gateway = await stage(t, wiki.port, { passage });
  const client = gateway.send(get());
  await client.until('hello');
  lapse();
  wiki.sockets[0]?.write('6\r\nsecret\r\n0\r\n\r\n');
  t.deepEqual(await gateway.outcome(), CUT);
  t.false((await client.all()).includes('secret'));
});

test('the head of an answer that comes without a lease reaches no browser (P1)', async (t) => {
  const wiki = await bytesApp(t);
  const { passage, lapse } = lease();
  const gateway = await stage(t, wiki.port, { passage });
  const client = gateway.send(get());
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  lapse();
  conversation.write(OK);
  t.deepEqual(await gateway.outcome(), CUT);
  t.is(await client.all(), '');
});

test('a piece of a body that comes without a lease reaches no app (P1)', async (t) => {
  const wiki = await bytesApp(t);
  const { passage, lapse } = lease();
  const gateway = await stage(t, wiki.port, { passage });
  const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
  const conversation = await wiki.next();
  await conversation.until('hello');
  lapse();
  client.write('secret');
  t.deepEqual(await gateway.outcome(), CUT);
  await conversation.closed;
  t.false(conversation.text.includes('secret'));
});

test('a request that waited for a connection is not sent without a lease (P1)', async (t) => {
  const wiki = await bytesApp(t);
  const { passage, lapse } = lease();
  const gateway = await stage(t, wiki.port, {
    settings: { maxConnections: 1 },
    passage: ({ url }) => (url === '/second' ? passage() : {}),
  });
  gateway.send(get('/first'));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  const second = gateway.send(get('/second'));
  while (gateway.live.count() < 2) await new Promise((resolve) => setImmediate(resolve));
  lapse();
  conversation.write(OK);
  t.is(await second.all(), '');
  t.false(conversation.text.includes('/second'));
});

for (const [who, speak] of [
  ['browser', 'client'],
  ['app', 'conversation'],
] as const) {
  test(`what a WebSocket’s ${who} says without a lease goes nowhere (P1)`, async (t) => {
    const wiki = await bytesApp(t);
    const { passage, lapse } = lease();
    const gateway = await stage(t, wiki.port, { passage });
    const ends = await tunnel(wiki, gateway);
    lapse();
    ends[speak].write('secret');
    t.deepEqual(await gateway.outcome(), CUT);
    await Promise.all([ends.client.closed, ends.conversation.closed]);
    const heard = speak === 'client' ? ends.conversation : ends.client;
    t.false(heard.text.includes('secret'));
  });
}

test('an upgrade that an app takes up without a lease opens no tunnel (P1, P8)', async (t) => {
  const wiki = await bytesApp(t);
  const { passage, lapse } = lease();
  const gateway = await stage(t, wiki.port, { passage });
  const client = gateway.send(get('/ws', HANDSHAKE));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  lapse();
  conversation.write(`${SWITCHING}\r\n`);
  t.deepEqual(await gateway.outcome(), CUT);
  await Promise.all([client.closed, conversation.closed]);
  t.false(client.text.includes('101'));
});
