import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { answering, bytesApp, codeOf, get, OK, stage } from './stage.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

for (const [what, answer] of [
  ['status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
  ['status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n'],
  ['status 1000', 'HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n'],
  ['status 20', 'HTTP/1.1 20 Short\r\nContent-Length: 0\r\n\r\n'],
  ['no status', 'HTTP/1.1 \r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n'],
  ['HTTP/9', 'HTTP/9.9 200 OK\r\n\r\n'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nX-Broken\r\nContent-Length: 2\r\n\r\nok'],
  ['a header name with a space', 'HTTP/1.1 200 OK\r\nX Broken: 1\r\nContent-Length: 2\r\n\r\nok'],
  ['a header value with NUL', 'HTTP/1.1 200 OK\r\nX-Broken: a\0b\r\nContent-Length: 2\r\n\r\nok'],
  ['a header of 64 KiB', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(65_536)}\r\nContent-Length: 2\r\n\r\nok`],
  ['two different lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'],
  [
    'a length and a coding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  ['a coding nobody asked for', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['an endless interim answer', `HTTP/1.1 100 ${'x'.repeat(40_000)}`],
  ['a switch nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
] as const) {
  test(`an app that answers with ${what} is a 502, not an end of the process (RFC 9112)`, async (t) => {
    const wiki = await answering(t, answer);
    const gateway = await stage(t, wiki.port);
    const answered = await gateway.send(get()).until('\r\n\r\n');
    t.regex(answered, /^HTTP\/1\.1 502 Bad Gateway/);
    t.is(codeOf(await gateway.outcome()), 'UPSTREAM_NONSENSE');
    // Whatever came is dropped with its connection: the next request meets a new one.
    t.regex(await gateway.send(get()).until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
    t.is(wiki.sockets.length, 2);
  });
}

for (const [what, answer] of [
  ['a chunk size that is no number', `${CHUNKED}5\r\nhello\r\nzz\r\nhello\r\n`],
  ['a chunk size beyond all numbers', `${CHUNKED}5\r\nhello\r\nfffffffffffffffff\r\nhello\r\n`],
  ['a chunk longer than its size', `${CHUNKED}5\r\nhello\r\n2\r\nhello\r\n0\r\n\r\n`],
  ['a trailer without a colon', `${CHUNKED}5\r\nhello\r\n0\r\nbroken\r\n\r\n`],
] as const) {
  test(`a body with ${what} cuts the client's connection, and never ends cleanly`, async (t) => {
    const wiki = await answering(t, answer);
    const gateway = await stage(t, wiki.port);
    const answered = await gateway.send(get()).all();
    t.false(answered.includes('\r\n0\r\n'), answered);
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
  });
}

for (const [what, answer] of [
  ['in a chunk', `${CHUNKED}a\r\nhello`],
  ['between chunks', `${CHUNKED}5\r\nhello\r\n`],
  ['before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
] as const) {
  for (const how of ['closes', 'resets'] as const) {
    test(`an app that ${how} ${what} cuts the client's connection, and never ends it cleanly (RFC 9112 §8)`, async (t) => {
      const wiki = await bytesApp(t);
      const gateway = await stage(t, wiki.port);
      const client = gateway.send(get());
      const conversation = await wiki.next();
      await conversation.until('\r\n\r\n');
      conversation.write(answer);
      await client.until('hello');
      if (how === 'closes') conversation.socket.end();
      else conversation.socket.resetAndDestroy();
      const answered = await client.all();
      t.false(answered.includes('\r\n0\r\n'), answered);
      t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
    });
  }
}

for (const version of ['1.0', '1.1']) {
  test(`a reset is no end of a body that ends with its connection (RFC 9112 §8), for an HTTP/${version} client`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
    const conversation = await wiki.next();
    await conversation.until('\r\n\r\n');
    conversation.write('HTTP/1.1 200 OK\r\n\r\nhello');
    await client.until('hello');
    conversation.socket.resetAndDestroy();
    const how = await client.closed;
    t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'upstream' });
    if (version === '1.0') t.is(how, 'reset');
    else t.false(client.text.includes('\r\n0\r\n'));
  });
}

test('bytes an app sends after its answer do not become the answer to somebody else', async (t) => {
  const wiki = await answering(t, `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`);
  const gateway = await stage(t, wiki.port);
  for (let times = 0; times < 3; times += 1) {
    const answer = await gateway.send(get('/', 'Connection: close\r\n')).all();
    t.true(answer.endsWith('\r\n\r\nok'), answer);
  }
});

test('a storm of broken answers and broken clients ends neither the process nor a promise', async (t) => {
  const pieces = [
    'HTTP/1.1 ',
    '200 OK',
    '100 Continue',
    '\r\n',
    '\r\n\r\n',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    '3\r\n',
    'abc',
    '0\r\n\r\n',
    ':',
    '\0',
    'Trailer: X',
    '101 Up',
  ];
  // A fixed seed (a linear congruential sequence): the storm is the same in every run.
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.on('data', () => {
      const answer = Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join('');
      socket.write(`${random(3) === 0 ? '' : 'HTTP/1.1 200 OK\r\n'}${answer}`, 'latin1');
      if (random(3) === 0) socket.resetAndDestroy();
      else if (random(2) === 0) socket.end();
    });
  });
  const gateway = await stage(t, wiki.port, { settings: { responseTimeoutMs: 300, idleTimeoutMs: 300 } });
  const storm = Array.from({ length: 300 }, async (_, index) => {
    const socket = connect(gateway.port, '127.0.0.1').on('error', () => {});
    socket.write(index % 4 === 0 ? 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' : get());
    if (index % 7 === 0) await once(socket, 'connect').then(() => socket.resetAndDestroy());
    else await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => {});
    socket.destroy();
  });
  await Promise.all(storm);
  const last = await gateway.send(get('/last', 'Connection: close\r\n')).all();
  t.regex(last, /^HTTP\/1\.1 \d{3} |^$/);
});
