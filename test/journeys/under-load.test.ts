// What one does under load costs the others little: an app that hangs, an identity provider that signs a whole firm out.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import test from 'ava';
import { OPEN, stage } from '../support/gateway.ts';
import { post, formFor, postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { endlessApp } from './endless-app.ts';

const SLOW = `${OPEN('slow')}limits: { connections: 50 }\n`;

test.serial(
  'an app that hangs with all it may have open costs the other apps nothing, and its next is told at once',
  async (t) => {
    const app = await endlessApp(t);
    const scene = await stage(t, { upstream: app.upstream, apps: { slow: SLOW, wiki: OPEN('wiki') } });
    const browser = scene.browser();
    const ask = async (
      host: string,
      path: string,
    ): Promise<readonly [status: number, ms: number, retryAfter: unknown]> => {
      const begunAt = performance.now();
      const { status, headers } = await browser.request(scene.at(host, path), { mode: 'fetch' });
      return [status, performance.now() - begunAt, headers['retry-after']];
    };
    await ask('wiki', '/public/a');
    // Fifty are with the app, fifty wait for it.
    const hanging = Array.from({ length: 100 }, () => ask('slow', '/public/slow'));
    const held = [];
    while (held.length < 50) held.push(await app.held.next());
    const refused = await Promise.all(Array.from({ length: 200 }, () => ask('slow', '/public/slow')));
    for (const [status, , retryAfter] of refused) {
      t.is(status, 503);
      t.regex(String(retryAfter), /^\d+$/);
    }
    const others: number[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const [status, ms] = await ask('wiki', '/public/a');
      t.is(status, 200);
      others.push(ms);
    }
    const median = others.toSorted((a, b) => a - b)[50] ?? Infinity;
    t.log(`the other app's median is ${median.toFixed(1)} ms`);
    t.true(median < 100, `${median}`);
    for (const response of held) response.end('late');
    for (let left = 50; left > 0; left -= 1) (await app.held.next()).end('late');
    for (const [status] of await Promise.all(hanging)) t.is(status, 200);
  },
);

test.serial(
  'a hundred LogoutRequests at once never hold the event loop for longer than a request may wait',
  async (t) => {
    const scene = await stage(t);
    const soaps = Array.from({ length: 50 }, (_, at) => soapFor(scene, `person${at}`));
    const forms = Array.from({ length: 50 }, (_, at) => formFor(scene, `other${at}`));
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const answers = await Promise.all([
      ...soaps.map((body) => postSoap(scene, body)),
      ...forms.map((body) =>
        post(`${scene.url}/saml/slo`, body, { 'content-type': 'application/x-www-form-urlencoded' }),
      ),
    ]);
    delay.disable();
    for (const answer of answers.slice(0, 50)) t.deepEqual(soapCodes(scene, answer), SUCCESS);
    for (const { status } of answers) t.is(status, 200);
    t.log(`held for ${(delay.max / 1e6).toFixed(0)} ms at most, p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms`);
    t.true(delay.max / 1e6 < 500, `${delay.max / 1e6} ms`);
  },
);
