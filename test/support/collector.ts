// A collector for tests: takes spans by OTLP over HTTP as JSON, and reads them as they came over the wire.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';

/** One span; attributes by name, `service.name` of its resource among them. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly milliseconds: number;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** What has arrived. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The bodies, as they came. */
  readonly bodies: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** The span of that name, once it is there. */
  span(name: string): Promise<ReceivedSpan>;
  /** How posts are answered from now on: with a status, or not at all. */
  answer(how: number | 'never'): void;
}

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number };

interface Post {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: Value }[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly { key: string; value: Value }[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

/** Starts one; `tls` for https. It goes with the test. */
export async function startCollector(t: ExecutionContext, tls?: ServerOptions): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const sockets = new Set<Duplex>();
  const waiting: (() => void)[] = [];
  let how: number | 'never' = 200;
  const take: RequestListener = (request, response) => {
    void text(request).then((body) => {
      if (how === 'never') return;
      response.writeHead(how, { 'Content-Type': 'application/json' }).end('{}');
      if (how !== 200) return;
      bodies.push(body);
      headers.push(request.headers);
      spans.push(...spansIn(JSON.parse(body) as Post));
      for (const look of waiting.splice(0)) look();
    });
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/v1/traces`,
    spans,
    bodies,
    headers,
    async span(name) {
      for (;;) {
        const found = spans.find((span) => span.name === name);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    answer: (next) => void (how = next),
  };
}

const spansIn = ({ resourceSpans }: Post): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId ?? '' },
        ...{ name: span.name, kind: span.kind, isFailed: span.status?.code === 2 },
        milliseconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        attributes: { ...valuesOf(resource.attributes), ...valuesOf(span.attributes ?? []) },
      })),
    ),
  );

const valuesOf = (attributes: readonly { key: string; value: Value }[]): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? value.doubleValue)]),
  );
