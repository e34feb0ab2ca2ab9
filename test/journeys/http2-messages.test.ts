// What a request and its answer carry over HTTP/2: bodies, their ends, trailers, and what never ends.

import { once } from 'node:events';
import type { ClientHttp2Stream } from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { answerOn, ask, codeName, openHttp2 } from '../support/http2-client.ts';
import { SOAP, soapFor } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { headerValues } from '../support/upstream.ts';
import { openForHttp2 as open } from './http2-stage.ts';

const law = needing('openssl');

/** Resets a stream; Node's own `close` would end it first. */
const breakOff = (stream: ClientHttp2Stream): void => void addAbortSignal(AbortSignal.abort(), stream);

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
