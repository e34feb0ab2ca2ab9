// HTTP/2 on `listen.https`: the same admission, forwarding and logout as over HTTP/1.1, stream by stream.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { newSigner } from '../support/certificates.ts';
import { answerOn, ask, codeName, openHttp2, openTls, send } from '../support/http2-client.ts';
import { SOAP, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { cookieOf, overTls } from '../support/over-tls.ts';
import { headerValues, startUpstream, type UpstreamListener, type UpstreamOptions } from '../support/upstream.ts';

const law = needing('openssl');
const HOSTS = ['login.test', 'wiki.test', 'chat.test'];

/** A gateway with one certificate for all hosts, an application that answers as told, and a connection for `wiki.test`. */
async function open(t: ExecutionContext, listener?: UpstreamListener, options?: UpstreamOptions, tls = '') {
  const signer = newSigner();
  const upstream = await startUpstream(listener, options);
  t.teardown(() => upstream.close());
  const stage = await overTls(t, { one: signer.sign(HOSTS) }, tls, { upstream });
  const { port, scene } = stage;
  const peer = (servername: string) => ({ port, ca: signer.cert, servername });
  const at = (host: string, path = '/') => ({ ':path': path, ':authority': `${host}:${port}` });
  const session = await openHttp2(t, peer('wiki.test'));
  return {
    ...{ port, scene, upstream, peer, at, stage, ca: signer.cert },
    session,
    /** The identity provider signs somebody out, over this very connection. */
    logout: async (user: 'alice' | 'bob') => {
      const sent = { ':method': 'POST', ...at('login.test', '/saml/slo/soap'), ...SOAP };
      return soapCodes(scene, (await ask(session, sent, soapFor(scene, user))) as never);
    },
    cookie: (user: 'alice' | 'bob', host: string) => cookieOf(t, stage, signer.cert, user, host),
  };
}

/** Resets a stream; Node's own `close` would end it first. */
const breakOff = (stream: ClientHttp2Stream): void => void addAbortSignal(AbortSignal.abort(), stream);

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

law('an upload arrives whole, with a length and without (RFC 9113 §8.1)', async (t) => {
  const { session, at, cookie, upstream } = await open(t);
  const alice = await cookie('alice', 'wiki.test');
  const body = Buffer.alloc(1_000_000, 'u');
  for (const length of [{ 'content-length': body.length }, {}]) {
    const sent = { ':method': 'POST', ...at('wiki.test', '/upload'), cookie: alice, ...length };
    t.is((await ask(session, sent, body)).status, 200);
    const request = upstream.requests.at(-1);
    t.true(request?.body.equals(body));
    t.is(request && headerValues(request, 'transfer-encoding').length, 'content-length' in length ? 0 : 1);
  }
});

law('an upload that is reset in the middle never reaches the application as if it were whole', async (t) => {
  const begun = Promise.withResolvers<boolean>();
  const over = Promise.withResolvers<boolean>();
  const { session, at, cookie } = await open(
    t,
    (request, response) => {
      if (request.url !== '/upload') {
        response.end('ok');
        return;
      }
      request.on('data', () => begun.resolve(true)).on('error', () => {});
      request.once('close', () => over.resolve(request.complete));
    },
    { readsBodies: false },
  );
  const alice = await cookie('alice', 'wiki.test');
  const stream = session.request({ ':method': 'POST', ...at('wiki.test', '/upload'), cookie: alice });
  stream.on('error', () => {});
  stream.write('half of it');
  await begun.promise;
  breakOff(stream);
  t.false(await over.promise);
});

law('a LogoutRequest that is reset in the middle ends nothing, and neither does a form that is', async (t) => {
  const { session, at, cookie, scene } = await open(t);
  const alice = await cookie('alice', 'wiki.test');
  for (const address of ['/saml/slo/soap', '/saml/slo', '/saml/acs']) {
    const stream = session.request({ ':method': 'POST', ...at('login.test', address), ...SOAP });
    stream.on('error', () => {});
    stream.write(soapFor(scene, 'alice').slice(0, 100));
    // The answer to what follows on the connection is the proof that this has arrived.
    await ask(session, at('login.test', '/saml/metadata'));
    breakOff(stream);
    await ask(session, at('login.test', '/saml/metadata'));
  }
  t.is((await ask(session, { ...at('wiki.test'), cookie: alice })).status, 200);
  t.deepEqual(
    scene.lines.filter(({ level }) => level === 'error'),
    [],
  );
});

law(
  'an answer to an upload that is not wanted is heard, and the rest of the upload stopped (RFC 9113 §8.1)',
  async (t) => {
    const { session, at, upstream } = await open(t);
    const stream = session.request({ ':method': 'POST', ...at('wiki.test', '/upload'), 'content-length': 99_999_999 });
    stream.on('error', () => {});
    stream.write('begun');
    const { status, body, code } = await answerOn(stream);
    t.is(status, 401);
    t.regex(body, /SIGN_IN_NEEDED/);
    t.is(codeName(code), 'NO_ERROR');
    t.is(upstream.requests.length, 0);
    t.is((await ask(session, at('wiki.test', '/public/x'))).status, 200);
  },
);

law('HEAD, 204 and 304 have no body, the gateway’s own answers to HEAD among them', async (t) => {
  const { session, at } = await open(t, (request, response) => {
    const status = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? 200);
    response.writeHead(status, { etag: '"a"', ...(status === 200 && { 'content-length': 5 }) });
    response.end(status === 200 ? 'hello' : undefined);
  });
  const head = await ask(session, { ':method': 'HEAD', ...at('wiki.test', '/public/200') });
  t.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '5']);
  for (const status of [204, 304]) {
    const answer = await ask(session, at('wiki.test', `/public/${status}`));
    t.deepEqual([answer.status, answer.body, answer.code], [status, '', 0]);
  }
  const own = await ask(session, { ':method': 'HEAD', ...at('wiki.test', '/page'), accept: 'text/html' });
  t.deepEqual([own.status, own.headers['x-curfew']], [303, 'SIGN_IN_NEEDED']);
});

law(
  'trailers pass where they are wanted; what belongs to one connection of HTTP/1.1 does not (RFC 9113 §8.2.2)',
  async (t) => {
    const { session, at } = await open(t, (_request, response) => {
      response.writeHead(200, 'Fine', {
        trailer: 'x-sum',
        'keep-alive': 'timeout=5',
        'proxy-connection': 'close',
        upgrade: 'h2c',
      });
      response.write('body');
      response.addTrailers({ 'x-sum': '7' });
      response.end();
    });
    const wanted = await ask(session, { ...at('wiki.test', '/public/x'), te: 'trailers' });
    t.deepEqual([wanted.body, wanted.trailers['x-sum']], ['body', '7']);
    const unasked = await ask(session, at('wiki.test', '/public/x'));
    t.deepEqual([unasked.body, unasked.trailers['x-sum'], unasked.code], ['body', undefined, 0]);
    for (const name of ['keep-alive', 'proxy-connection', 'upgrade', 'connection', 'transfer-encoding'])
      t.is(unasked.headers[name], undefined, name);
  },
);

law('an answer that breaks off resets its stream alone, and no browser takes it for whole', async (t) => {
  const { session, at } = await open(t, (request, response) => {
    if (request.url?.endsWith('good') === true) {
      response.end('ok');
      return;
    }
    response.write('half');
    response.socket?.destroySoon();
  });
  t.is(codeName((await ask(session, at('wiki.test', '/public/x'))).code), 'CANCEL');
  t.is((await ask(session, at('wiki.test', '/public/good'))).body, 'ok');
});

law('whoever reads nothing makes the application wait, not the gateway’s memory grow (RFC 9113 §10.5)', async (t) => {
  let written = 0;
  const full = Promise.withResolvers<boolean>();
  const { port, ca, at } = await open(t, (request, response) => {
    if (request.url !== '/public/flood') {
      response.end('ok');
      return;
    }
    const chunk = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (response.write(chunk)) written += chunk.length;
      full.resolve(true);
    };
    response.on('drain', write);
    write();
  });
  const slow = await openHttp2(t, { port, ca, servername: 'wiki.test' });
  const streams = Array.from({ length: 20 }, () => slow.request(at('wiki.test', '/public/flood')));
  for (const stream of streams) stream.on('error', () => {}).pause();
  await Promise.all(streams.map((stream) => once(stream, 'response')));
  await full.promise;
  // What others ask goes on meanwhile, over the same connection.
  for (let time = 0; time < 5; time += 1) t.is((await ask(slow, at('wiki.test', '/public/x'))).status, 200);
  t.true(written < 20 * 8_000_000, `${written} bytes`);
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
