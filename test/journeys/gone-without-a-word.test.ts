// Browsers whose machine is gone say nothing any more, not even that: only the system can find that out.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { newSigner } from '../support/certificates.ts';
import { openTls } from '../support/http2-client.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { opened } from './raw.ts';

const law = needing('openssl', 'tcp-table');
const ALIVE = '02';

/** Which timer the gateway's end has: `00` for none, `02` for keep-alive (Linux, proc_net_tcp). */
function timerAt(port: number, { localPort = 0 }: Socket): string | undefined {
  const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const row = rows.find((one) => one.includes(`:${hex(port)} `) && one.includes(`:${hex(localPort)} 01 `));
  return row?.trim().split(/\s+/)[5]?.slice(0, 2);
}

law('connections of browsers are asked whether anybody is there, over http, TLS and HTTP/2', async (t) => {
  for (const protocols of [['http/1.1'], ['h2']]) {
    const signer = newSigner();
    const http2 = protocols[0] === 'h2' ? '' : ', http2: false';
    const { port, scene } = await overTls(t, { one: signer.sign(['login.test', 'wiki.test']) }, http2);
    const over = await openTls(t, { port, ca: signer.cert, servername: 'wiki.test' }, protocols);
    t.is(timerAt(port, over), ALIVE, protocols.join());
    const plain = opened(scene.running.http.port);
    t.teardown(() => plain.destroy());
    await once(plain, 'connect');
    // Accepted by the time that another one has been answered.
    t.is((await fetch(`http://127.0.0.1:${scene.running.http.port}/`, { redirect: 'manual' })).status, 404);
    t.is(timerAt(scene.running.http.port, plain), ALIVE);
  }
});
