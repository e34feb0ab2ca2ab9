// Sockets that are open, and what the system may do to them.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import test from 'ava';
import type { LogFacts } from '../gateway/kernel/log.ts';
import { silentLog } from '../gateway/kernel/log.ts';
import { openSockets } from '../gateway/sockets.ts';

test('a connection that the system would not hand over ends nothing, and a storm of them is one line a minute', async (t) => {
  const lines: { readonly event: string; readonly facts: LogFacts | undefined }[] = [];
  const sockets = openSockets({ ...silentLog, error: (event, facts) => void lines.push({ event, facts }) });
  const server = createServer((_request, response) => response.end());
  (await sockets.prepare({ http: { host: '127.0.0.1', port: 0 } }, () => ({ server }))).use(0);
  t.teardown(() => sockets.close(0));
  // As node:net has it where accept(2) fails for want of memory.
  const failure = Object.assign(new Error('accept ENOMEM'), { code: 'ENOMEM', syscall: 'accept' });
  for (let at = 0; at < 1000; at += 1) t.true(server.emit('error', failure));
  t.deepEqual(lines, [
    { event: 'connection-not-taken', facts: { socket: 'http', times: 1, error: 'Error: accept ENOMEM' } },
  ]);
  const socket = connect(sockets.address('http')?.port ?? 0, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
});
