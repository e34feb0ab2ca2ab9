// `curfew check --connect`: what serving needs is asked before anybody is served, and nothing is changed by it.

import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { createServer as createPlain } from 'node:http';
import { type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Finding } from '../../gateway/cli/connect/finding.ts';
import { newSigner } from '../support/certificates.ts';
import { scenery, type Scenery, type StageOptions } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { startRedis } from '../support/redis.ts';
import { curfew, curfewWith, serving, type Finished } from './child.ts';

/** Under a name that every machine knows, so that nobody outside is asked for it. */
const app = (name: string, further = ''): string =>
  `app: ${name}\nhosts: [localhost]\npath: /${name}\nupstream: \${UPSTREAM}\naccess: [{ allow: authenticated }]\n${further}`;

const here = (t: ExecutionContext, options: StageOptions = {}): Promise<Scenery> =>
  scenery(t, { publicUrl: 'http://localhost:8080', apps: { wiki: app('wiki'), chat: app('chat') }, ...options });

async function connecting(
  t: ExecutionContext,
  folder: string,
): Promise<Finished & { readonly found: readonly Finding[] }> {
  const finished = await curfew(t, 'check', '--connect', '--json', '--policies', folder);
  const { connect } = JSON.parse(finished.output) as { connect: Finding[] };
  return { ...finished, found: connect };
}

const of = (found: readonly Finding[], what: string): Finding | undefined => found.find((one) => one.what === what);

test('what can be reached is said with what it is, in how long; apps are asked one HEAD each, and nothing is made', async (t) => {
  const { folder, upstream } = await here(t, { idp: '    logout: { onTimeout: true }' });
  const before = await readdir(folder);
  const { code, output } = await curfew(t, 'check', '--connect', '--policies', folder);
  t.is(code, 0, output);
  for (const line of [
    /no faults: http:\/\/localhost:8080/,
    /good {3}store \(.*sessions\.db\): .*which will be made, \d+ ms/,
    /good {3}identity provider corp \(.*idp\.xml\): .*one certificate.*, \d+ ms/,
    /good {3}identity provider corp, logout by SOAP \(http:\/\/127\.0\.0\.1:\d+\/slo\/soap\): can be reached/,
    /good {3}app wiki \(http:\/\/127\.0\.0\.1:\d+\/wiki\): answers \d+, \d+ ms/,
    /good {3}name localhost \(DNS\): .*(127\.0\.0\.1|::1)/,
    /\neverything answers\n$/,
  ])
    t.regex(output, line);
  t.deepEqual(
    upstream.requests
      .map(({ method, url, rawHeaders }) => [method, url, rawHeaders.includes('localhost:8080')])
      .toSorted(),
    [
      ['HEAD', '/chat', true],
      ['HEAD', '/wiki', true],
    ],
  );
  t.deepEqual(await readdir(folder), before);
});

test('a question that nobody can call off does not keep the command from its end', async (t) => {
  const { folder } = await here(t);
  // As a name does that the system's resolver still tries to find.
  const held = { NODE_OPTIONS: '--import=data:text/javascript,setInterval(()=>{},3600000)' };
  const { code, output } = await curfewWith(t, held, 'check', '--connect', '--policies', folder);
  t.is(code, 0, output);
  t.regex(output, /\neverything answers\n$/);
});

test('without --connect nobody is asked', async (t) => {
  const { folder, upstream } = await here(t);
  t.is((await curfew(t, 'check', '--policies', folder)).code, 0);
  t.is(upstream.requests.length, 0);
});

test('every fault is found in one run, each with its code and what to write; exit 1', async (t) => {
  const { folder } = await here(t, {
    metadataAt: 'http://127.0.0.1:1/metadata',
    apps: { wiki: app('wiki').replace('${UPSTREAM}', 'http://127.0.0.1:1') },
    store: 'redis://127.0.0.1:1',
  });
  const { code, found } = await connecting(t, folder);
  t.is(code, 1);
  t.deepEqual(
    found.map(({ what, state, code: word }) => [what, state, word]),
    [
      ['store', 'fault', 'SESSIONS_REDIS_UNREACHABLE'],
      ['identity provider corp', 'fault', undefined],
      ['app wiki', 'fault', 'UPSTREAM_REFUSED'],
      ['name localhost', 'good', undefined],
    ],
  );
  for (const { what, notes, ms } of found.slice(0, 3)) t.true(notes.length > 0 && ms >= 0, what);
  t.regex(found[1]?.text ?? '', /ECONNREFUSED/);
});

test('a fault of the configuration is exit 2, and nobody is asked', async (t) => {
  const { folder, upstream } = await here(t);
  await writeFile(join(folder, 'more.yaml'), 'app: more\n');
  t.is((await curfew(t, 'check', '--connect', '--policies', folder)).code, 2);
  t.is(upstream.requests.length, 0);
});

test('the store of a gateway that runs is left to it', async (t) => {
  const { folder } = await here(t);
  await serving(t, folder);
  const { code, found } = await connecting(t, folder);
  t.is(code, 0);
  t.regex(of(found, 'store')?.text ?? '', /in use by a running gateway$/);
});

async function listening(t: ExecutionContext, server: ReturnType<typeof createPlain>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

needing('openssl')(
  'metadata is fetched as serving does: its certificate, its entity, its end and its clock are judged',
  async (t) => {
    const signer = newSigner();
    const served = { text: '', aheadMs: 0 };
    const answer: RequestListener = (_request, response) =>
      void response.writeHead(200, { date: new Date(Date.now() + served.aheadMs).toUTCString() }).end(served.text);
    const port = await listening(t, createServer(signer.sign(['localhost']), answer));
    const { folder } = await here(t, {
      metadataAt: `https://localhost:${port}/metadata`,
      metadata: (xml) => (served.text = xml),
      idp: '    ca: ca.crt',
      files: { 'ca.crt': signer.cert },
    });
    const asked = async () => of((await connecting(t, folder)).found, 'identity provider corp');
    t.like(await asked(), { state: 'good', notes: [] });

    served.aheadMs = 600_000;
    const early = await asked();
    t.is(early?.state, 'note');
    t.regex(early?.notes.join() ?? '', /clock is (59\d|60\d) s behind the server's: its messages would be refused/);
    served.aheadMs = 0;

    const whole = served.text;
    served.text = whole.replace(' entityID=', ' validUntil="2020-01-02T04:04:05Z" entityID=');
    t.regex((await asked())?.text ?? '', /was valid until 2020-01-02T04:04:05\.000Z only/);
    served.text = whole.replaceAll('IDPSSODescriptor', 'SPSSODescriptor');
    t.regex((await asked())?.text ?? '', /is of a service provider/);
    const [key = ''] = /<(?:\w+:)?KeyDescriptor[\s\S]*?<\/(?:\w+:)?KeyDescriptor>/.exec(whole) ?? [];
    served.text = whole.replace(key, key + key.replace(/(X509Certificate[^>]*>)[^<]+/, '$1AAAA'));
    t.regex((await asked())?.notes.join() ?? '', /a certificate that cannot be read; it is passed over/);
    served.text = whole;

    await writeFile(join(folder, 'ca.crt'), newSigner('another').cert);
    const untrusted = await asked();
    t.is(untrusted?.state, 'fault');
    t.regex(untrusted?.text ?? '', /certificate|signature/);
    t.regex(untrusted?.notes.join() ?? '', /`ca`/);
    const started = await curfew(t, 'serve', '--policies', folder);
    t.is(started.code, 2);
    t.regex(started.complaints, /SAML_METADATA_UNREADABLE: .*\(corp: .*(certificate|signature)/);
  },
);

needing('openssl')('a certificate that does not fit an app is told, with the settings that put it right', async (t) => {
  const signer = newSigner();
  const port = await listening(
    t,
    createServer(signer.sign(['wiki.internal']), (_request, response) => response.end()),
  );
  const wiki = app('wiki').replace('${UPSTREAM}', `https://localhost:${port}`);
  const { folder } = await here(t, { apps: { wiki }, files: { 'ca.crt': signer.cert } });
  const told = of((await connecting(t, folder)).found, 'app wiki');
  t.is(told?.code, 'UPSTREAM_UNTRUSTED');
  t.regex(told?.notes.join() ?? '', /upstreamTls\.ca/);
  await writeFile(join(folder, 'wiki.yaml'), `${wiki}upstreamTls: { ca: ca.crt, serverName: wiki.internal }\n`);
  const { code, found } = await connecting(t, folder);
  t.is(code, 0);
  // It is good for two days.
  t.regex(of(found, 'app wiki')?.text ?? '', /^answers 200 over TLSv1\.3, with a certificate until /);
  t.regex(of(found, 'app wiki')?.notes.join() ?? '', /its certificate ends on .*renew/);
});

needing('redis-server')('a wrong password of Redis is told by check and at start, and no password is', async (t) => {
  const redis = await startRedis('--requirepass', 'right');
  t.teardown(() => redis.close());
  const { folder } = await here(t, { store: `redis://:sesame@127.0.0.1:${redis.port}` });
  const { code, output, found } = await connecting(t, folder);
  t.is(code, 1);
  t.like(of(found, 'store'), { code: 'SESSIONS_REDIS_REFUSED', at: `redis single 127.0.0.1:${redis.port}` });
  t.notRegex(output, /sesame/);
  // It may be put right at Redis, so serving waits for it, says so, and is not ready meanwhile.
  const child = await serving(t, folder);
  let ready = '';
  while (!ready.includes('SESSIONS_REDIS_REFUSED')) ready = await (await fetch(`${child.admin}/readyz`)).text();
  const line = child.lines.find(({ event }) => event === 'store-away');
  t.is(line?.['code'], 'SESSIONS_REDIS_REFUSED');
  t.regex(String(line?.['remedy']), /REDIS_PASSWORD/);
  t.notRegex(JSON.stringify(child.lines), /sesame/);
  t.is(await child.stop('SIGTERM'), 0);
  const file = join(folder, 'gateway.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('sesame', 'right'));
  t.is((await connecting(t, folder)).code, 0);
});
