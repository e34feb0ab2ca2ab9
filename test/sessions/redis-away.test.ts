// A Redis that is away, refuses us, or holds what is not ours: a code and a remedy, and nobody is served by mistake (P12).

import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import { sha256 } from '../../gateway/kernel/random.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { networkTo } from '../support/network.ts';
import { startRedis } from '../support/redis.ts';
import { begin } from './laws.ts';
import { listeningLog } from './people.ts';
import { newPrefix, nodeAt, readyNode, untilReady, type SharedStore } from './redis-stage.ts';
import { at, bytes, idOf, record } from './records.ts';

const law = needing('redis-server');
const server = missing(['redis-server']).length === 0 ? await startRedis('--requirepass', 'right') : undefined;
test.after.always(() => server?.close());
const at127 = (person = ':right@'): string => `redis://${person}127.0.0.1:${server?.port}`;

/** The code of what `ask` rejects with, once the first attempt to connect has come to something. */
async function codeOf(store: SharedStore, wanted: string): Promise<string> {
  for (let left = 200; ; left -= 1) {
    const code = await store.find(idOf('s1')).then(
      () => 'answered',
      (error: unknown) => (error instanceof CurfewError ? error.code : String(error)),
    );
    if (code === wanted || left === 0) return code;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

law(
  'a wrong password is told from a Redis that is not there, and neither is waited for by a request (P12)',
  async (t) => {
    const wrong = nodeAt(t, at127(':wrong@'), newPrefix());
    t.is(await codeOf(wrong, 'SESSIONS_REDIS_REFUSED'), 'SESSIONS_REDIS_REFUSED');
    const none = nodeAt(t, at127(''), newPrefix());
    t.is(await codeOf(none, 'SESSIONS_REDIS_REFUSED'), 'SESSIONS_REDIS_REFUSED');
    const leaseMs = 20_000;
    const nobody = nodeAt(t, 'redis://127.0.0.1:1', newPrefix(), { leaseMs });
    t.is(await codeOf(nobody, 'SESSIONS_REDIS_UNREACHABLE'), 'SESSIONS_REDIS_UNREACHABLE');
    const begunAt = performance.now();
    await t.throwsAsync(nobody.end(idOf('s1'), at(0)));
    t.true(performance.now() - begunAt < leaseMs / 4);
  },
);

law('a Redis without TLS is told apart where TLS was asked for', async (t) => {
  const store = nodeAt(t, `rediss://:right@127.0.0.1:${server?.port}`, newPrefix());
  t.regex(await codeOf(store, 'SESSIONS_REDIS_UNTRUSTED'), /SESSIONS_REDIS_UN(?:TRUSTED|REACHABLE)/);
});

law(
  'what another program or version wrote is nobody’s session, stays as it is, and hides from no logout (P1)',
  async (t) => {
    const { log, heard } = listeningLog();
    const prefix = newPrefix();
    const store = await readyNode(t, at127(), prefix, { log });
    const ask = (...words: string[]) => raw([['AUTH', 'right'], words]);
    await begin(store, 's1', { subject: 'anna' });
    await begin(store, 's2', { subject: 'anna' });
    await begin(store, 's3', { subject: 'anna' });
    await store.addToken({ hash: 'h', session: idOf('s3'), host: 'a' });
    await store.keep('k', 'a', bytes('one'), at(1000));
    await ask('SET', `{${prefix}}:session:s1`, 'theirs');
    await ask('SETRANGE', `{${prefix}}:session:s2`, '0', '2');
    await ask('SET', `{${prefix}}:session:s3`, '1000');
    await ask('SET', `{${prefix}}:kept:["k","a"]`, 'x');
    for (const id of ['s1', 's2', 's3']) t.is(await store.find(idOf(id)), undefined);
    t.is(await store.findByToken('h'), undefined);
    t.is(await store.read('k', 'a', at(0)), undefined);
    // A node of another version serves it perhaps: no logout of anna's may be answered with Success (P1).
    const hidden = await t.throwsAsync(store.findBySubject('anna', []));
    t.is((hidden as Error & { code?: string }).code, 'SESSIONS_REDIS_FOREIGN');
    t.falsy(await store.touch(idOf('s1'), at(5)));
    t.true(
      heard.some(({ event, facts }) => event === 'store-foreign' && facts['key'] === sha256(`{${prefix}}:session:s1`)),
    );
    t.false(JSON.stringify(heard).includes('s1'));
    t.regex(await ask('GET', `{${prefix}}:session:s1`), /theirs/);
  },
);

law('a node that comes back to a Redis that lost everything remembers nothing (P12)', async (t) => {
  const own = await startRedis();
  t.teardown(() => own.close());
  const store = await readyNode(t, own.url, newPrefix(), { leaseMs: 500 });
  const lost: boolean[] = [];
  store.nodes.onLost((missed) => lost.push(missed));
  await own.kill();
  await own.start();
  await untilReady(store);
  t.true(lost.includes(true));
});

law('a Redis that may evict tombstones is warned of (P6)', async (t) => {
  const own = await startRedis('--maxmemory-policy', 'allkeys-lru');
  t.teardown(() => own.close());
  const { log, heard } = listeningLog();
  const store = await readyNode(t, own.url, newPrefix(), { log });
  while (heard.length === 0) await store.ready();
  t.is(heard[0]?.event, 'redis-may-evict');
  await own.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  const { log: other, heard: fine } = listeningLog();
  const again = await readyNode(t, own.url, newPrefix(), { log: other });
  await again.ready();
  await again.ready();
  t.deepEqual(fine, []);
});

law(
  'an ending waits for nodes that have applied more than a Redis remembers that lost its list of endings (P1)',
  async (t) => {
    const own = await startRedis();
    const network = await networkTo(() => own.port);
    t.teardown(() => Promise.all([network.close(), own.close()]));
    const prefix = newPrefix();
    const a = await readyNode(t, own.url, prefix, { leaseMs: 500 });
    const b = await readyNode(t, `redis://127.0.0.1:${network.port}`, prefix, { leaseMs: 500 });
    for (const id of ['s1', 's2', 's3']) await begin(a, id);
    await a.end(idOf('s1'), at(1));
    await a.end(idOf('s2'), at(1));
    await b.ready();
    network.hold();
    t.true(b.nodes.holds());
    await own.ask('DEL', `{${prefix}}:endings`);
    t.truthy(await a.end(idOf('s3'), at(1)));
    t.false(b.nodes.holds());
  },
);

law('an ending that failed at one node and was done by another is taken over from nobody (P7)', async (t) => {
  const own = await startRedis();
  t.teardown(() => own.close());
  const prefix = newPrefix();
  const [a, b] = [await readyNode(t, own.url, prefix), await readyNode(t, own.url, prefix)];
  await begin(a, 's1');
  await own.ask('ACL', 'SETUSER', 'default', '-rename');
  await t.throwsAsync(a.end(idOf('s1'), at(1)));
  await own.ask('ACL', 'SETUSER', 'default', '+rename');
  t.truthy(await b.end(idOf('s1'), at(1)));
  t.deepEqual(await a.adopt(), []);
});

law('what was to be taken over and could not be read is taken over by the next attempt (P7, P13)', async (t) => {
  const own = await startRedis();
  t.teardown(() => own.close());
  const prefix = newPrefix();
  const [a, b] = [await readyNode(t, own.url, prefix), await readyNode(t, own.url, prefix)];
  await begin(a, 's1');
  await b.end(idOf('s1'), at(1));
  await b.close();
  await own.ask('ACL', 'SETUSER', 'default', '-get');
  await t.throwsAsync(a.adopt());
  await own.ask('ACL', 'SETUSER', 'default', '+get');
  t.deepEqual(
    (await a.adopt()).map(({ id }) => id),
    [idOf('s1')],
  );
});

law('a logout that another version has written down lets nobody in (P6)', async (t) => {
  const own = await startRedis();
  t.teardown(() => own.close());
  const prefix = newPrefix();
  const a = await readyNode(t, own.url, prefix);
  await own.ask('HSET', `{${prefix}}:tombstones:anna`, 'a', '2;unreadable');
  t.is(await a.begin(record('s1'), at(1_000_000), at(1_000_000)), 'tombstoned');
});

law(
  'a node of another version, which says of itself what nobody here can read, is waited for and stops nobody (P1, P12)',
  async (t) => {
    const own = await startRedis();
    t.teardown(() => own.close());
    const prefix = newPrefix();
    const a = await readyNode(t, own.url, prefix, { leaseMs: 500 });
    await begin(a, 's1');
    await own.ask('HSET', `{${prefix}}:nodes`, 'other', '2;7;unreadable');
    await a.ready();
    let isOver = false;
    const ending = a.end(idOf('s1'), at(1)).finally(() => (isOver = true));
    await a.ready();
    await a.ready();
    t.true(a.nodes.holds());
    t.false(isOver);
    await own.ask('HDEL', `{${prefix}}:nodes`, 'other');
    await own.ask('PUBLISH', `{${prefix}}:news`, 'applied');
    t.truthy(await ending);
  },
);

law('a node that closes is waited for by nobody (P1)', async (t) => {
  const prefix = newPrefix();
  const leaseMs = 20_000;
  const a = await readyNode(t, at127(), prefix, { leaseMs });
  const b = await readyNode(t, at127(), prefix, { leaseMs });
  await begin(a, 's1');
  await b.close();
  const begunAt = performance.now();
  t.truthy(await a.end(idOf('s1'), at(1)));
  t.true(performance.now() - begunAt < leaseMs);
});

law(
  'an ending that another node holds up is answered when its lease has run out, and its node is then put out (P1)',
  async (t) => {
    const prefix = newPrefix();
    const a = await readyNode(t, at127(), prefix, { leaseMs: 500 });
    const b = await readyNode(t, at127(), prefix, { leaseMs: 500 });
    b.onEnded(() => {
      throw new Error('somebody is still served');
    });
    await begin(a, 's1');
    const begunAt = performance.now();
    t.truthy(await a.end(idOf('s1'), at(1)));
    t.true(performance.now() - begunAt < 5000);
  },
);

/** Sends commands on one connection and answers what came back to the last. */
function raw(commands: readonly (readonly string[])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server?.port ?? 0, '127.0.0.1');
    let said = '';
    socket.once('error', reject);
    socket.on('data', (data: Buffer) => (said += data.toString()));
    socket.on('close', () => resolve(said));
    const quit = [...commands, ['QUIT']];
    for (const words of quit) {
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
      socket.write(`*${words.length}\r\n${parts}`);
    }
  });
}

test('a Redis that repeats what it was sent puts no password into the log', async (t) => {
  // As a Redis does in which AUTH was renamed, and one before 6 that is sent a user.
  const parrot = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (sent) => {
      for (const _command of sent.toString().match(/\*\d+\r\n/g) ?? [])
        socket.write("-ERR unknown command 'auth', with args beginning with: 'ops' 'password-in-a-url' \r\n");
    });
  }).listen(0, '127.0.0.1');
  await once(parrot, 'listening');
  t.teardown(() => parrot.close());
  const { log, heard } = listeningLog();
  const { port } = parrot.address() as AddressInfo;
  const store = nodeAt(t, `redis://ops:password-in-a-url@127.0.0.1:${port}`, newPrefix(), { log });
  t.is(await codeOf(store, 'SESSIONS_STORE_UNAVAILABLE'), 'SESSIONS_STORE_UNAVAILABLE');
  const error = await t.throwsAsync(store.find(idOf('s1')), { instanceOf: CurfewError });
  t.is(heard[0]?.event, 'store-away');
  t.regex(JSON.stringify(heard), /unknown command/);
  t.notRegex(JSON.stringify(heard) + String(error.cause), /password-in-a-url/);
});
