// A stop that comes before the gateway serves: as the first process of a container, nobody else would see to it.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import test from 'ava';
import { scenery } from '../support/gateway.ts';
import { beginning } from './child.ts';

for (const workers of ['1', '2'])
  test(`SIGTERM while the store is away ends the start in order, with ${workers} process(es)`, async (t) => {
    // Takes connections and says nothing, as one does that hangs.
    const store = createServer();
    const open = new Set<Socket>();
    store.on('connection', (socket) => open.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      for (const socket of open) socket.destroy();
      store.close();
    });
    const { port } = store.address() as { port: number };
    const { folder } = await scenery(t, { store: `redis://127.0.0.1:${port}`, gateway: 'shutdown: { drain: 0s }' });
    const asked = once(store, 'connection');
    const { child, gone } = beginning(t, ['serve', '--policies', folder, '--workers', workers]);
    await asked;
    // It reloads what is not there yet by waiting for it.
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    t.deepEqual(await gone, [0, null]);
  });
