import test from 'ava';
import { answering, get, OK, stage } from './stage.ts';

for (const target of ['http://admin.internal/', 'http://wiki.example/', '*', 'wiki']) {
  test(`a request target that is no path is refused: ${target} (RFC 9112 §3.2.2)`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port);
    const method = target === '*' ? 'OPTIONS' : 'GET';
    const answer = await gateway.send(`${method} ${target} HTTP/1.1\r\nHost: wiki.example\r\n\r\n`).until('\r\n\r\n');
    t.regex(answer, /^HTTP\/1\.1 400 /);
    t.is(wiki.sockets.length, 0);
  });
}

for (const path of [
  '//a',
  '/a//b',
  '/a\\b',
  '/public/%2e%2e/admin',
  '/public/../admin',
  '/a?',
  '/a?b?c',
  '/%',
  '/\xe9',
  '/a;b=c',
  '/?q=http://x//y',
  '/a#b',
]) {
  test(`the path that was judged is the path that is sent, byte for byte: ${path}`, async (t) => {
    const wiki = await answering(t, OK);
    const gateway = await stage(t, wiki.port);
    const answer = await gateway.send(get(path)).until('\r\n\r\n');
    if (answer.startsWith('HTTP/1.1 400')) t.is(wiki.sockets.length, 0);
    else t.true(wiki.sockets[0]?.text.startsWith(`GET ${path} HTTP/1.1\r\n`), wiki.sockets[0]?.text);
  });
}

test('TRACE is refused, because its answer would show the identity headers to the person (RFC 9110 §9.3.8)', async (t) => {
  const wiki = await answering(t, OK);
  const gateway = await stage(t, wiki.port);
  t.regex(await gateway.send('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n').until('\r\n\r\n'), /^HTTP\/1\.1 501 /);
  t.is(wiki.sockets.length, 0);
});
