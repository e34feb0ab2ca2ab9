import { createServer } from 'node:http';
import test from 'ava';
import { answering, app, bytesApp, get, headerLines, listening, OK, stage, takenMiB, valuesOf } from './stage.ts';

test('an answer passes as it is, without what is hop-by-hop or claims to be ours (RFC 9110 §7.6.1)', async (t) => {
  const wiki = await answering(
    t,
    'HTTP/1.1 299 Odd But Fine\r\nX-One: 1\r\nx-two: \xe9\r\nX-One: 2\r\nX-Named: 1\r\nConnection: keep-alive, X-Named\r\nKeep-Alive: timeout=9\r\n' +
      'Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-Curfew: FORGED\r\nX-Curfew-Note: FORGED\r\nTrailer: X-Sum\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nok',
  );
  const gateway = await stage(t, wiki.port);
  const answer = await gateway.send(get()).until('\r\n\r\nok');
  t.regex(answer, /^HTTP\/1\.1 299 Odd But Fine\r\n/);
  t.deepEqual(headerLines(answer), [
    'X-One: 1',
    'x-two: \xe9',
    'X-One: 2',
    'Date: Thu, 01 Jan 1970 00:00:00 GMT',
    'Content-Length: 2',
    'Cache-Control: private',
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
  ]);
});

test('an app cannot send browsers around the gateway by an alternative service (RFC 7838 §2, P1)', async (t) => {
  const wiki = await answering(
    t,
    'HTTP/1.1 200 OK\r\nAlt-Svc: h2="wiki.internal:8443"; ma=86400\r\nalt-svc: clear\r\nContent-Length: 2\r\n\r\nok',
  );
  const gateway = await stage(t, wiki.port);
  t.deepEqual(valuesOf(await gateway.send(get()).until('\r\n\r\nok'), 'alt-svc'), []);
});

test("the app cannot set the gateway's cookies, by a nameless cookie neither (P11)", async (t) => {
  const lines = [
    'curfew=x',
    ' =curfew=x',
    '== __Host-curfew=x; Path=/',
    '\tcurfew =x',
    'curfew',
    'a=curfew=1',
    'Curfew=1',
    'b=2; Path=/curfew',
  ];
  const wiki = await answering(
    t,
    `HTTP/1.1 200 OK\r\n${lines.map((line) => `Set-Cookie: ${line}\r\n`).join('')}Content-Length: 0\r\n\r\n`,
  );
  const gateway = await stage(t, wiki.port);
  const answer = await gateway.send(get()).until('\r\n\r\n');
  t.deepEqual(valuesOf(answer, 'set-cookie'), ['a=curfew=1', 'Curfew=1', 'b=2; Path=/curfew']);
});

test('with a jar the browser gets the cookies it may have and no other (P7)', async (t) => {
  const wiki = await answering(
    t,
    'HTTP/1.1 200 OK\r\nSet-Cookie: SID=1\r\nset-cookie: XSRF=2\r\nSet-Cookie: curfew=3\r\nContent-Length: 0\r\n\r\n',
  );
  const kept: string[][] = [];
  const keep = (lines: readonly string[]): string[] => {
    kept.push([...lines]);
    return lines.filter((line) => line.startsWith('XSRF='));
  };
  const gateway = await stage(t, wiki.port, { passage: () => ({ jar: { cookie: '', keep } }) });
  const answer = await gateway.send(get()).until('\r\n\r\n');
  t.deepEqual(kept, [['SID=1', 'XSRF=2']]);
  t.deepEqual(valuesOf(answer, 'set-cookie'), ['XSRF=2']);
});

for (const interim of ['100 Continue', '102 Processing', '103 Early Hints']) {
  test(`an unasked ${interim} is no failure (RFC 9110 §15.2)`, async (t) => {
    const head = `HTTP/1.1 ${interim}\r\nLink: </a>\r\n\r\n`;
    const wiki = await answering(t, `${head}${head}HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\nHTTP/1.1 100 \r\n`);
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(get());
    t.regex(await client.until('100 \r\n'), /^HTTP\/1\.1 200 OK/);
    await client.write(get()).until('100 \r\n', client.text.length);
    t.is(wiki.sockets.length, 1);
  });
}

test('an unasked 100 may come byte by byte', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.setNoDelay(true);
    socket.once('data', () => {
      const bytes = Array.from(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
      const next = (): void => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(byte, () => setImmediate(next));
      };
      next();
    });
  });
  const gateway = await stage(t, wiki.port);
  t.regex(await gateway.send(get()).until('ok'), /^HTTP\/1\.1 200 OK/);
});

test('what looks like an interim answer inside a body is body', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n', () =>
        setImmediate(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n')),
      );
    });
  });
  const gateway = await stage(t, wiki.port);
  t.true((await gateway.send(get()).until('Continue\r\n\r\n')).endsWith('\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'));
});

for (const [status, lines] of [
  ['304 Not Modified', 'Transfer-Encoding: chunked\r\n'],
  ['304 Not Modified', 'Content-Length: 99\r\n'],
  ['204 No Content', 'Content-Length: 99\r\n'],
  ['204 No Content', 'Transfer-Encoding: chunked\r\n'],
  ['304 Not Modified', ''],
  ['204 No Content', ''],
] as const) {
  for (const body of ['', '5\r\nhello\r\n0\r\n\r\n']) {
    test(`a ${status} has no body, whatever the app sends: ${lines.trim()} ${body === '' ? 'none' : 'a body'} (RFC 9112 §6.3)`, async (t) => {
      const wiki = await answering(t, `HTTP/1.1 ${status}\r\n${lines}\r\n${body}`);
      const gateway = await stage(t, wiki.port);
      const client = gateway.send(get('/a', 'If-None-Match: "1"\r\n'));
      const answer = await client.until('\r\n\r\n');
      t.deepEqual(valuesOf(answer, 'transfer-encoding'), []);
      t.deepEqual(valuesOf(answer, 'content-length'), lines.startsWith('C') && status.startsWith('304') ? ['99'] : []);
      // undici waits for a body these fields announce: the connection to the app must not be left to that.
      if (lines !== '') await wiki.sockets[0]?.closed;
      // The next answer on the same connection follows at once: not a byte of body came between.
      await client.write(get('/b')).until('\r\n\r\n', answer.length);
      t.true(client.text.slice(answer.length).startsWith(`HTTP/1.1 ${status}`), client.text);
    });
  }
}

test('a HEAD is answered without a body and with its length', async (t) => {
  const wiki = await answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n');
  const gateway = await stage(t, wiki.port);
  const answer = await gateway.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').until('\r\n\r\n');
  t.deepEqual(valuesOf(answer, 'content-length'), ['1234']);
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

test('two HEADs cost one connection to the app', async (t) => {
  const wiki = await answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n');
  const gateway = await stage(t, wiki.port);
  for (let times = 0; times < 3; times += 1) {
    await gateway.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n').until('\r\n\r\n');
  }
  t.is(wiki.sockets.length, 1);
});

test("the app's connection outlives the client's", async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  for (let times = 0; times < 3; times += 1) {
    const client = gateway.send(get('/', 'Connection: close\r\n'));
    t.regex(await client.all(), /Connection: close/);
  }
  t.is(wiki.sockets.length, 1);
});

for (const [what, lines, asked, passed] of [
  ['pass where the browser asked for them', 'Trailer: X-Sum\r\n', 'TE: trailers\r\nConnection: TE\r\n', ['1']],
  ['are dropped where it did not', 'Trailer: X-Sum\r\n', '', []],
  ['pass unannounced as well', '', 'TE: trailers\r\n', ['1']],
] as const) {
  test(`response trailers ${what} (RFC 9110 §6.5.1)`, async (t) => {
    const trailers = 'X-Sum: 1\r\nSet-Cookie: a=1\r\nX-Curfew: FORGED\r\nContent-Type: a=1\r\n';
    const wiki = await answering(
      t,
      `HTTP/1.1 200 OK\r\n${lines}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`,
    );
    const gateway = await stage(t, wiki.port);
    const client = gateway.send(get('/', asked));
    await client.until('\n0\r\n');
    await client.until('\r\n\r\n', client.text.lastIndexOf('\n0\r\n'));
    t.deepEqual(valuesOf(client.text.slice(client.text.indexOf('\n0\r\n') - 1).replace('\r\n0', '0'), 'x-sum'), [
      ...passed,
    ]);
    t.false(/FORGED|a=1/.test(client.text));
    t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
  });
}

test('an HTTP/1.0 client gets no chunks, and the connection ends with the body (RFC 9112 §6.1)', async (t) => {
  const wiki = await answering(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
  const answer = await client.all();
  t.true(answer.endsWith('\r\n\r\nok'));
  t.deepEqual(valuesOf(answer, 'transfer-encoding'), []);
  t.is(await client.closed, 'clean');
});

test('an HTTP/1.0 client that asks for keep-alive gets it where the length is known', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
  const answer = await client.until('\r\n\r\nok');
  t.deepEqual(valuesOf(answer, 'connection'), ['keep-alive']);
  await client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n').until('ok', answer.length);
  t.deepEqual(wiki.sockets.length, 1);
});

test('an answer without a length is framed by chunks and complete when the app closes', async (t) => {
  const wiki = await answering(t, 'HTTP/1.0 200 OK\r\n\r\nold app', true);
  const gateway = await stage(t, wiki.port);
  const answer = await gateway.send(get()).until('0\r\n\r\n');
  t.deepEqual(valuesOf(answer, 'transfer-encoding'), ['chunked']);
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

test('each event of a stream arrives before the next is sent, and the head before the first', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get('/events'));
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  conversation.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
  await client.until('\r\n\r\n');
  for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
    conversation.write(`${event.length.toString(16)}\r\n${event}\r\n`);
    await client.until(event);
  }
  conversation.write('0\r\n\r\n');
  await client.until('0\r\n\r\n');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

test('an answer the browser does not read is not read from the app either', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(get());
  client.socket.pause();
  const conversation = await wiki.next();
  await conversation.until('\r\n\r\n');
  conversation.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
  const taken = await takenMiB(conversation.socket);
  t.true(taken < 100, `${taken} MiB were taken in`);
});

test('an IP address in Host does not choose whom the gateway talks to', async (t) => {
  const elsewhere = createServer((_request, response) => response.end('elsewhere'));
  const port = await app(t, (_request, response) => response.end('wiki'));
  await listening(t, elsewhere);
  const gateway = await stage(t, port, { passage: () => ({ host: '127.9.9.9' }) });
  t.regex(await gateway.send(get()).until('wiki'), /200 OK/);
});
