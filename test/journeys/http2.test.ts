// HTTP/2 on `listen.https`: the same admission, forwarding and logout as over HTTP/1.1, stream by stream.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { newSigner } from '../support/certificates.ts';
import { answerOn, ask, codeName, openHttp2, openTls, send } from '../support/http2-client.ts';
import { SUCCESS } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { headerValues, type UpstreamListener, type UpstreamOptions } from '../support/upstream.ts';
import { HOSTS, openForHttp2 as open } from './http2-stage.ts';

const law = needing('openssl');

/** Streams without end at `/events`. */
const endless: UpstreamListener = (request, response) => {
  if (request.url !== '/events') {
    response.end('ok');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: one\n\n');
};

law('a request over HTTP/2 reaches the application as one over HTTP/1.1 would', async (t) => {
  const { session, at, port, upstream, cookie } = await open(t);
  const alice = await cookie('alice', 'wiki.test');
  const before = upstream.requests.length;
  const sent = { ...at('wiki.test', '/page?a=b'), cookie: `${alice}; theme=dark`, 'x-odd': ['1', '2'] };
  const { status, body, headers } = await ask(session, sent);
  t.deepEqual([status, body], [200, 'ok']);
  t.is(headers['cache-control'], 'private');
  const request = upstream.requests[before];
  t.truthy(request);
  if (request === undefined) return;
  t.deepEqual([request.method, request.url], ['GET', '/page?a=b']);
  t.deepEqual(headerValues(request, 'host'), [`wiki.test:${port}`]);
  t.deepEqual(headerValues(request, 'x-forwarded-proto'), ['https']);
  t.deepEqual(headerValues(request, 'x-forwarded-for'), ['127.0.0.1']);
  t.deepEqual(headerValues(request, 'remote-user'), ['alice@example.test']);
  t.deepEqual(headerValues(request, 'x-odd'), ['1', '2']);
  t.false(request.rawHeaders.some((text) => text.startsWith(':')));
});

law(
  'a logout resets the streams of its session before Success, and no other of the same connection (P1, P8)',
  async (t) => {
    const { session, at, cookie, logout } = await open(t, endless);
    const [alice, bob] = [await cookie('alice', 'wiki.test'), await cookie('bob', 'chat.test')];
    const hers = send(session, { ...at('wiki.test', '/events'), cookie: alice });
    const his = send(session, { ...at('chat.test', '/events'), cookie: bob });
    let isOver = false;
    const ended = answerOn(hers).finally(() => (isOver = true));
    await Promise.all([once(hers, 'data'), once(his, 'data')]);
    let wasOver = false;
    const success = logout('alice').finally(() => (wasOver = isOver));
    t.deepEqual(await success, SUCCESS);
    t.true(wasOver, 'the stream outlived Success');
    t.is(codeName((await ended).code), 'CANCEL');
    t.false(his.closed);
    t.false(session.closed);
    const again = await ask(session, { ...at('wiki.test', '/events'), cookie: alice, accept: 'text/html' });
    t.is(again.status, 303);
  },
);

law('a logout cuts the application off as well, and no browser takes the cut for the end (P8)', async (t) => {
  const gone = Promise.withResolvers<boolean>();
  const { session, at, cookie, logout } = await open(t, (request, response, recorded) => {
    if (request.url === '/events') response.once('close', () => gone.resolve(true));
    void endless(request, response, recorded);
  });
  const stream = send(session, { ...at('wiki.test', '/events'), cookie: await cookie('alice', 'wiki.test') });
  const answer = answerOn(stream);
  await once(stream, 'data');
  await logout('alice');
  await gone.promise;
  t.is(codeName((await answer).code), 'CANCEL');
});

law('WebSockets and HTTP/1.1 are served on the same port, and HTTP/2 is not where it is turned off', async (t) => {
  const upgrade: NonNullable<UpstreamOptions['upgrade']> = (_request, socket) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const { port, ca, cookie, logout } = await open(t, undefined, { upgrade });
  const headers = {
    host: `wiki.test:${port}`,
    cookie: await cookie('alice', 'wiki.test'),
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const asked = httpsRequest({ port, host: '127.0.0.1', servername: 'wiki.test', ca, headers, agent: false });
  asked.end();
  const [answer, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket];
  t.is(answer.statusCode, 101);
  const closed = once(socket.resume(), 'close');
  await logout('alice');
  await closed;
  const signer = newSigner();
  const off = await overTls(t, { one: signer.sign(HOSTS) }, ', http2: false');
  const plain = await openTls(t, { port: off.port, ca: signer.cert, servername: 'wiki.test' }, ['h2', 'http/1.1']);
  t.is(plain.alpnProtocol, 'http/1.1');
});

law('before it stops the gateway asks for a new connection, and serves what is asked over the old one', async (t) => {
  const { session, at, scene } = await open(t);
  const goaway = once(session, 'goaway');
  await scene.running.drain(0);
  const [code, last] = (await goaway) as [number, number];
  t.deepEqual([codeName(code), last], ['NO_ERROR', 2 ** 31 - 1]);
  t.truthy(at);
});

law('what runs when the gateway stops has its grace, and nothing longer', async (t) => {
  const { scene, port, ca, at } = await open(t, (request, response) => {
    if (request.url === '/public/never') {
      response.write('and');
      return;
    }
    setImmediate(() => response.end('done'));
  });
  const session = await openHttp2(t, { port, ca, servername: 'wiki.test' });
  const never = send(session, at('wiki.test', '/public/never'));
  const cut = answerOn(never);
  await once(never, 'data');
  const asked = ask(session, at('wiki.test', '/public/soon'));
  await ask(session, at('wiki.test', '/public/soon'));
  await scene.running.close(300);
  t.is((await asked).body, 'done');
  t.not((await cut).code, 0);
});
