// How many connections one address may hold.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { newSigner, writePairs } from '../support/certificates.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { opened, request } from './raw.ts';

/** Opens one more, and tells whether it is answered. It stays open until the test ends. */
async function isAnswered(t: ExecutionContext, { running, url }: Stage, port = running.http.port) {
  const socket = opened(port);
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

test('whoever may reach the administration holds no more connections there than elsewhere', async (t) => {
  const scene = await stage(t, { gateway: 'limits: { connections: { perAddress: 3 } }' });
  const answered = [];
  for (let at = 0; at < 5; at += 1) answered.push((await isAnswered(t, scene, scene.running.admin.port)).answered);
  t.deepEqual(answered, [true, true, true, false, false]);
  t.true((await isAnswered(t, scene)).answered, 'each door counts for itself');
});

test('a thousand connections are the most that one address holds where only servers and operators come', async (t) => {
  const scene = await stage(t);
  const sockets = Array.from({ length: 1001 }, () => opened(scene.running.admin.port));
  t.teardown(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.race(sockets.map((socket) => once(socket, 'close')));
  t.is(sockets.filter(({ closed }) => closed).length, 1);
});

needing('openssl')('so it is at the back channel, before anybody has shown a certificate', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-limits-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const signer = newSigner();
  writePairs(join(folder, 'tls'), { a: signer.sign(['login.test']) });
  await writeFile(join(folder, 'clients.pem'), signer.cert);
  const scene = await stage(t, {
    listen: ', backchannel: 127.0.0.1:0',
    gateway: `tls: { certificates: ${folder}/tls, clientCa: ${folder}/clients.pem }
backchannelUrl: https://login.test:8444
limits: { connections: { perAddress: 2 } }`,
  });
  const sockets = Array.from({ length: 3 }, () => opened(scene.running.backchannel?.port ?? 0));
  t.teardown(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.race(sockets.map((socket) => once(socket, 'close')));
  t.is(sockets.filter(({ closed }) => closed).length, 1);
});
