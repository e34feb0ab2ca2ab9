// HTTP/2 in a real browser, which uses one connection for all hosts of one certificate.

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newSigner } from '../support/certificates.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { startUpstream } from '../support/upstream.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium', 'openssl');

const PAGE = `<!doctype html><title>app</title><p id="stream">silent</p><p id="socket">closed</p><script>
const events = new EventSource('/events');
events.onmessage = ({ data }) => { document.querySelector('#stream').textContent = data; };
events.onerror = () => { events.close(); document.querySelector('#stream').textContent = 'broken off'; };
const socket = new WebSocket('wss://' + location.host + '/socket');
socket.onopen = () => { document.querySelector('#socket').textContent = 'open'; };
socket.onclose = ({ code }) => { document.querySelector('#socket').textContent = 'closed with ' + code; };
</script>`;

function answer({ url }: IncomingMessage, response: ServerResponse): void {
  if (url !== '/events') {
    response.setHeader('content-type', 'text/html').end(PAGE);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: streaming\n\n');
}

law('pages and event streams come by HTTP/2, WebSockets by HTTP/1.1, and a logout cuts both (P8)', async (t) => {
  const upstream = await startUpstream(answer, {
    upgrade: ({ headers }, socket) => {
      const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    },
  });
  t.teardown(() => upstream.close());
  const pair = newSigner().sign(['login.test', 'wiki.test', 'chat.test']);
  const { port, scene } = await overTls(t, { one: pair }, '', { upstream });
  const { tab } = await openChromium(t, { trusts: pair.cert });
  const page = await tab();
  await page.goto(`https://wiki.test:${port}/`);
  await page.getByLabel('User name').fill('alice');
  await page.getByLabel('Password').fill('alicepw');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`https://wiki.test:${port}/`);
  t.is(await page.evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`), 'h2');
  await page.locator('#stream', { hasText: 'streaming' }).waitFor();
  await page.locator('#socket', { hasText: 'open' }).waitFor();

  // Another app, and by the same certificate the same connection.
  const chat = await tab();
  await chat.goto(`https://chat.test:${port}/`);
  t.is(await chat.evaluate(`performance.getEntriesByType('navigation')[0].nextHopProtocol`), 'h2');

  await page.evaluate(`fetch('/.curfew/logout', { redirect: 'manual', mode: 'no-cors' })`);
  await page.locator('#stream', { hasText: 'broken off' }).waitFor();
  await page.locator('#socket', { hasText: 'closed with 4401' }).waitFor();
  t.deepEqual(
    scene.lines.filter(({ level }) => level === 'error'),
    [],
  );
});
