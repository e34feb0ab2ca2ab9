// Traces (docs/tracing.md): what the collector is told of a sign-in, a page and a logout, and what it is never told.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startCollector, type Collector, type ReceivedSpan } from '../support/collector.ts';
import { stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';
import { endlessApp } from './endless-app.ts';

const APP = `app: wiki
hosts: [wiki.test]
upstream: \${UPSTREAM}
access: [{ paths: [/public/**], allow: anyone }, { allow: authenticated }]
identity: { headers: { Remote-User: "\${nameId}" } }
signOut:
  call: { path: /logout }
`;

const WIKI = { apps: { wiki: APP } };

const TRACED = (collector: Collector, more = 'sample: 1'): string =>
  `tracing: { endpoint: "${collector.url}", ${more} }`;

async function tracedStage(
  t: ExecutionContext,
  more?: string,
  options: StageOptions = {},
): Promise<{ scene: Stage; collector: Collector }> {
  const collector = await startCollector(t);
  const gateway = `${options.gateway ?? ''}\n${TRACED(collector, more)}`;
  return { collector, scene: await stage(t, { ...WIKI, ...options, gateway }) };
}

/** The spans of one trace as a tree, each line indented by how deep it is. */
function tree(spans: readonly ReceivedSpan[], parent = '', depth = 0): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...tree(spans, span.spanId, depth + 1)]);
}

const traceOf = ({ spans }: Collector, { traceId }: ReceivedSpan): ReceivedSpan[] =>
  spans.filter((span) => span.traceId === traceId);

test('a page is one span of the server, its admission and its way to the app, whose part hangs under that (W3C Trace Context §3.2)', async (t) => {
  const { scene, collector } = await tracedStage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.visit(scene.at('wiki', '/page?of=mine'));
  const last = scene.upstream.requests.at(-1);
  await scene.running.close(0);
  const traceparent = (last && headerValues(last, 'traceparent').join()) ?? '';
  const [, traceId, id] = traceparent.split('-');
  const upstream = collector.spans.find(({ spanId }) => spanId === id);
  t.is(upstream?.name, 'upstream wiki');
  t.is(upstream?.traceId, traceId);
  t.is(upstream?.kind, 3);
  t.is(upstream?.attributes['http.response.status_code'], 200);
  const trace = upstream ? traceOf(collector, upstream) : [];
  t.deepEqual(tree(trace), ['GET wiki', '  admit', '  upstream wiki']);
  const [server] = trace.filter(({ kind }) => kind === 2);
  t.like(server?.attributes, {
    'curfew.app': 'wiki',
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'service.name': 'curfew',
  });
  const line = scene.lines.filter(({ event }) => event === 'request').at(-1);
  t.is(line?.facts['trace_id'], traceId);
});

test('a sign-in says how long its message took to verify, and what the store was asked', async (t) => {
  const { scene, collector } = await tracedStage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  await scene.running.close(0);
  const verify = collector.spans.filter(({ name }) => name === 'verify').at(-1);
  t.like(verify?.attributes, {
    'curfew.saml.message': 'Response',
    'curfew.idp': 'corp',
    'curfew.saml.binding': 'post',
  });
  const names = tree(verify ? traceOf(collector, verify) : []);
  t.is(names[0], 'POST curfew');
  t.true(names.includes('  store begin'), names.join('\n'));
  const refused = collector.spans.filter(({ attributes }) => attributes['curfew.outcome'] === 'sign-in');
  t.is(refused[0]?.name, 'admit');
});

test('a logout shows where its milliseconds went: the message, the four steps, and each goodbye with its outcome', async (t) => {
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'Set-Cookie': 'LEGACY=its-own-session; Path=/' }).end();
  });
  t.teardown(() => upstream.close());
  const { scene, collector } = await tracedStage(t, 'sample: 1', { upstream });
  await scene.signedIn('alice', scene.at('wiki'));
  const answer = await postSoap(scene, soapFor(scene, 'alice'));
  t.deepEqual(soapCodes(scene, answer), SUCCESS);
  const goodbye = scene.upstream.requests.find(({ url }) => url === '/logout');
  await scene.running.close(0);
  const ended = await collector.span('end-session');
  const trace = traceOf(collector, ended);
  const steps = trace.filter(({ parentSpanId }) => parentSpanId === ended.spanId).map(({ name }) => name);
  t.deepEqual(steps, ['end-session.close', 'end-session.cut', 'end-session.goodbyes', 'end-session.forget']);
  t.is(ended.attributes['curfew.reason'], 'idp-logout');
  const [said] = trace.filter(({ name }) => name === 'goodbye wiki');
  t.is(said?.attributes['curfew.outcome'], 'told');
  t.is(goodbye && headerValues(goodbye, 'traceparent').join(), `00-${said?.traceId}-${said?.spanId}-01`);
  t.like(trace.find(({ name }) => name === 'verify')?.attributes, { 'curfew.saml.message': 'LogoutRequest' });
  t.is(tree(trace)[0], 'POST curfew');
});

test('no span names a person, a path, a query, a host, a session, a cookie or a secret', async (t) => {
  const { scene, collector } = await tracedStage(t, 'sample: 1, headers: { X-Key: key-of-the-collector }');
  const browser = await scene.signedIn('alice', scene.at('wiki', '/very/secret/path?query=word'));
  await browser.visit(scene.at('wiki', '/very/secret/path?query=word'));
  await browser.visit(scene.at('wiki', '/other'), { headers: { 'X-Secret': 'word-of-a-header' } });
  await scene.browser().request(`http://evil-host.test:${new URL(scene.url).port}/`);
  await postSoap(scene, 'no message at all word');
  await postSoap(scene, soapFor(scene, 'alice'));
  await scene.running.close(0);
  const bodies = collector.bodies.join('\n');
  t.true(bodies.includes('end-session'));
  const sessions = scene.audit.flatMap((event) => ('session' in event ? [event.session ?? ''] : []));
  t.true(sessions.length > 0);
  const cookies = browser.cookies('wiki.test').map(({ value }) => value);
  const never = ['alice', 'secret', 'word', 'query', 'evil-host', '.test', '127.0.0.1', 'key-of-the-collector'];
  for (const one of [...never, ...sessions, ...cookies])
    t.false(one !== '' && bodies.includes(one), `a span holds ${one}`);
  const known = new Set(collector.spans.flatMap(({ attributes }) => Object.keys(attributes)));
  t.deepEqual(
    [...known].filter((name) => !/^(?:curfew|http|db|error|url\.scheme|service)\b/.test(name)),
    [],
  );
  t.is(collector.headers[0]?.['x-key'], 'key-of-the-collector');
});

const STRANGER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const WITH_TRACE = { traceparent: STRANGER, tracestate: 'other=1', baggage: 'who=alice' };

test('a stranger’s trace ends at the gateway, and its sampled flag makes no trace (W3C Trace Context §6.2)', async (t) => {
  const { scene, collector } = await tracedStage(t, 'sample: 0');
  await scene.browser().request(scene.at('wiki', '/public/x'), { headers: WITH_TRACE });
  const [request] = scene.upstream.requests.slice(-1);
  await scene.running.close(0);
  t.regex((request && headerValues(request, 'traceparent').join()) ?? '', /^00-(?!4bf9)[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  t.deepEqual(request && [headerValues(request, 'tracestate'), headerValues(request, 'baggage')], [[], []]);
  t.deepEqual(collector.spans, []);
});

for (const [what, more, gateway] of [
  ['of a trusted proxy', 'sample: 0', 'trustedProxies: [127.0.0.1]'],
  ['of anyone, where trust says so', 'sample: 0, trust: anyone', ''],
] as const) {
  test(`the trace ${what} is gone on with, by what its flags say (W3C Trace Context §4.3)`, async (t) => {
    const { scene, collector } = await tracedStage(t, more, { gateway });
    const ask = (headers: Readonly<Record<string, string>>) =>
      scene.browser().request(scene.at('wiki', '/public/x'), { headers });
    await ask({ ...WITH_TRACE });
    await ask({ ...WITH_TRACE, traceparent: STRANGER.replace(/01$/, '00') });
    const [sampled, not] = scene.upstream.requests.slice(-2);
    await scene.running.close(0);
    const server = await collector.span('GET wiki');
    t.is(server.parentSpanId, '00f067aa0ba902b7');
    t.is(server.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
    const upstream = await collector.span('upstream wiki');
    t.is(sampled && headerValues(sampled, 'traceparent').join(), `00-${server.traceId}-${upstream.spanId}-01`);
    t.deepEqual(sampled && headerValues(sampled, 'tracestate'), ['other=1']);
    t.deepEqual(sampled && headerValues(sampled, 'baggage'), ['who=alice']);
    t.is(not && headerValues(not, 'traceparent').join(), STRANGER.replace(/01$/, '00'));
    t.is(collector.spans.filter(({ kind }) => kind === 2).length, 1);
  });
}

test('where nothing is traced the fields pass as they came, and none is made', async (t) => {
  const scene = await stage(t, WIKI);
  await scene.browser().request(scene.at('wiki', '/public/x'), { headers: WITH_TRACE });
  await scene.browser().request(scene.at('wiki', '/public/x'));
  const [first, second] = scene.upstream.requests.slice(-2);
  t.deepEqual(first && headerValues(first, 'traceparent'), [STRANGER]);
  t.deepEqual(first && headerValues(first, 'baggage'), ['who=alice']);
  t.deepEqual(second && headerValues(second, 'traceparent'), []);
});

test('what fails is said by its reason code, and lines of the log name its trace', async (t) => {
  const { scene, collector } = await tracedStage(t);
  await scene.upstream.close();
  const answer = await scene.browser().request(scene.at('wiki', '/public/x'));
  t.is(answer.status, 502);
  await scene.running.close(0);
  const server = await collector.span('GET wiki');
  t.true(server.isFailed);
  t.is(server.attributes['curfew.code'], 'UPSTREAM_REFUSED');
  t.is((await collector.span('upstream wiki')).attributes['error.type'], 'UPSTREAM_REFUSED');
  const line = scene.lines.find(({ event }) => event === 'request-failed');
  t.is(line?.facts['trace_id'], server.traceId);
});

test('other settings are taken over while the gateway runs, and none switch tracing off (docs/reload.md)', async (t) => {
  const scene = await stage(t, WIKI);
  const collector = await startCollector(t);
  const file = join(scene.folder, 'gateway.yaml');
  const plain = await readFile(file, 'utf8');
  const ask = () => scene.browser().request(scene.at('wiki', '/public/x'));
  await ask();
  await writeFile(file, `${plain}${TRACED(collector)}\n`);
  const applied = await scene.running.reload('signal');
  t.like(applied, { result: 'applied' });
  await ask();
  await writeFile(file, plain);
  await scene.running.reload('signal');
  await ask();
  const traced = scene.upstream.requests.slice(-3).map((request) => headerValues(request, 'traceparent').length);
  t.deepEqual(traced, [0, 1, 0]);
  await scene.running.close(0);
  t.is(collector.spans.filter(({ kind }) => kind === 2).length, 1);
});

test('a WebSocket is one span until it is closed, and the app is told of it in the handshake', async (t) => {
  const app = await endlessApp(t);
  const { scene, collector } = await tracedStage(t, 'sample: 1', { upstream: app.upstream });
  const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
  const socket = await browser.openWebSocket(scene.at('wiki', '/socket'));
  const handshake = app.upstream.requests.find(({ url }) => url === '/socket');
  await postSoap(scene, soapFor(scene, 'alice'));
  await socket.closed;
  await scene.running.close(0);
  const traceparent = (handshake && headerValues(handshake, 'traceparent').join()) ?? '';
  const upstream = collector.spans.find(({ spanId }) => traceparent.includes(spanId));
  t.like(upstream, { name: 'upstream wiki', kind: 3 });
  t.is(upstream?.attributes['curfew.outcome'], 'cut by logout');
  t.deepEqual(tree(upstream ? traceOf(collector, upstream) : []), ['GET wiki', '  admit', '  upstream wiki']);
  const cut = await collector.span('end-session.cut');
  t.is(cut.attributes['curfew.connections'], 1);
});

test('audit lines name the trace of the request that they are about', async (t) => {
  const { scene, collector } = await tracedStage(t, 'sample: 0');
  await scene.signedIn('alice', scene.at('wiki'));
  await postSoap(scene, soapFor(scene, 'alice'));
  await scene.running.close(0);
  t.deepEqual(collector.spans, [], 'unsampled traces have names as well');
  const named = scene.traced.filter(({ event }) => event === 'session-ended' || event === 'logout-request');
  t.is(named.length, 2);
  t.is(new Set(named.map(({ traceId }) => traceId)).size, 1);
  t.regex(named[0]?.traceId ?? '', /^[0-9a-f]{32}$/);
  t.true(scene.traced.some(({ event, traceId }) => event === 'sign-in' && traceId !== named[0]?.traceId));
});
