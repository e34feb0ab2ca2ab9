// Moves one request, or one upgraded connection, between browser and application. The only file that knows which
// engines do it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CurfewError } from '../kernel/errors.ts';

/** Everything about an application that can be worked out at start-up. Made by `compileUpstream`. */
export interface UpstreamSettings {
  /** The app's name, for errors and logs. */
  readonly app: string;
  /** Origin only: scheme, host, port. */
  readonly origin: string;
  /** Names of identity headers the app may be sent: forgeries of these are removed in any spelling. */
  readonly identityHeaderNames: readonly string[];
  readonly connectTimeoutMs: number;
  /** Until the response headers. */
  readonly responseTimeoutMs: number;
  /** Between two pieces of a response body; 0 is never (event streams). */
  readonly idleTimeoutMs: number;
  /** Largest request body in bytes; 0 is no limit. */
  readonly maxBodyBytes: number;
}

/** One end that a cut must reach; `live.Connection.add` fits. */
export interface CutPoint {
  add(end: { destroy(): void }): void;
  readonly isCut: boolean;
}

/** What the doors know of one request that may pass. */
export interface Passage {
  readonly requestId: string;
  /** Address of the client: the socket's, or what a trusted proxy says. */
  readonly clientAddress: string;
  /** The X-Forwarded-For chain to extend, empty where the sender is not trusted. */
  readonly forwardedFor: string;
  readonly proto: 'http' | 'https';
  /** The Host the browser asked for, as sent. */
  readonly host: string;
  /** Flat list name, value, name, value: put in after all forgeries were removed. */
  readonly identityHeaders: readonly string[];
  /** Undefined for a request without a session (public paths). */
  readonly connection: CutPoint | undefined;
}

/** How it ended. `failed`: nothing was sent to the browser yet, so an error page can be. */
export type Forwarded =
  | { readonly kind: 'done'; readonly status: number }
  | { readonly kind: 'cut'; readonly by: 'client' | 'upstream' | 'logout' }
  | { readonly kind: 'failed'; readonly error: CurfewError };

export interface Upstream {
  /** Streams the request to the app and the answer back, both with backpressure. Never rejects. */
  forward(request: IncomingMessage, response: ServerResponse, passage: Passage): Promise<Forwarded>;
  /** Passes an upgrade (WebSocket) on. Never rejects; resolves when the connection is over, or `failed` before anything was written. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, passage: Passage): Promise<Forwarded>;
  close(): Promise<void>;
}
