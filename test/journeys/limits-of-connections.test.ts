// How many connections one address may hold.

import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { opened, request } from './raw.ts';

/** Opens one more, and tells whether it is answered. It stays open until the test ends. */
async function isAnswered(t: ExecutionContext, { running, url }: Stage) {
  const socket = opened(running.http.port);
  t.teardown(() => socket.destroy());
  socket.write(request('GET', '/saml/metadata', [`Host: ${new URL(url).host}`]).replace('Connection: close\r\n', ''));
  const answered = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
  return { socket, answered };
}

test('an address that holds as many connections as it may gets no further one until it lets one go', async (t) => {
  const scene = await stage(t, { gateway: 'limits: { connections: { perAddress: 3 } }' });
  const held = [];
  for (let at = 0; at < 3; at += 1) held.push(await isAnswered(t, scene));
  t.deepEqual(
    held.map(({ answered }) => answered),
    [true, true, true],
  );
  t.false((await isAnswered(t, scene)).answered);
  t.deepEqual(scene.counts.at(-1), { name: 'limited', labels: { what: 'connections', by: 'address' } });
  held[0]?.socket.destroy();
  // Our end has to be seen to be closed at the other.
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await isAnswered(t, scene)).answered) {
      t.pass();
      return;
    }
  }
  t.fail('what was let go is not free again');
});

test('connections of a proxy are not counted for its address, and count in all', async (t) => {
  const scene = await stage(t, {
    gateway: 'trustedProxies: [127.0.0.1]\nlimits: { connections: { perAddress: 1, all: 3 } }',
  });
  const answered = [];
  for (let at = 0; at < 4; at += 1) answered.push((await isAnswered(t, scene)).answered);
  t.deepEqual(answered, [true, true, true, false]);
  t.deepEqual(scene.counts.at(-1)?.labels, { what: 'connections', by: 'all' });
});
