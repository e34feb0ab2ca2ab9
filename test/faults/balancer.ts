// A plain load balancer: one node after the other of those that say they are ready, connections kept open, and no request sent
// twice: only what no node has taken is given to the next.

import { Agent, createServer, request as requestHttp } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { TownNode } from './town.ts';

const LOOK_EVERY_MS = 100;

/** Opens it; answers its port. */
export async function balancer(t: ExecutionContext, nodes: () => readonly TownNode[]): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let ready = nodes().map(({ port }) => port);
  let turn = 0;
  let isOver = false;
  const watching = async (): Promise<void> => {
    while (!isOver) {
      const looks = nodes().map(async ({ admin, port }) => {
        const isReady = await fetch(`${admin}/readyz`)
          .then(({ ok }) => ok)
          .catch(() => false);
        return isReady ? [port] : [];
      });
      ready = (await Promise.all(looks)).flat();
      await pause(LOOK_EVERY_MS);
    }
  };
  const next = (): number => ready[(turn += 1) % Math.max(ready.length, 1)] ?? 0;
  const server = createServer((browser, answer) => {
    const send = (left: number): void => {
      const { url: path, method, headers } = browser;
      const request = requestHttp({ host: '127.0.0.1', port: next(), path, method, headers, agent }, (response) => {
        const { connection: _ofHop, 'keep-alive': _alive, ...fields } = response.headers;
        answer.writeHead(response.statusCode ?? 0, fields);
        response.pipe(answer);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && left > 0) send(left - 1);
        else answer.writeHead(502).end(`${error.code}`);
      });
      request.end();
    };
    send(3);
  });
  server.on('upgrade', (browser, socket, head) => {
    const node = connect(next(), '127.0.0.1');
    const lines = browser.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
    node.write(`${browser.method} ${browser.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    node.write(head);
    node.pipe(socket).pipe(node);
    for (const end of [node, socket]) end.on('error', () => [node, socket].map((one) => one.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  void watching();
  t.teardown(() => {
    isOver = true;
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
