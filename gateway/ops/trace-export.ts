// Sends spans to a collector, by OTLP over HTTP: in the background, in a queue with an end, and with one line in the log where a thousand were lost. The only
// file that has OpenTelemetry run; it is loaded where traces are configured, and not before.

import type { Span, SpanKind } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { setTimeout as pause } from 'node:timers/promises';
import type { Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { randomText } from '../kernel/random.ts';
import type { Place } from './trace-context.ts';
import type { TracingSettings } from './tracing-settings.ts';

export type { Span } from '@opentelemetry/api';

/** What makes spans, and takes them when they have ended. */
export interface Exporting {
  /** Begins the span of a request that arrives. */
  arrive(place: Place): Span;
  /** Begins a step within another. `isCall`: somebody else is asked. */
  step(name: string, isCall: boolean, within: Span): Span;
  /** Marks it as failed. */
  fail(span: Span): void;
  /** Sends what is left, for so long at most. Never rejects. */
  close(ms: number): Promise<void>;
}

/** Spans that wait to be sent, some 2 KiB each; more are lost. */
const MOST_WAITING = 2048;
const IN_ONE_POST = 512;
const SEND_EVERY_MS = 5000;
/** One attempt and its repetitions together. */
const TIMEOUT_MS = 5000;
/** The library's ExportResultCode. */
const SENT = 0;
const SAY_EVERY_MS = 60_000;

/** Opens it. Nothing is sent before there are spans. */
export async function openExporting(
  { endpoint, headers, ca, service }: TracingSettings,
  { log, elapsed }: { readonly log: Log; readonly elapsed: Elapsed },
): Promise<Exporting> {
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const { ROOT_CONTEXT, TraceFlags, trace } = api;
  const losses = openLosses(log, elapsed);
  const exporter = new OTLPTraceExporter({
    url: endpoint,
    headers: Object.fromEntries(headers),
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: 4,
    httpAgentOptions: { keepAlive: true, maxSockets: 2, ...(ca === undefined ? {} : { ca }) },
  });
  let begun = '';
  const ids = new sdk.RandomIdGenerator();
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': randomText(128) }),
    idGenerator: { generateTraceId: () => begun, generateSpanId: () => ids.generateSpanId() },
    spanProcessors: [bounded(sdk.BatchSpanProcessor, exporter, losses)],
  });
  const tracer = provider.getTracer('curfew');
  const start = (name: string, kind: SpanKind, within: typeof ROOT_CONTEXT): Span =>
    tracer.startSpan(name, { kind }, within);
  return {
    arrive({ traceId, parentId, isContinued }) {
      begun = traceId;
      const before = { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const within = isContinued ? trace.setSpanContext(ROOT_CONTEXT, before) : ROOT_CONTEXT;
      return start('HTTP', api.SpanKind.SERVER, within);
    },
    step: (name, isCall, within) =>
      start(name, isCall ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL, trace.setSpan(ROOT_CONTEXT, within)),
    fail: (span) => void span.setStatus({ code: api.SpanStatusCode.ERROR }),
    async close(ms) {
      const stop = new AbortController();
      const late = pause(ms, undefined, { signal: stop.signal }).catch(() => {});
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      stop.abort();
    },
  };
}

interface Losses {
  lost(spans: number, why: string): void;
  sent(): void;
}

/** The library's batches, with an end to waiting that can be counted: its own is silent. */
function bounded(
  Batches: new (options: {
    exporter: SpanExporter;
    maxQueueSize: number;
    maxExportBatchSize: number;
    scheduledDelayMillis: number;
  }) => SpanProcessor,
  exporter: SpanExporter,
  losses: Losses,
): SpanProcessor {
  let waiting = 0;
  const batches = new Batches({
    exporter: {
      export(spans, done) {
        waiting -= spans.length;
        exporter.export(spans, (result) => {
          if ((result.code as number) === SENT) losses.sent();
          else losses.lost(spans.length, String(result.error ?? 'refused'));
          done(result);
        });
      },
      shutdown: () => exporter.shutdown(),
    },
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: IN_ONE_POST,
    scheduledDelayMillis: SEND_EVERY_MS,
  });
  return {
    onStart: () => {},
    onEnd(span) {
      if (waiting >= MOST_WAITING) {
        losses.lost(1, `${MOST_WAITING} are waiting already`);
        return;
      }
      waiting += 1;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}

/** Says at once that spans are lost, then how many once a minute, and that it is over. */
function openLosses(log: Log, elapsed: Elapsed): Losses {
  let [unsaid, all] = [0, 0];
  let saidAt: number | undefined;
  return {
    lost(spans, why) {
      unsaid += spans;
      all += spans;
      if (saidAt !== undefined && elapsed() - saidAt < SAY_EVERY_MS) return;
      saidAt = elapsed();
      log.warn('traces-not-sent', { spans: unsaid, error: why });
      unsaid = 0;
    },
    sent() {
      if (saidAt === undefined) return;
      log.info('traces-sent-again', { spansLost: all });
      [unsaid, all, saidAt] = [0, 0, undefined];
    },
  };
}
