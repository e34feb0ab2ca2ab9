// The ways to a Redis: by Sentinel, as a Cluster, over TLS, with replicas, and as a user who may do no more than needed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { freePort } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { startRedis } from '../support/redis.ts';
import { begin } from './laws.ts';
import { newPrefix, nodeAt, readyNode, untilReady, type SharedStore } from './redis-stage.ts';
import { at, bytes, idOf } from './records.ts';

const law = needing('redis-server');

/** A whole life over two nodes. */
async function lives(t: ExecutionContext, a: SharedStore, b: SharedStore): Promise<void> {
  const heard: string[] = [];
  b.onEnded((id) => heard.push(id));
  await begin(a, 's1');
  t.true(await b.addToken({ hash: 'h', session: idOf('s1'), host: 'x' }));
  t.is((await a.findByToken('h'))?.host, 'x');
  t.is(await b.mergeCookies(idOf('s1'), 'wiki', [{ key: 'k', sealed: bytes('1') }]), 1);
  t.is(await a.nodes.jarVersion(idOf('s1'), 'wiki'), 1);
  t.true(await b.touch(idOf('s1'), at(5)));
  const release = await a.nodes.claim('k', 'x');
  t.truthy(release);
  t.is(await b.nodes.claim('k', 'x'), undefined);
  await release?.();
  await a.bury([{ subject: 'anna', index: undefined, issuedAt: at(1), until: at(9) }]);
  t.truthy(await a.end(idOf('s1'), at(6)));
  t.deepEqual(heard, ['s1']);
  t.deepEqual(await b.adopt(), []);
  await a.forget(idOf('s1'));
  t.deepEqual([await b.unfinished(), await b.count(), await b.due(at(0), at(0), 5)], [[], 0, []]);
  t.true(await b.once('k', 'id', at(9), at(0)));
  await b.swap('k', 'id', bytes('v'), at(9), at(0));
  await a.change(
    'k',
    'id',
    (stood) => ({ value: Buffer.concat([stood ?? bytes(''), bytes('w')]), until: at(9) }),
    at(0),
  );
  t.deepEqual(await a.take('k', 'id', at(0)), bytes('vw'));
}

law('two nodes live on a Redis Cluster', async (t) => {
  const server = await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
  t.teardown(() => server.close());
  await server.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  const url = `redis+cluster://127.0.0.1:${server.port}`;
  const prefix = newPrefix();
  await lives(t, await readyNode(t, url, prefix), await readyNode(t, url, prefix));
});

law('two nodes live on a Redis Cluster of three masters, whichever of them they are told of', async (t) => {
  // A cluster speaks on port + 10000, so the ports that are asked for must leave room for that.
  const flags = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port'];
  const servers = [];
  for (const _master of [1, 2, 3]) {
    const server = await startRedis(...flags, String(await freePort()));
    t.teardown(() => server.close());
    servers.push(server);
  }
  const [first, second, third] = servers;
  if (first === undefined || second === undefined || third === undefined) return t.fail();
  await first.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '5460');
  await second.ask('CLUSTER', 'ADDSLOTSRANGE', '5461', '10922');
  await third.ask('CLUSTER', 'ADDSLOTSRANGE', '10923', '16383');
  for (const other of [second, third]) {
    const [, port = ''] = /\r\n(\d+)\r\n$/.exec(await other.ask('CONFIG', 'GET', 'cluster-port')) ?? [];
    t.regex(await first.ask('CLUSTER', 'MEET', '127.0.0.1', String(other.port), port), /^\+OK/);
  }
  while (
    !(await Promise.all(servers.map((one) => one.ask('CLUSTER', 'INFO')))).every((it) => /cluster_state:ok/.test(it))
  )
    await new Promise((resolve) => setTimeout(resolve, 50));
  // Prefixes fall into different slots, and so on different masters.
  for (const server of servers) {
    const prefix = newPrefix();
    const a = await readyNode(t, `redis+cluster://127.0.0.1:${server.port}`, prefix);
    const other = servers.find((one) => one !== server) ?? server;
    await lives(t, a, await readyNode(t, `redis+cluster://127.0.0.1:${other.port}`, prefix));
  }
});

needing('redis-server', 'redis-sentinel')('two nodes live on the master that a Sentinel names', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.close());
  const folder = mkdtempSync(join(tmpdir(), 'curfew-sentinel-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor mine 127.0.0.1 ${server.port} 1\n`,
  );
  const sentinel = spawn('redis-sentinel', [file], { stdio: 'ignore' });
  t.teardown(async () => {
    const gone = once(sentinel, 'exit');
    sentinel.kill('SIGKILL');
    await gone;
  });
  const url = `redis+sentinel://127.0.0.1:${port}/mine`;
  const prefix = newPrefix();
  await lives(t, await readyNode(t, url, prefix), await readyNode(t, url, prefix));
});

law('the user of docs/nodes.md may do all that is needed', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.close());
  const page = readFileSync(join(import.meta.dirname, '../../docs/nodes.md'), 'utf8');
  const [, rule = ''] = /^(ACL SETUSER curfew .*)$/m.exec(page) ?? [];
  t.regex(await server.ask(...rule.split(' ')), /^\+OK/);
  const url = `redis://curfew:PASSWORD@127.0.0.1:${server.port}`;
  await lives(t, await readyNode(t, url, 'curfew'), await readyNode(t, url, 'curfew'));
});

law('over TLS a certificate is checked against sessions.redis.ca', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const { privateKey, certificate } = await newKeys('localhost', new Date());
  const [key, cert, port] = [join(folder, 'k'), join(folder, 'c'), await freePort()];
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(cert, certificate);
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
  const server = await startRedis(...tls, '--tls-ca-cert-file', cert);
  t.teardown(() => server.close());
  const stranger = nodeAt(t, `rediss://localhost:${port}`, newPrefix());
  const error = await t.throwsAsync(untilReady(stranger));
  t.is((error as Error & { code?: string }).code, 'SESSIONS_REDIS_UNTRUSTED');
  const url = `rediss://localhost:${port}`;
  const prefix = newPrefix();
  await lives(
    t,
    await readyNode(t, url, prefix, { ca: certificate }),
    await readyNode(t, url, prefix, { ca: certificate }),
  );
});

law('a Redis that asks for our certificate gets it, and without it says which fault it is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-tls-client-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [theirs, ours] = [await newKeys('localhost', new Date()), await newKeys('curfew', new Date())];
  const pem = ({ privateKey }: typeof ours): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const [key, cert, ca, port] = [join(folder, 'k'), join(folder, 'c'), join(folder, 'ca'), await freePort()];
  writeFileSync(key, pem(theirs));
  writeFileSync(cert, theirs.certificate);
  writeFileSync(ca, ours.certificate);
  const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'yes'];
  const server = await startRedis(...tls, '--tls-ca-cert-file', ca);
  t.teardown(() => server.close());
  const [url, prefix] = [`rediss://localhost:${port}`, newPrefix()];
  const known = { ca: theirs.certificate, certificate: ours.certificate, key: pem(ours) };
  await lives(t, await readyNode(t, url, prefix, known), await readyNode(t, url, prefix, known));
  const nameless = nodeAt(t, url, newPrefix(), { ca: theirs.certificate });
  // Redis says so after the handshake (RFC 8446 §4.4.2.4), so an attempt may also end as one that is merely broken off.
  const heard = new Set<unknown>();
  for (let left = 500; left > 0 && !heard.has('SESSIONS_REDIS_UNTRUSTED'); left -= 1) {
    const error = await t.throwsAsync(nameless.ready());
    heard.add((error as Error & { code?: string }).code);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.true(heard.has('SESSIONS_REDIS_UNTRUSTED'), [...heard].join(', '));
});

law('where a replica is wanted an ending that none has is not answered, and a node has no lease (P1)', async (t) => {
  const [master, replica] = [await startRedis(), await startRedis()];
  t.teardown(() => Promise.all([master.close(), replica.close()]));
  await replica.ask('REPLICAOF', '127.0.0.1', String(master.port));
  const prefix = newPrefix();
  const further = { waitReplicas: 1, leaseMs: 1000 };
  const a = await readyNode(t, master.url, prefix, further);
  await lives(t, a, await readyNode(t, master.url, prefix, further));
  await begin(a, 's2');
  await replica.kill();
  await t.throwsAsync(a.end(idOf('s2'), at(7)));
  await t.throwsAsync(a.ready());
});
