// What the rest of the house knows of an application's connection: one request in, one outcome out. No engine is named
// here.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CurfewError } from '../kernel/errors.ts';
import type { UpstreamTls } from '../kernel/words.ts';

/** Everything about an application that can be worked out at start-up. */
export interface UpstreamSettings {
  /** The app's name, for errors and logs. */
  readonly app: string;
  /** Origin only: scheme, host, port. */
  readonly origin: string;
  /** Where browsers that asked for this Host reach the app; answers name that instead of `origin`. Default: scheme and host of the passage. */
  readonly originAt?: ((host: string) => string) | undefined;
  /** Whether browsers may keep the pages that signed-in people are shown, as the app says. Default false: they keep none. */
  readonly keepsPages?: boolean | undefined;
  /** Names of identity headers the app may be sent: forgeries of these are removed in any spelling. */
  readonly identityHeaderNames: readonly string[];
  readonly connectTimeoutMs: number;
  /** Until the response headers. */
  readonly responseTimeoutMs: number;
  /** Between two pieces of a response body; 0 is never (event streams). */
  readonly idleTimeoutMs: number;
  /** While the browser sends nothing of its body, or takes nothing of the answer; 0, the default, is never. */
  readonly clientTimeoutMs?: number | undefined;
  /** Largest request body in bytes; 0 is no limit. */
  readonly maxBodyBytes: number;
  /** Connections to the app at most, upgraded ones not counted; as many requests again wait for one. Default 256. */
  readonly maxConnections?: number | undefined;
  /** For an https origin. */
  readonly tls?: UpstreamTls | undefined;
}

/** One end that a cut must reach; `live.Connection.add` fits. */
export interface CutPoint {
  add(end: { destroy(): void }): void;
  readonly isCut: boolean;
  /** From here on no logout ends it: for an answer that is itself about one. */
  release?(): void;
}

/** Where the app's cookies live in the gateway instead of the browser (P7, P10). */
export interface CookieJar {
  /** The Cookie header the app gets instead of the browser's; empty for none. */
  readonly cookie: string;
  /** Is given every Set-Cookie value of the answer, on 101 and refused upgrades too; answers those the browser may have. */
  keep(setCookies: readonly string[]): readonly string[];
  /** Set-Cookie values for the browser, whatever the app answers; they come before the app's. */
  readonly lines?: readonly string[] | undefined;
  /**
   * Is told the status and Location of the answer, after its cookies were kept. Where they say that the app has forgotten the person,
   * has them signed in to it again, and answers whether that has begun: a request that can be repeated is then `lapsed`.
   */
  readonly signInAgain?: ((status: number, location: string | undefined) => boolean) | undefined;
}

/** What the doors know of one request that may pass. */
export interface Passage {
  readonly requestId: string;
  /** Whom the socket is connected to; put at the end of X-Forwarded-For. */
  readonly clientAddress: string;
  /** The X-Forwarded-For chain to extend, empty where the sender is not trusted. */
  readonly forwardedFor: string;
  readonly proto: 'http' | 'https';
  /** The Host the browser asked for, as sent. */
  readonly host: string;
  /** Flat list name, value, name, value, as `compileIdentityHeaders` makes it: put in after all forgeries were removed. */
  readonly identityHeaders: readonly string[];
  /** Undefined for a request without a session (public paths). */
  readonly connection: CutPoint | undefined;
  /** Undefined: the app's cookies pass between it and the browser. */
  readonly jar?: CookieJar | undefined;
  /** What the app is told instead of the client's `traceparent`; undefined: the client's fields pass as they came. */
  readonly trace?: PassedTrace | undefined;
  /**
   * True where the door came by `checkContinue` and has not answered `Expect: 100-continue`: the engine answers when a
   * connection to the app is there, so that nobody uploads to an app that is down (RFC 9110 §10.1.1).
   */
  readonly awaitsContinue?: boolean | undefined;
}

/** Where a request stands in a trace, for the app. */
export interface PassedTrace {
  readonly traceparent: string;
  /** Whether the client's `tracestate` and `baggage` belong to it. */
  readonly isContinued: boolean;
}

/** How it ended. `failed`: nothing was sent to the browser yet, so an error page can be. */
export type Forwarded =
  | { readonly kind: 'done'; readonly status: number }
  | { readonly kind: 'cut'; readonly by: 'client' | 'upstream' | 'logout' }
  /** Nothing was sent: once the person is signed in to the app again, the same request can be forwarded again. */
  | { readonly kind: 'lapsed' }
  | { readonly kind: 'failed'; readonly error: CurfewError };

/** The way to one app. */
export interface Upstream {
  /** Streams the request to the app and the answer back, both with backpressure. Never rejects, always settles. */
  forward(request: IncomingMessage, response: ServerResponse, passage: Passage): Promise<Forwarded>;
  /**
   * Passes a WebSocket upgrade on. A logout ends it by the passage's connection: both ends at once, the browser's with a Close of 4401
   * where no frame is under way; so whoever registered the socket leaves it alone from here on. Never rejects; resolves when the connection is over, or
   * `failed` before anything was written.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, passage: Passage): Promise<Forwarded>;
  /**
   * The gateway is going to stop: WebSockets are closed with 1001 and no further one is opened; requests go on. They have no end of
   * their own that could be waited for (RFC 6455 §7.4.1).
   */
  closeTunnels(): void;
  /**
   * Another way to the app has taken the place of this one. What runs for a session ends by itself, or by its connection. Of nobody's, as nobody else
   * would ever judge it anew, WebSockets are closed with 1001, and of requests no byte is passed on any more after `graceMs`. Resolves when nothing is left.
   */
  giveUp(graceMs: number): Promise<void>;
  /** Ends everything that still runs, at once: whoever wants requests to finish waits for them first. */
  close(): Promise<void>;
}
