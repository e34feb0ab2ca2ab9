// Traces of what does not come by HTTP/1.1 to one process: over HTTP/2, over the back channel, to several workers (docs/tracing.md).

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { openBrowser } from '../support/browser.ts';
import { newSigner, writePairs } from '../support/certificates.ts';
import { startCollector, type Collector, type ReceivedSpan } from '../support/collector.ts';
import { OPEN, scenery, stage } from '../support/gateway.ts';
import { ask, openHttp2 } from '../support/http2-client.ts';
import { fieldsFor, signed, soapCodes, SUCCESS } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { untilReady } from '../support/nodes.ts';
import { overTls } from '../support/over-tls.ts';
import { startRedis } from '../support/redis.ts';
import { headerValues } from '../support/upstream.ts';
import { serving } from './child.ts';

const all = ({ url }: Collector): string => `tracing: { endpoint: "${url}", sample: 1 }`;

const under = ({ spans }: Collector, { spanId }: ReceivedSpan): string[] =>
  spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name);

needing('openssl')('each stream of an HTTP/2 connection is a trace of its own, which the app is told of', async (t) => {
  const collector = await startCollector(t);
  const signer = newSigner();
  const pairs = { one: signer.sign(['login.test', 'wiki.test']) };
  const { scene, port } = await overTls(t, pairs, ', http2: true', { gateway: all(collector) });
  const session = await openHttp2(t, { port, ca: signer.cert, servername: 'wiki.test' });
  const page = { ':path': '/public/x', ':authority': `wiki.test:${port}` };
  const answers = await Promise.all([ask(session, page), ask(session, page)]);
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  const told = scene.upstream.requests.map((seen) => headerValues(seen, 'traceparent').join());
  await scene.running.close(0);
  const servers = collector.spans.filter(({ kind, name }) => kind === 2 && name === 'GET wiki');
  t.is(new Set(servers.map(({ traceId }) => traceId)).size, 2);
  for (const server of servers) {
    t.deepEqual(under(collector, server), ['admit', 'upstream wiki']);
    t.is(server.attributes['url.scheme'], 'https');
    t.is(server.attributes['http.response.status_code'], 200);
  }
  const upstreams = collector.spans.filter(({ name }) => name === 'upstream wiki');
  t.deepEqual(told.sort(), upstreams.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`).sort());
});

needing('openssl')('a LogoutRequest over the back channel is a trace down to the session that ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-traced-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [servers, clients] = [newSigner('servers'), newSigner('clients')];
  writePairs(join(folder, 'tls'), { a: servers.sign(['login.test']) });
  writeFileSync(join(folder, 'clients.pem'), clients.cert);
  const collector = await startCollector(t);
  const scene = await stage(t, {
    listen: ', backchannel: 127.0.0.1:0',
    gateway: `tls: { certificates: ${folder}/tls, clientCa: ${folder}/clients.pem }\nbackchannelUrl: https://login.test:8444\n${all(collector)}`,
  });
  await scene.signedIn('alice', scene.at('wiki'));
  const fields = { ...fieldsFor(scene, 'alice'), destination: 'https://login.test:8444/saml/slo/soap' };
  const asked = request({
    ...{ host: '127.0.0.1', port: scene.running.backchannel?.port, servername: 'login.test', ca: servers.cert },
    ...{ method: 'POST', path: '/saml/slo/soap', agent: false, ...clients.sign(['idp.test']) },
  });
  asked.end(soapEnvelope(signed(scene, fields)));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  t.deepEqual(soapCodes(scene, answer), SUCCESS);
  await scene.running.close(0);
  const ended = await collector.span('end-session');
  const server = collector.spans.find(({ spanId }) => spanId === ended.parentSpanId);
  t.like(server, { name: 'POST curfew', kind: 2 });
  t.true(server && under(collector, server).includes('verify'));
});

needing('redis-server')(
  'every worker sends its own traces, also what it had not sent when it is stopped',
  async (t) => {
    const [collector, redis] = [await startCollector(t), await startRedis()];
    t.teardown(() => redis.close());
    const scene = await scenery(t, { apps: { wiki: OPEN('wiki') }, store: redis.url, gateway: all(collector) });
    const child = await serving(t, scene.folder, [], {}, ['--workers', '2']);
    const browser = openBrowser();
    t.teardown(() => browser.close());
    const page = `http://wiki.test:${scene.port}/public/x`;
    const served = () => child.lines.filter(({ event }) => event === 'request');
    const workers = () => new Set(served().map(({ worker }) => worker));
    await untilReady(async () => {
      await browser.request(page, { headers: { connection: 'close' } });
      if (workers().size < 2) throw new Error('one worker has served nothing yet');
    });
    t.is(await child.stop('SIGINT'), 0);
    const traced = collector.spans.filter(({ name }) => name === 'GET wiki').map(({ traceId }) => traceId);
    t.deepEqual(traced.sort(), served().map((line) => String(line['trace_id'])).sort()); // prettier-ignore
  },
);
