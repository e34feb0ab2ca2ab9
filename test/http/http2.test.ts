// What a connection over HTTP/2 may not do: stay for nothing.

import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { BlockList, type AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { http2Options, watchHttp2 } from '../../gateway/http/http2.ts';
import { newSigner } from '../support/certificates.ts';
import { ask, openHttp2, openTls, send } from '../support/http2-client.ts';
import { fieldBlock, frame, HEADERS, speakFrames } from '../support/http2-frames.ts';
import { needing } from '../support/needing.ts';

const law = needing('openssl');
const HOUR_MS = 3_600_000;

/** A server that answers `/` and keeps everything else waiting. */
async function open(
  t: ExecutionContext,
  limits: { headersTimeout: number; keepAliveTimeout: number },
  trusted: string[] = [],
) {
  const signer = newSigner();
  const whole = { ...limits, maxHeaderSize: 1024, requestTimeout: 0 };
  const server = createSecureServer({ ...http2Options(whole), ...signer.sign(['wiki.test']) });
  const proxies = new BlockList();
  for (const address of trusted) proxies.addAddress(address);
  const watched = watchHttp2(server, whole, { certificates: () => [] }, () => proxies);
  server.on('request', (request, response) => {
    if (request.url === '/') response.end(watched.faultOf(request as never) ?? 'fine');
    else response.writeHead(200).write('and');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, ca: signer.cert, servername: 'wiki.test' };
}

law('a connection on which no request becomes whole is closed', async (t) => {
  const peer = await open(t, { headersTimeout: 50, keepAliveTimeout: HOUR_MS });
  const socket = await openTls(t, peer);
  const connection = speakFrames(socket);
  connection.write(frame(HEADERS, 0, 1, fieldBlock([[':method', 'GET']])));
  await connection.until(() => false);
  t.true(connection.isOver());
});

law('a connection that carries nothing any more is closed, and one that carries a silent stream is not', async (t) => {
  const peer = await open(t, { headersTimeout: HOUR_MS, keepAliveTimeout: 50 });
  const [idle, busy] = [await openHttp2(t, peer), await openHttp2(t, peer)];
  const silent = send(busy, { ':path': '/silent' });
  await once(silent, 'data');
  await ask(busy, { ':path': '/' });
  await ask(idle, { ':path': '/' });
  await once(idle, 'close');
  t.false(busy.closed || busy.destroyed);
  silent.close();
  await once(busy, 'close');
  t.pass();
});

law('a request for another host than the connection’s is misdirected, unless a trusted proxy sends it', async (t) => {
  const limits = { headersTimeout: HOUR_MS, keepAliveTimeout: HOUR_MS };
  for (const [trusted, expected] of [
    [[], 'MISDIRECTED'],
    [['127.0.0.1'], 'fine'],
  ] as const) {
    const session = await openHttp2(t, await open(t, limits, [...trusted]));
    t.is((await ask(session, { ':path': '/', ':authority': 'chat.test' })).body, expected);
    t.is((await ask(session, { ':path': '/', ':authority': 'WIKI.test.:1' })).body, 'fine');
  }
});
