// WebSockets that say nothing: what each costs in memory.

import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import { memoryMebibytes } from '../proc.ts';
import { freePort } from '../program.ts';
import { signIn } from '../people.ts';
import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import type { Table } from '../table.ts';

const AT_ONCE = 50;

/** Opens them, one session for ten, and looks at the memory before and after. */
export async function idleWebSockets(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const port = await freePort();
  const app = new WebSocketServer({ host: '127.0.0.1', port });
  await once(app, 'listening');
  app.on('connection', (socket) => socket.on('error', () => socket.terminate()));
  try {
    return await stand.with(
      async () => [await stand.curfew({ name: 'curfew' }, [`http://127.0.0.1:${port}`])],
      async ([peer]) => {
        if (peer?.saml === undefined) return [];
        stand.say(`${plan.webSockets} idle WebSockets`);
        const { people } = await signIn(stand.idp, peer.saml, Math.ceil(plan.webSockets / 10), peer.roots);
        const before = memoryMebibytes(peer.roots);
        const open: WebSocket[] = [];
        while (open.length < plan.webSockets) {
          const some = Array.from({ length: Math.min(AT_ONCE, plan.webSockets - open.length) }, (_, at) => {
            const cookie = people[(open.length + at) % people.length]?.cookie ?? '';
            return new WebSocket(peer.url.replace('http', 'ws'), { headers: { Cookie: cookie, Origin: peer.url } });
          });
          await Promise.all(some.map((socket) => once(socket, 'open')));
          open.push(...some);
        }
        const after = memoryMebibytes(peer.roots);
        for (const socket of open) socket.terminate();
        const each = ((after - before) * 1024) / plan.webSockets;
        return [
          {
            title: 'Idle WebSockets',
            note: 'Both ends of each are open in the process; memory as the system counts it.',
            columns: ['WebSockets', 'MiB before', 'MiB after', 'KiB each'],
            rows: [[String(plan.webSockets), before.toFixed(0), after.toFixed(0), each.toFixed(1)]],
          },
        ];
      },
    );
  } finally {
    for (const client of app.clients) client.terminate();
    app.close();
  }
}
