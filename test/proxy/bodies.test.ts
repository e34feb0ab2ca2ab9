import test from 'ava';
import { answering, app, bytesApp, codeOf, get, OK, stage, takenMiB, valuesOf } from './stage.ts';

for (const method of ['DELETE', 'OPTIONS', 'GET', 'PATCH', 'PROPFIND']) {
  test(`a chunked ${method} keeps its body and its frame, so that no body is read as a request (RFC 9112 §6)`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port);
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n`;
    await gateway
      .send(`${method} /a HTTP/1.1\r\nHost: wiki.example\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`)
      .until('ok');
    const conversation = wiki.sockets[0];
    await conversation?.until('\r\n0\r\n\r\n');
    const [head = '', ...body] = (conversation?.text ?? '').split(/\r\n\r\n(.*)/s);
    t.deepEqual(valuesOf(head, 'transfer-encoding'), ['chunked']);
    t.deepEqual(valuesOf(head, 'content-length'), []);
    t.is(body.join(''), `${chunk}0\r\n\r\n`);
  });

  test(`a ${method} with a Content-Length keeps both`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port);
    await gateway.send(`${method} /a HTTP/1.1\r\nHost: wiki.example\r\nContent-Length: 5\r\n\r\nhello`).until('ok');
    await wiki.sockets[0]?.until('hello');
    t.deepEqual(valuesOf(wiki.sockets[0]?.text ?? '', 'content-length'), ['5']);
    t.deepEqual(valuesOf(wiki.sockets[0]?.text ?? '', 'transfer-encoding'), []);
  });
}

test('a request with Content-Length and Transfer-Encoding is refused (RFC 9112 §6.1)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const request = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  t.regex(await gateway.send(request).all(), /^HTTP\/1\.1 400 /);
  t.is(wiki.sockets.length, 0);
});

for (const coding of ['gzip, chunked', 'identity, chunked', 'chunked, chunked', 'xchunked', 'gzip']) {
  test(`Transfer-Encoding: ${coding} is refused (RFC 9112 §6.1)`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port);
    const answer = await gateway
      .send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`)
      .all();
    t.regex(answer, /^HTTP\/1\.1 (501|400) /);
    t.is(wiki.sockets.length, 0);
  });
}

test('an empty body stays empty: Content-Length 0 on a POST, nothing on a GET', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  await gateway.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n').until('ok');
  await gateway.send(get('/b')).until('ok');
  const sent = wiki.sockets.map((conversation) => conversation.text).join('');
  t.deepEqual(valuesOf(sent, 'content-length'), ['0']);
  t.deepEqual(valuesOf(sent.slice(sent.indexOf('GET /b')), 'content-length'), []);
});

test('a request trailer ends nobody and reaches nobody (RFC 9110 §6.5)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  const request =
    'POST / HTTP/1.1\r\nHost: a\r\nTrailer: Remote-User\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nRemote-User: root\r\n\r\n';
  await gateway.send(request).until('ok');
  t.false(wiki.sockets[0]?.text.includes('root'));
});

test('a body longer than allowed is refused by its Content-Length before a byte of it is read', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { settings: { maxBodyBytes: 10 } });
  const answer = await gateway.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n').until('\r\n\r\n');
  t.regex(answer, /^HTTP\/1\.1 413 [^]*Connection: close/);
  t.is(codeOf(await gateway.outcome()), 'BODY_TOO_LARGE');
  t.is(wiki.sockets.length, 0);
});

test('a body that turns out longer than allowed is refused while it streams, and the app sees it incomplete', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port, { settings: { maxBodyBytes: 10 } });
  const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  const conversation = await wiki.next();
  await conversation.until('hello');
  client.write('6\r\nworld!\r\n');
  t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 413 [^]*Connection: close/);
  t.is(codeOf(await gateway.outcome()), 'BODY_TOO_LARGE');
  t.false((await conversation.all()).includes('\r\n0\r\n'));
});

test('a body of exactly the allowed length passes', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port, { settings: { maxBodyBytes: 5 } });
  await gateway
    .send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')
    .until('ok');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

for (const leavesContinue of [false, true]) {
  test(`a client that waits for 100 gets it and its body arrives (RFC 9110 §10.1.1)${leavesContinue ? ', from the engine' : ''}`, async (t) => {
    const port = await app(t, (request, response) => {
      request.pipe(response);
    });
    const gateway = await stage(t, port, { leavesContinue });
    const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    t.is(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.write('hello');
    t.regex(await client.until('hello'), /HTTP\/1\.1 200 OK/);
    t.is(client.text.split('100 Continue').length, 2);
  });
}

test('a client that waits for 100 is told at once that the app is down (RFC 9110 §10.1.1)', async (t) => {
  const closed = await bytesApp(t);
  const gateway = await stage(t, 1, { leavesContinue: true });
  t.is(closed.sockets.length, 0);
  const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  t.regex(await client.until('\r\n\r\n'), /^HTTP\/1\.1 502 /);
  t.is(codeOf(await gateway.outcome()), 'UPSTREAM_REFUSED');
});

test('a slow upload reaches the app piece by piece', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc');
  const conversation = await wiki.next();
  await conversation.until('abc');
  client.write('def');
  await conversation.until('def');
  conversation.write(OK);
  await client.until('ok');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

test('a client that stops in the middle of its body leaves the app an incomplete request, not a short one', async (t) => {
  const wiki = await bytesApp(t);
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  const conversation = await wiki.next();
  await conversation.until('hello');
  client.socket.destroy();
  t.deepEqual(await gateway.outcome(), { kind: 'cut', by: 'client' });
  t.false((await conversation.all()).includes('\r\n0\r\n'));
});

test('an answer before the end of the upload is passed on, and the connection can be used again', async (t) => {
  const wiki = await bytesApp(t, (conversation) => {
    conversation.socket.once('data', () => conversation.write(OK));
  });
  const gateway = await stage(t, wiki.port);
  const client = gateway.send('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
  await client.until('ok');
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
  client.write(`world${get('/b')}`);
  await client.until('ok', client.text.length);
  t.deepEqual(await gateway.outcome(), { kind: 'done', status: 200 });
});

test('a large upload that was answered early is read to its end, so that the next request gets its turn', async (t) => {
  const wiki = await bytesApp(t, ({ socket }) => {
    socket.once('data', () => {
      socket.pause();
      socket.write(OK);
    });
  });
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 ** 25}\r\n\r\n`);
  client.socket.write(Buffer.alloc(2 ** 25));
  await client.until('ok');
  client.write(get('/b'));
  await client.until('ok', client.text.length);
  t.is(wiki.sockets.length, 2);
});

test('a body the app does not read is not read from the client either', async (t) => {
  const wiki = await bytesApp(t, (conversation) => conversation.socket.pause());
  const gateway = await stage(t, wiki.port);
  const client = gateway.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
  const taken = await takenMiB(client.socket);
  t.true(taken < 100, `${taken} MiB were taken in`);
});
