// Three gateway processes on one Redis: how long a LogoutRequest takes while people ask all three at an even pace, and what the people
// notice of it. `node bench/nodes.ts [logouts [requests a second]]`; starts a Redis of its own.

import { Agent, request as requestHttp } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { account } from '../demo/identity-provider/accounts.ts';
import { openBrowser } from '../test/support/browser.ts';
import { toLoopback } from '../test/support/browser-request.ts';
import { OPEN, scenery } from '../test/support/gateway.ts';
import { soapFor } from '../test/support/logout-requests.ts';
import { nodeProcess } from '../test/support/nodes.ts';
import { startRedis } from '../test/support/redis.ts';
import { startUpstream } from '../test/support/upstream.ts';

const LOGOUTS = Number(process.argv[2] ?? 200);
const A_SECOND = Number(process.argv[3] ?? 200);
const NODES = 3;
const STAYING = 30;

const undo: (() => unknown)[] = [];
const t = { teardown: (one: () => unknown) => void undo.push(one), log: () => {} } as unknown as ExecutionContext;
const redis = await startRedis();
undo.push(() => redis.close());
const upstream = await startUpstream((_request, response) => void response.end('x'.repeat(1024)), {
  readsBodies: false,
});
undo.push(() => upstream.close());
const leaving = Array.from({ length: LOGOUTS }, (_one, at) => `l${at}`);
const staying = Array.from({ length: STAYING }, (_one, at) => `s${at}`);
const scene = await scenery(t, {
  upstream,
  apps: { wiki: OPEN('wiki') },
  store: redis.url,
  identityProvider: { accounts: [...leaving, ...staying].map((name) => account(name, 'pw', name, ['staff'])) },
});
const ports: number[] = [];
for (let at = 0; at < NODES; at += 1) ports.push((await nodeProcess(t, scene, at === 0 ? scene.port : undefined)).port);
const visitor = openBrowser();
scene.idp.registerServiceProvider((await visitor.request(`${scene.url}/saml/metadata`)).body);
visitor.close();

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
interface Answered {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}
const ask = (
  port: number,
  host: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const begunAt = performance.now();
    const method = body === undefined ? 'GET' : 'POST';
    const request = requestHttp(
      { agent, host: `${host}.test`, port, path, method, headers, lookup: toLoopback },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text, ms: performance.now() - begunAt }),
        );
      },
    );
    request.on('error', reject).end(body);
  });

const cookies = new Map<string, string>();
for (const name of [...leaving, ...staying]) {
  const browser = openBrowser();
  const form = await browser.visit(`http://wiki.test:${scene.port}/`);
  await browser.settle(await browser.submitForm(form, { username: name, password: 'pw' }));
  const sent = browser.cookies('wiki.test').map((cookie) => `${cookie.name}=${cookie.value}`);
  cookies.set(name, sent.join('; '));
  browser.close();
}
const page = (name: string, port: number): Promise<Answered> =>
  ask(port, 'wiki', '/page', { cookie: cookies.get(name) ?? '' });
for (const name of cookies.keys()) for (const port of ports) await page(name, port);

const spread = (figures: readonly number[]): string => {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? NaN).toFixed(1);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)} ms (${sorted.length})`;
};

const pages: number[] = [];
let failed = 0;
const over = new AbortController();
const asking = (async () => {
  const begunAt = performance.now();
  for (let one = 0; !over.signal.aborted; one += 1) {
    const name = staying[Math.floor(Math.random() * staying.length)] ?? '';
    void page(name, ports[one % NODES] ?? 0).then(({ status, ms }) =>
      status === 200 ? pages.push(ms) : (failed += 1),
    );
    await pause(Math.max(0, begunAt + ((one + 1) * 1000) / A_SECOND - performance.now()));
  }
})();

const alone = async (): Promise<string> => {
  pages.length = 0;
  await pause(3000);
  return spread(pages);
};
await pause(1000);
console.log(`pages at ${A_SECOND}/s before: ${await alone()}`);
pages.length = 0;
const took: number[] = [];
let stillServed = 0;
const stageLike = { ...scene, clock: { now: () => Date.now() } };
for (const [at, name] of leaving.entries()) {
  const xml = soapFor(stageLike as never, name);
  const headers = { 'content-type': 'text/xml; charset=utf-8', 'content-length': String(Buffer.byteLength(xml)) };
  const answer = await ask(ports[at % NODES] ?? 0, 'login', '/saml/slo/soap', headers, xml);
  if (!/:Success"/.test(answer.body)) throw new Error(`no Success: ${answer.status} ${answer.body}`);
  took.push(answer.ms);
  for (const port of ports) if ((await page(name, port)).status === 200) stillServed += 1;
  await pause(20);
}
console.log(`pages meanwhile: ${spread(pages)}; failed: ${failed}`);
console.log(`LogoutRequest to Success, ${NODES} processes: ${spread(took)}; still served after it: ${stillServed}`);
over.abort();
await asking;
agent.destroy();
for (const one of undo.toReversed()) await one();
