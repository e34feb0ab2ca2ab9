// Traces and their collector: what runs in which, and what becomes of them when nobody takes them.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Log } from '../../gateway/kernel/log.ts';
import type { Step, Trace } from '../../gateway/kernel/tracing.ts';
import { openTraces, type Traces } from '../../gateway/ops/tracing.ts';
import type { TracingSettings } from '../../gateway/ops/tracing-settings.ts';
import { newSigner } from '../support/certificates.ts';
import { startCollector, type Collector } from '../support/collector.ts';
import { needing } from '../support/needing.ts';

interface Line {
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

const settingsFor = (endpoint: string, more: Partial<TracingSettings> = {}): TracingSettings => ({
  ...{ endpoint, headers: new Map(), ca: undefined, sample: 1, service: 'curfew', trust: 'proxies' },
  ...more,
});

async function open(settings: TracingSettings) {
  const lines: Line[] = [];
  const note = (event: string, facts?: Line['facts']): void => void lines.push({ event, facts });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const clock = { elapsed: 0 };
  const traces = openTraces({ log, elapsed: () => clock.elapsed });
  (await traces.prepare(settings))();
  return { traces, lines, clock };
}

const began = { method: 'GET', scheme: 'https' };

function arrive(t: ExecutionContext, traces: Traces): Trace {
  const trace = traces.arrive(undefined, false);
  if (trace === undefined) throw new Error('nothing is traced');
  t.true(trace.isSampled);
  return trace;
}

/** One request with one step in it. */
function request(t: ExecutionContext, traces: Traces): void {
  const trace = arrive(t, traces);
  traces.within(trace, began, () => traces.step('admit', {}, () => {}));
  trace.end({ status: 200 });
}

const nameAndParent = ({ spans }: Collector) =>
  spans.map(({ name, parentSpanId }) => [name, spans.find(({ spanId }) => spanId === parentSpanId)?.name]);

test('steps hang under what they run in, also after something was waited for', async (t) => {
  const collector = await startCollector(t);
  const { traces } = await open(settingsFor(collector.url));
  const trace = arrive(t, traces);
  await traces.within(trace, began, async () => {
    await traces.step('end-session', {}, async () => {
      await Promise.resolve();
      await Promise.all(['wiki', 'chat'].map((app) => traces.step('goodbye', { app }, () => Promise.resolve())));
    });
    await traces.step('store', { operation: 'end' }, () => Promise.resolve());
  });
  trace.end({ status: 200 });
  await traces.close(5000);
  t.deepEqual(nameAndParent(collector), [
    ['goodbye wiki', 'end-session'],
    ['goodbye chat', 'end-session'],
    ['end-session', 'GET curfew'],
    ['store end', 'GET curfew'],
    ['GET curfew', undefined],
  ]);
});

test('a step is answered with what its work is, failures too, and is marked as failed by a code alone', async (t) => {
  const collector = await startCollector(t);
  const { traces } = await open(settingsFor(collector.url));
  const trace = arrive(t, traces);
  const secret = Object.assign(new Error('alice at /secret'), { code: 'ECONNREFUSED' });
  await traces.within(trace, began, async () => {
    t.is(
      traces.step('admit', {}, () => 7),
      7,
    );
    await t.throwsAsync(
      traces.step('store', {}, () => Promise.reject(secret)),
      { is: secret },
    );
    t.throws(
      () =>
        traces.step('verify', {}, () => {
          throw new TypeError('alice');
        }),
      { instanceOf: TypeError },
    );
  });
  trace.end({});
  await traces.close(5000);
  const failed = collector.spans.filter(({ isFailed }) => isFailed);
  t.deepEqual(
    failed.map(({ name, attributes }) => [name, attributes['error.type']]),
    [
      ['store', 'ECONNREFUSED'],
      ['verify', 'TypeError'],
    ],
  );
  t.notRegex(collector.bodies.join(), /alice|secret/);
});

test('what goes on after its request is over is of no other request, and adds nothing', async (t) => {
  const collector = await startCollector(t);
  const { traces } = await open(settingsFor(collector.url));
  const trace = arrive(t, traces);
  let later = (): void => {};
  let kept: Step | undefined;
  traces.within(trace, began, () => {
    const resume = Promise.withResolvers<undefined>();
    void resume.promise.then(() => traces.step('store', { operation: 'late' }, () => {}));
    later = () => resume.resolve(undefined);
    traces.step('upstream', { app: 'wiki' }, (step) => void (kept = step));
  });
  trace.end({ status: 200 });
  later();
  await Promise.resolve();
  kept?.note({ app: 'late' });
  await traces.close(5000);
  t.deepEqual(nameAndParent(collector), [
    ['upstream wiki', 'GET curfew'],
    ['GET curfew', undefined],
  ]);
  t.notRegex(collector.bodies.join(), /late/);
});

test('what is opened apart carries no trace along to those it serves later', async (t) => {
  const collector = await startCollector(t);
  const { traces } = await open(settingsFor(collector.url));
  const trace = arrive(t, traces);
  const heard: (string | undefined)[] = [];
  const server = createServer((socket) => socket.end('x'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await traces.within(trace, began, () =>
    traces.step('upstream', { app: 'wiki' }, async () => {
      const connection = traces.apart(() => connect(port, '127.0.0.1'));
      const inside = connect(port, '127.0.0.1');
      const told = [connection, inside].map(async (socket, at) => {
        await new Promise<void>((resolve) =>
          socket.on('data', () => {
            heard[at] = traces.traceId();
            resolve();
          }),
        );
        socket.destroy();
      });
      await Promise.all(told);
    }),
  );
  trace.end({});
  await traces.close(5000);
  t.deepEqual(heard, [undefined, trace.traceId]);
});

test('a collector that never answers holds no request, takes no more than its queue, and costs one line a minute', async (t) => {
  const collector = await startCollector(t);
  collector.answer('never');
  const { traces, lines, clock } = await open(settingsFor(collector.url));
  for (let requests = 0; requests < 3000; requests += 1) request(t, traces);
  t.deepEqual(
    lines.map(({ event }) => event),
    ['traces-not-sent'],
  );
  clock.elapsed = 61_000;
  request(t, traces);
  t.is(lines.length, 2);
  const lost = lines.reduce((sum, { facts }) => sum + Number(facts?.['spans']), 0);
  // Six thousand and one, less those that wait and those that are under way.
  t.true(lost > 3000 && lost < 6002, `${lost} lost`);
  const begunAt = performance.now();
  await traces.close(50);
  t.true(performance.now() - begunAt < 2000, 'stopping waited for it');
});

test('where the collector refuses, it is said what was lost and when that is over', async (t) => {
  const collector = await startCollector(t);
  const { traces, lines } = await open(settingsFor(collector.url));
  collector.answer(400);
  for (let requests = 0; requests < 300; requests += 1) request(t, traces);
  await untilTrue(() => lines.length > 0);
  collector.answer(200);
  for (let requests = 0; requests < 300; requests += 1) request(t, traces);
  await traces.close(5000);
  t.deepEqual(
    lines.map(({ event }) => event),
    ['traces-not-sent', 'traces-sent-again'],
  );
  t.is(lines[1]?.facts?.['spansLost'], 1200 - collector.spans.length);
});

test('what has ended before other settings count is sent by those before, and nothing once there are none', async (t) => {
  const [first, second] = [await startCollector(t), await startCollector(t)];
  const { traces } = await open(settingsFor(first.url));
  request(t, traces);
  const ready = await traces.prepare(settingsFor(second.url, { service: 'other' }));
  request(t, traces);
  ready();
  request(t, traces);
  (await traces.prepare(undefined))();
  t.is(traces.arrive(undefined, false), undefined);
  await traces.close(5000);
  t.is(first.spans.length, 4);
  t.is(second.spans.length, 2);
  t.is(second.spans[0]?.attributes['service.name'], 'other');
});

needing('openssl')(
  'a collector over TLS is believed by the authorities that are configured, and by no others',
  async (t) => {
    const signer = newSigner();
    const collector = await startCollector(t, signer.sign(['localhost']));
    const [stranger, known] = [
      await open(settingsFor(collector.url)),
      await open(settingsFor(collector.url, { ca: signer.cert })),
    ];
    request(t, stranger.traces);
    request(t, known.traces);
    await Promise.all([stranger.traces.close(5000), known.traces.close(5000)]);
    t.is(collector.spans.length, 2);
    t.deepEqual(
      [stranger, known].map(({ lines }) => lines.map(({ event }) => event)),
      [['traces-not-sent'], []],
    );
  },
);

async function untilTrue(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve));
}
