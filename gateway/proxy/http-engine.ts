// Requests to one app through undici: one pool, one exchange a request.

import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CurfewError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { proxyError } from './codes.ts';
import { connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { upstreamError } from './failure.ts';
import type { HeaderRules } from './header-rules.ts';
import { ConnectionPool, DEFAULT_CONNECTIONS } from './pool.ts';
import { isPath } from './request-target.ts';
import type { Route } from './route.ts';
import type { Forwarded, Passage, UpstreamSettings } from './upstream.ts';

/** Requests to one app. `forward` never rejects; `close` cuts what runs. */
export interface HttpEngine {
  forward(request: IncomingMessage, response: ServerResponse, passage: Passage): Promise<Forwarded>;
  /** Lets what runs end by itself, what runs for nobody for so long; resolves when it has. */
  giveUp(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens the pool of one app. */
export function openHttp(settings: UpstreamSettings, rules: HeaderRules, log: Log): HttpEngine {
  const route: Route = {
    settings,
    rules,
    pool: openPool(settings, log),
    servername: new URL(settings.origin).hostname,
    isLeft: false,
  };
  return {
    // One promise a request: an async function would make three.
    forward: (request, response, passage) =>
      new Promise<Forwarded>((resolve) => {
        const refusal = refusalOf(request, settings);
        if (refusal !== undefined) {
          // The body is not read to its end, so nothing can follow on this connection.
          response.shouldKeepAlive = false;
          resolve({ kind: 'failed', error: refusal });
          return;
        }
        try {
          new Exchange(route, request, response, passage, resolve).begin();
        } catch (error) {
          resolve({ kind: 'failed', error: upstreamError(error, settings.app) });
        }
      }),
    giveUp: async (graceMs) => {
      const late = setTimeout(() => (route.isLeft = true), graceMs).unref();
      await route.pool.giveUp();
      clearTimeout(late);
    },
    close: () => route.pool.close(),
  };
}

function openPool(settings: UpstreamSettings, log: Log): ConnectionPool {
  const open = connections(settings);
  return new ConnectionPool(settings.maxConnections ?? DEFAULT_CONNECTIONS, () => {
    const client = open();
    const emitter: EventEmitter = client;
    // Without a listener an error of undici's own would end the process.
    emitter.on('error', (error: unknown) => log.error('upstream-engine', { app: settings.app, cause: String(error) }));
    return client;
  });
}

/** Why a request is not even tried, in the order of what costs least. */
function refusalOf(request: IncomingMessage, settings: UpstreamSettings): CurfewError | undefined {
  const facts = { detail: { app: settings.app } };
  if (request.method === 'TRACE') return proxyError('TRACE_REFUSED', facts);
  if (!isPath(request.url)) return proxyError('REQUEST_TARGET_REFUSED', facts);
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return proxyError('TRANSFER_CODING_UNKNOWN', facts);
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (settings.maxBodyBytes > 0 && length > settings.maxBodyBytes) {
    return proxyError('BODY_TOO_LARGE', { detail: { app: settings.app, limitBytes: settings.maxBodyBytes } });
  }
  return undefined;
}
