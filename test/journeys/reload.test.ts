// Other policies while the gateway runs: whole or not at all, and nobody who may stay is disturbed.

import { rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { startChat } from '../../demo/apps/chat.ts';
import { OPEN, scenery, signIn, stage, type Stage } from '../support/gateway.ts';
import { curfew, serving } from './child.ts';
import { endlessApp } from './endless-app.ts';

const write = (scene: Pick<Stage, 'folder'>, name: string, text: string) => writeFile(join(scene.folder, name), text);

/** Where the test itself says when files are looked at. */
const UNWATCHED = { gateway: 'reload: { onChange: false }' };

const policy = (scene: Stage, app: string, more = '') =>
  write(scene, `${app}.yaml`, `${OPEN(app).replaceAll('${UPSTREAM}', scene.upstream.url)}${more}`);

test('policies are taken over under load without one failed request, and the next request goes by them', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.teardown(() => agent.destroy());
  const port = Number(new URL(scene.url).port);
  let isOver = false;
  const statuses = new Set<number | undefined>();
  const asking = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const options = { agent, port, host: '127.0.0.1', path: '/public/x', headers: { host: `wiki.test:${port}` } };
      statuses.add(
        await new Promise((resolve) =>
          get(options, (answer) => answer.resume().on('end', () => resolve(answer.statusCode))).on('error', () =>
            resolve(undefined),
          ),
        ),
      );
    }
  });
  for (const round of [1, 2, 3]) {
    await policy(scene, 'wiki', `timeouts: { connect: ${round}s }\n`);
    t.is((await scene.running.reload('signal')).result, 'applied');
  }
  await policy(scene, 'new');
  t.is((await scene.running.reload('signal')).result, 'applied');
  isOver = true;
  await Promise.all(asking);
  t.deepEqual([...statuses], [200]);
  t.is((await browser.visit(scene.at('wiki', '/page'))).status, 200, 'the session goes on');
  t.is((await browser.settle(await browser.visit(scene.at('new', '/page')))).status, 200, 'and serves the new app');
  const lines = scene.audit.flatMap((event) => (event.event === 'configuration' && 'by' in event ? [event] : []));
  t.like(lines.at(-1), { what: 'reloaded', by: 'signal', apps: { added: ['new'], changed: [], removed: [] } });
});

test('a faulty file keeps what there was whole, is said with its line once, and warns at /readyz until it is put right', async (t) => {
  const scene = await stage(t, UNWATCHED);
  const { running, folder } = scene;
  const before = running.parts;
  await policy(scene, 'fresh');
  await write(scene, 'wiki.yaml', 'app: wiki\nhosts: [wiki.test]\nupstreem: nowhere\n');
  for (let looks = 0; looks < 6; looks += 1) await running.look();
  t.is(running.parts, before, 'not even the app that is good');
  const refused = scene.lines.filter(({ event }) => event === 'configuration-refused');
  t.is(refused.length, 1);
  t.regex(JSON.stringify(refused), /wiki\.yaml","line":3,"key":"upstreem"/);
  const admin = `http://127.0.0.1:${running.admin.port}`;
  t.regex(await (await fetch(`${admin}/readyz`)).text(), /not in use: [1-9]\d* fault/);
  t.regex(await (await fetch(`${admin}/metrics`)).text(), /curfew_config_faulty 1/);
  await rm(join(folder, 'fresh.yaml'));
  await policy(scene, 'wiki');
  for (let looks = 0; looks < 2; looks += 1) await running.look();
  t.notRegex(await (await fetch(`${admin}/readyz`)).text(), /fault/);
  t.is(running.parts, before);
});

test('a change is taken over once it has stood still for two looks, also where it came by a rename', async (t) => {
  const scene = await stage(t, UNWATCHED);
  const browser = scene.browser();
  await scene.running.look();
  await write(scene, '.wiki.new', OPEN('moved').replaceAll('${UPSTREAM}', scene.upstream.url));
  await rename(join(scene.folder, '.wiki.new'), join(scene.folder, 'wiki.yaml'));
  await scene.running.look();
  t.is((await browser.visit(scene.at('moved', '/public/x'))).status, 404, 'it may be half written');
  await scene.running.look();
  t.is((await browser.visit(scene.at('moved', '/public/x'))).status, 200);
  t.is((await browser.visit(scene.at('wiki', '/public/x'))).status, 404);
});

test('an app that is gone and rules that no longer admit close WebSockets, and nobody else’s (P8)', async (t) => {
  const chat = await startChat({ port: 0 });
  t.teardown(() => chat.close());
  const of = (app: string, access = '[{ allow: authenticated }]') =>
    `app: ${app}\nhosts: [${app}.test]\nupstream: ${chat.url}\naccess: ${access}\n`;
  const names = ['same', 'gone', 'stricter', 'laxer'];
  const scene = await stage(t, { apps: Object.fromEntries(names.map((app) => [app, of(app)])) });
  const browser = scene.browser();
  await signIn(browser, 'alice', scene.at('same'));
  const sockets = new Map<string, Awaited<ReturnType<typeof browser.openWebSocket>>>();
  for (const app of names) {
    await browser.settle(await browser.visit(scene.at(app)));
    const socket = await browser.openWebSocket(scene.at(app, '/socket'));
    t.teardown(() => socket.close());
    sockets.set(app, socket);
  }
  await rm(join(scene.folder, 'gone.yaml'));
  await write(scene, 'stricter.yaml', of('stricter', '[{ allow: { attributes: { groups: [nobody-has-it] } } }]'));
  await write(scene, 'laxer.yaml', of('laxer', '[{ paths: [/x/**], allow: anyone }, { allow: authenticated }]'));
  t.like(await scene.running.reload('administrator'), { result: 'applied', connectionsClosed: 2, sessionsEnded: 0 });
  for (const app of ['gone', 'stricter']) t.is((await sockets.get(app)?.closed)?.code, 1001, app);
  t.is(scene.running.parts.doors.live.count(), 2, 'those of the apps that are the same, or admit all the same');
});

test('what anybody may have of an app that changed has shutdown.finish to end, and no byte after that; of one that is gone it ends at once', async (t) => {
  const app = await endlessApp(t);
  const scene = await stage(t, { upstream: app.upstream, gateway: 'shutdown: { finish: 0s }' });
  const port = Number(new URL(scene.url).port);
  const stream = async (host: string) => {
    const options = {
      port,
      host: '127.0.0.1',
      path: '/public/ticks',
      agent: false,
      headers: { host: `${host}:${port}` },
    };
    // A cut is a reset, which both are told of.
    const [answer] = (await once(
      get(options).on('error', () => {}),
      'response',
    )) as [IncomingMessage];
    answer.on('error', () => {});
    await once(answer, 'data');
    return { answer, ended: new Promise((resolve) => answer.once('close', resolve)), upstream: await app.held.next() };
  };
  const of = { changed: await stream('wiki.test'), gone: await stream('chat.test') };
  await policy(scene, 'wiki', 'title: Another\n');
  await rm(join(scene.folder, 'chat.yaml'));
  t.like(await scene.running.reload('signal'), { result: 'applied' });
  await of.gone.ended;
  while (!of.changed.answer.closed) {
    of.changed.upstream.write('data: 2\n\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(app.broken.toSorted(), ['/public/ticks', '/public/ticks'], 'at both ends');
});

test('what only a new process can go by is refused with its place, and the rest is not taken over either', async (t) => {
  const scene = await stage(t);
  await policy(scene, 'fresh');
  const { configuration } = scene;
  const { readFile } = await import('node:fs/promises');
  const yaml = await readFile(join(scene.folder, 'gateway.yaml'), 'utf8');
  await write(scene, 'gateway.yaml', yaml.replace('file:sessions.db', 'file:elsewhere.db'));
  const told = await scene.running.reload('signal');
  t.is(told.result, 'refused');
  if (told.result !== 'refused') return;
  t.deepEqual(
    told.faults.map(({ key, line }) => [key, (line ?? 0) > 1]),
    [['sessions.store', true]],
  );
  t.regex(told.faults[0]?.message ?? '', /restart to change it/);
  t.deepEqual(scene.running.parts.configuration, configuration);
});

test('an address that cannot be opened changes nothing, another is open before the old one closes', async (t) => {
  const scene = await stage(t);
  const { readFile } = await import('node:fs/promises');
  const yaml = await readFile(join(scene.folder, 'gateway.yaml'), 'utf8');
  const taken = new URL(scene.upstream.url).port;
  await write(scene, 'gateway.yaml', yaml.replace('admin: 127.0.0.1:0', `admin: 127.0.0.1:${taken}`));
  const before = scene.running.admin.port;
  t.like(await scene.running.reload('signal'), { result: 'refused' });
  t.is(scene.running.admin.port, before);
  await write(scene, 'gateway.yaml', yaml.replace('admin: 127.0.0.1:0', 'admin: localhost:0'));
  t.like(await scene.running.reload('signal'), { result: 'applied', changes: { settings: ['listen'] } });
  t.not(scene.running.admin.port, before);
  t.is((await fetch(`http://localhost:${scene.running.admin.port}/healthz`)).status, 200);
});

test('POST /reload needs the token where there is one, is no form of a foreign page, and answers 200 or 422', async (t) => {
  const token = 'a-token-of-thirty-two-characters-or-more';
  const scene = await stage(t, { gateway: `admin: { token: ${token} }` });
  const url = `http://127.0.0.1:${scene.running.admin.port}/reload`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  t.is((await fetch(url, { method: 'POST' })).status, 401);
  t.is((await fetch(url, { method: 'POST', headers: { ...headers, 'sec-fetch-site': 'cross-site' } })).status, 403);
  const unchanged = await fetch(url, { method: 'POST', headers });
  t.deepEqual(await unchanged.json(), {
    result: 'unchanged',
    warnings: ((await scene.running.reload('signal')) as { warnings: unknown }).warnings,
  });
  await write(scene, 'wiki.yaml', 'app: wiki\n');
  const faulty = await fetch(url, { method: 'POST', headers: { ...headers, accept: 'text/plain' } });
  t.is(faulty.status, 422);
  t.regex(await faulty.text(), /^\d+ faults?, nothing was changed\n.*wiki\.yaml/);
});

test('two reloads at once are done one after the other, and a logout under way ends whom it means (P1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
  await policy(scene, 'wiki', 'timeouts: { connect: 7s }\n');
  const both = [scene.running.reload('signal'), scene.running.reload('administrator')];
  const { endSession, doors } = scene.running.parts;
  const [session] = await doors.sessions.findBySubject('corp', 'alice@example.test', []);
  const ended = session && endSession(session.id, { reason: 'idp-logout' });
  t.deepEqual(
    (await Promise.all(both)).map(({ result }) => result),
    ['applied', 'unchanged'],
  );
  t.truthy(await ended);
  t.is(await doors.sessions.count(), 0);
  t.not((await browser.visit(scene.at('wiki', '/page'), { follow: false })).status, 200);
});

test.serial('SIGHUP has the process take over what is on disk', async (t) => {
  const { folder, upstream } = await scenery(t, { gateway: 'reload: { onChange: false }' });
  const process_ = await serving(t, folder);
  await writeFile(join(folder, 'wiki.yaml'), OPEN('renamed').replaceAll('${UPSTREAM}', upstream.url));
  process.kill(process_.pid, 'SIGHUP');
  const reloaded = () => process_.lines.find(({ event }) => event === 'configuration-reloaded');
  while (reloaded() === undefined) await new Promise((resolve) => setImmediate(resolve));
  t.like(reloaded(), { by: 'signal', apps: { added: ['renamed'], changed: [], removed: ['wiki'] } });
  t.is(await process_.stop('SIGTERM'), 0);
});

test.serial(
  '`curfew reload` says what was taken over (exit 0), or what is wrong and that nothing was changed (2)',
  async (t) => {
    const { folder, upstream } = await scenery(t, { gateway: 'reload: { onChange: false }' });
    const { admin } = await serving(t, folder);
    const reload = (...more: string[]) => curfew(t, 'reload', '--policies', folder, '--admin', admin, ...more);
    const added = OPEN('added').replaceAll('${UPSTREAM}', upstream.url);
    await writeFile(join(folder, 'added.yaml'), added);
    const applied = await reload();
    t.is(applied.code, 0, applied.complaints);
    t.regex(applied.output, /^taken over\n {2}app added: added\n/);
    t.like(JSON.parse((await reload('--json')).output), { result: 'unchanged' });
    await writeFile(join(folder, 'added.yaml'), added.replace('hosts', 'hostss'));
    const refused = await reload();
    t.is(refused.code, 2);
    t.regex(refused.complaints, /^\d faults?, nothing was changed\n.*added\.yaml/);
    const faults = JSON.parse((await reload('--json')).complaints) as object;
    t.like(faults, { result: 'refused' });
    await rm(join(folder, 'added.yaml'));
    t.like(JSON.parse((await reload('--json')).output), { changes: { apps: { removed: ['added'] } } });
  },
);
