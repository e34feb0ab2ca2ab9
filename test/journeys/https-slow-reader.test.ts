// Over TLS a logout takes away what the system has not sent yet, as it does in plain TCP.

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { newSigner } from '../support/certificates.ts';
import { openTls } from '../support/http2-client.ts';
import { needing } from '../support/needing.ts';
import { cookieOf, overTls } from '../support/over-tls.ts';
import { startUpstream } from '../support/upstream.ts';

const law = needing('openssl');
const MIB = 1 << 20;

law(
  'after a logout a slow reader gets nothing more of a download over TLS, not even what the system had taken to send (P1, P8)',
  async (t) => {
    let sent = 0;
    const piece = Buffer.alloc(64 * 1024, 'x');
    const download = (response: ServerResponse): void => {
      response.writeHead(200, { 'content-length': 64 * MIB });
      const more = (): void => {
        for (sent += 1; sent < 1024 && response.write(piece); sent += 1);
        response.once('drain', more);
      };
      more();
    };
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/download') download(response);
      else response.end('ok');
    });
    t.teardown(() => upstream.close());
    for (const http2 of [true, false]) {
      sent = 0;
      const signer = newSigner();
      const hosts = { one: signer.sign(['login.test', 'wiki.test']) };
      const stage = await overTls(t, hosts, `, http2: ${http2}`, { upstream });
      const { port, scene } = stage;
      const alice = await cookieOf(t, stage, signer.cert, 'alice', 'wiki.test');
      const socket = await openTls(t, { port, ca: signer.cert, servername: 'wiki.test' }, ['http/1.1']);
      let read = 0;
      socket.on('data', (chunk: Buffer) => (read += chunk.length));
      const ended = new Promise<string>((resolve) => {
        let how = 'clean';
        socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => (how = code)).on('close', () => resolve(how));
      });
      socket.write(`GET /download HTTP/1.1\r\nHost: wiki.test:${port}\r\nCookie: ${alice}\r\n\r\n`);
      // At once: what a fast reader's own machine makes room for is not ours to take back.
      await once(socket, 'data');
      socket.pause();
      for (let before = -1; before !== sent;) {
        before = sent;
        // Until nothing moves any more.
        await pause(300);
      }
      const { status } = await fetch(`http://127.0.0.1:${scene.running.admin.port}/logout`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ nameId: 'alice@example.test' }),
      });
      t.is(status, 200);
      const before = read;
      socket.resume();
      t.is(await ended, 'ECONNRESET');
      t.true(read - before < MIB, `${read - before} bytes`);
    }
  },
);
