// Connections while certificates, addresses and proxies change: nothing under way fails, and what is new counts from the next request on.

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent as PlainAgent, get as plainGet, type IncomingMessage } from 'node:http';
import { Agent, get, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { newSigner, writePairs } from '../support/certificates.ts';
import { freePort, OPEN, stage, type Stage } from '../support/gateway.ts';
import { ask, openHttp2, openTls } from '../support/http2-client.ts';
import { needing } from '../support/needing.ts';
import { overTls } from '../support/over-tls.ts';
import { endlessApp } from './endless-app.ts';

const law = needing('openssl');
const HOSTS = ['login.test', 'wiki.test', 'chat.test'];

const changed = async (scene: Stage, name: string, change: (text: string) => string) => {
  const file = join(scene.folder, name);
  await writeFile(file, change(await readFile(file, 'utf8')));
  return scene.running.reload('signal');
};

/** The status of one request; undefined where it failed. */
const status = (begin: typeof get | typeof plainGet, options: RequestOptions): Promise<number | undefined> =>
  new Promise((resolve) =>
    begin(options, (answer: IncomingMessage) => answer.resume().on('end', () => resolve(answer.statusCode))).on(
      'error',
      () => resolve(undefined),
    ),
  );

/** Asks again and again in several ways at once, until told to stop; then says what came of it, by way. */
function load(t: ExecutionContext, ways: Readonly<Record<string, () => Promise<number | undefined>>>) {
  let isOver = false;
  t.teardown(() => (isOver = true));
  const answers = new Map<string, (number | undefined)[]>(Object.keys(ways).map((name) => [name, []]));
  const all = Object.entries(ways).map(async ([name, way]) => {
    while (!isOver) answers.get(name)?.push(await way());
  });
  return {
    /** Resolves when each way has had so many further answers. */
    further: async (count: number) => {
      const wanted = [...answers].map(([name, list]) => [name, list.length + count] as const);
      while (wanted.some(([name, length]) => (answers.get(name)?.length ?? 0) < length)) await turn();
    },
    stop: async () => {
      isOver = true;
      await Promise.all(all);
      return [...answers].map(([name, list]) => [name, [...new Set(list)]]);
    },
  };
}

law(
  'certificates are swapped and policies changed under load without one failed request, by HTTP/1.1 and HTTP/2',
  async (t) => {
    const signer = newSigner();
    const { scene, port, folder } = await overTls(t, { one: signer.sign(HOSTS) }, ', http2: true');
    const kept = new Agent({ keepAlive: true, maxSockets: 2 });
    t.teardown(() => kept.destroy());
    const peer = { port, ca: signer.cert, servername: 'wiki.test' };
    const path = '/public/x';
    const h1 = {
      port,
      host: '127.0.0.1',
      path,
      ca: signer.cert,
      servername: 'wiki.test',
      headers: { host: `wiki.test:${port}` },
    };
    const h2 = { ':path': path, ':authority': `wiki.test:${port}` };
    const session = await openHttp2(t, peer);
    const before = (await openTls(t, peer)).getPeerCertificate().fingerprint256;
    const asking = load(t, {
      'HTTP/1.1, kept': () => status(get, { ...h1, agent: kept }),
      'HTTP/1.1, anew': () => status(get, { ...h1, agent: false }),
      'HTTP/2, kept': async () => (await ask(session, h2)).status,
      'HTTP/2, anew': async () => {
        const own = await openHttp2(t, peer);
        const answer = await ask(own, h2);
        own.close();
        return answer.status;
      },
    });
    const seen = new Set([before]);
    for (const how of ['by the folder alone', 'with a reload', 'with other policies'] as const) {
      await asking.further(3);
      writePairs(folder, { one: signer.sign(HOSTS) });
      if (how === 'by the folder alone') await scene.running.reread();
      else if (how === 'with a reload') t.is((await scene.running.reload('signal')).result, 'unchanged');
      else t.is((await changed(scene, 'wiki.yaml', (text) => `${text}title: Another\n`)).result, 'applied');
      const shown = (await openTls(t, peer)).getPeerCertificate().fingerprint256;
      t.false(seen.has(shown), how);
      seen.add(shown);
    }
    await asking.further(3);
    for (const [way, statuses] of await asking.stop()) t.deepEqual(statuses, [200], String(way));
  },
);

law('a pair that is half written is not shown, and is when it is whole', async (t) => {
  const signer = newSigner();
  const { scene, port, folder } = await overTls(t, { one: signer.sign(HOSTS) });
  const shown = async () => {
    const socket = await openTls(t, { port, ca: signer.cert, servername: 'wiki.test' }, ['http/1.1']);
    return socket.getPeerCertificate().fingerprint256;
  };
  const before = await shown();
  const next = signer.sign(HOSTS);
  await writeFile(join(folder, 'one.crt'), next.cert);
  await scene.running.reread();
  t.is((await scene.running.reload('signal')).result, 'unchanged');
  t.is(await shown(), before, 'the key is still the former');
  await writeFile(join(folder, 'one.key'), next.key.slice(0, 40));
  await scene.running.reread();
  t.is(await shown(), before);
  await writeFile(join(folder, 'one.key'), next.key);
  await scene.running.reread();
  t.not(await shown(), before);
});

law(
  'listen.http moves under load and beside a WebSocket: what was begun at the old address is finished, and nothing fails at the new one',
  async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, { upstream: app.upstream, gateway: 'shutdown: { finish: 20s }' });
    const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
    const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
    const old = scene.running.http.port;
    const agent = new PlainAgent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const asking = load(t, {
      'as clients do that follow': () =>
        status(plainGet, {
          ...{ agent, port: scene.running.http.port, host: '127.0.0.1', path: '/public/x' },
          headers: { host: `wiki.test:${old}` },
        }),
    });
    const slow = status(plainGet, {
      ...{ port: old, host: '127.0.0.1', path: '/public/slow', agent: false },
      headers: { host: `wiki.test:${old}` },
    });
    const held = await app.held.next();
    // Under load with everything open, the policies alone first.
    t.like(await changed(scene, 'chat.yaml', (text) => `${text}title: Another\n`), { connectionsClosed: 0 });
    socket.send('still');
    await asking.further(5);
    const next = await freePort();
    const moved = await changed(scene, 'gateway.yaml', (text) =>
      text.replace(`http: 127.0.0.1:${old}`, `http: 127.0.0.1:${next}`),
    );
    t.like(moved, { result: 'applied', changes: { settings: ['listen'] } });
    t.is(scene.running.http.port, next);
    await asking.further(5);
    held.end('finished');
    t.is(await slow, 200, 'what was begun at the old address comes to its end');
    const refused = plainGet({ port: old, host: '127.0.0.1', path: '/', agent: false });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    t.is(error.code, 'ECONNREFUSED');
    t.is(app.webSockets(), 1, 'it has the time of shutdown.finish');
    t.deepEqual(await asking.stop(), [['as clients do that follow', [200]]]);
    socket.close();
  },
);

law(
  'whom trustedProxies names is believed from the next request on, over connections from before as well (P11)',
  async (t) => {
    const signer = newSigner();
    const { scene, port } = await overTls(t, { one: signer.sign(HOSTS) }, ', http2: true', {
      apps: { wiki: OPEN('wiki'), chat: OPEN('chat'), other: OPEN('other') },
      gateway: 'trustedProxies: [127.0.0.1]',
    });
    const session = await openHttp2(t, { port, ca: signer.cert, servername: 'wiki.test' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    // `other.test` stands in no certificate: only a proxy may ask for it here.
    const overHttp2 = async () =>
      (await ask(session, { ':path': '/public/x', ':authority': `other.test:${port}` })).status;
    const overHttp1 = () =>
      status(get, {
        ...{ agent, port, host: '127.0.0.1', path: '/public/x', ca: signer.cert, servername: 'wiki.test' },
        headers: { host: `nobody.test:${port}`, 'x-forwarded-host': `wiki.test:${port}` },
      });
    t.deepEqual([await overHttp2(), await overHttp1()], [200, 200]);
    t.is(
      (await changed(scene, 'gateway.yaml', (text) => text.replace('[127.0.0.1]', '[203.0.113.1]'))).result,
      'applied',
    );
    t.deepEqual([await overHttp2(), await overHttp1()], [421, 404]);
    t.is(
      (await changed(scene, 'gateway.yaml', (text) => text.replace('[203.0.113.1]', '[127.0.0.1]'))).result,
      'applied',
    );
    t.deepEqual([await overHttp2(), await overHttp1()], [200, 200]);
  },
);
