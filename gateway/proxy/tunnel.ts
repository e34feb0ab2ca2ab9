// One upgraded connection: both ends, and how it ended.

import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { keepFromCaches } from './caching.ts';
import { proxyError } from './codes.ts';
import { cutOff } from './cut-off.ts';
import { upstreamError } from './failure.ts';
import { CLOSE_FRAMES, FrameFollower } from './frames.ts';
import type { HeaderRules } from './header-rules.ts';
import { CONTENT_LENGTH, firstValue, removeNamed, responseHead } from './response-headers.ts';
import type { Forwarded, Passage, UpstreamSettings } from './upstream.ts';

/** How long a browser may take to answer a Close; nothing passes any more meanwhile. */
const CLOSE_LIMIT_MS = 1000;

/** What one upgrade is made of. */
export interface TunnelParts {
  readonly settings: UpstreamSettings;
  readonly rules: HeaderRules;
  /** The path that was judged, sent as it is. */
  readonly path: string;
  /** The browser's end. */
  readonly socket: Duplex;
  readonly passage: Passage;
}

/** One upgrade under way. `outcome` resolves exactly once and never rejects. */
export class Tunnel {
  readonly outcome: Promise<Forwarded>;
  readonly #parts: TunnelParts;
  readonly #resolve: (outcome: Forwarded) => void;
  #request: ClientRequest | undefined;
  #upstream: Duplex | undefined;
  #waiting: NodeJS.Timeout | undefined;
  /** Of the answer the browser has been sent; 0 while there is none. */
  #status = 0;
  #isSettled = false;
  /** Of what the app has said since the switch. */
  readonly #frames = new FrameFollower();

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<Forwarded>();
    this.outcome = promise;
    this.#resolve = resolve;
  }

  /** Whether it belongs to no session. */
  get isOfNobody(): boolean {
    return this.#parts.passage.connection === undefined;
  }

  /** Joins the live connection; false where it is cut, or the browser gone, already. */
  join(): boolean {
    const { socket, passage } = this.#parts;
    // The browser may leave before the app has answered; http-proxy would keep the app's end open then.
    if (socket.destroyed) this.#onBrowserGone();
    else socket.on('close', () => this.#onBrowserGone()).on('end', this.#leave);
    passage.connection?.add(this);
    if (passage.connection?.isCut === true) this.destroy();
    return !this.#isSettled;
  }

  /** Inside `proxyReqWs`, before a byte is sent. */
  begin(request: ClientRequest): void {
    const { path, settings } = this.#parts;
    this.#request = request;
    request.path = path;
    request.on('upgrade', (response, upstream) => this.#onUpgrade(response, upstream));
    if (settings.responseTimeoutMs > 0) {
      this.#waiting = setTimeout(() => {
        this.fail(proxyError('UPSTREAM_TIMEOUT', { detail: { app: settings.app } }));
      }, settings.responseTimeoutMs);
    }
  }

  /**
   * Puts our listeners in place of http-proxy's: its own for a refused upgrade buffers the whole body, frames a 204 and leaves
   * the browser waiting where the app breaks off; its own for errors closes the browser's end before an error page was sent.
   */
  takeOver(): void {
    const request = this.#request;
    if (request === undefined) {
      this.fail(new Error('the engine made no request'));
      return;
    }
    request.removeAllListeners('response').on('response', (response) => this.#onRefusal(response));
    request.removeAllListeners('error').on('error', (error) => this.fail(error));
  }

  /** The app failed: an error page where nothing was sent yet, a cut connection where something was. */
  fail(error: unknown): void {
    if (this.#status === 0) this.#settle({ kind: 'failed', error: upstreamError(error, this.#parts.settings.app) });
    else this.#cutBy('upstream');
    this.#request?.destroy();
    this.#upstream?.destroy();
  }

  /** A logout: both ends go (P8). */
  destroy(): void {
    this.#cutBy('logout', 'signed out');
  }

  /** The gateway stops, or its policies have changed. */
  goAway(): void {
    this.#cutBy('upstream', 'going away');
  }

  /** Before the switch, a browser that sends no more waits for nothing either. */
  readonly #leave = (): void => {
    this.#parts.socket.destroy();
  };

  /**
   * Before each piece, in either direction, because this listener comes before http-proxy's own: a process that was stopped for a while
   * may read from its sockets before any timer of its runs (P1). A destroyed stream takes no more bytes.
   */
  readonly #watch = (): void => {
    if (this.#parts.passage.connection?.isCut === true) this.#cutBy('logout');
  };

  #onUpgrade(response: IncomingMessage, upstream: Duplex): void {
    this.#stopWaiting();
    this.#upstream = upstream;
    // Not `on`, which sets a stream going: what came along with the 101 would be gone before http-proxy has piped it to the browser.
    upstream.prependListener('data', this.#watch);
    this.#parts.socket.prependListener('data', this.#watch);
    if (this.#parts.passage.connection?.isCut === true) this.#cutBy('logout');
    // What the app has said last still goes out; the browser's own close settles it.
    upstream.on('close', () => {
      if (!this.#isSettled) this.#endBrowser();
    });
    if (this.#isSettled) {
      upstream.destroy();
      return;
    }
    this.#status = 101;
    // http-proxy pipes it to the browser before this turn of the loop is over: both are given the same pieces.
    upstream.prependListener('data', (chunk: Buffer) => this.#frames.pass(chunk));
    // http-proxy writes the 101 from this object, right after this listener.
    response.headers = this.#switchingHeaders(response);
  }

  #switchingHeaders(response: IncomingMessage): IncomingMessage['headers'] {
    const { rules, passage } = this.#parts;
    const { headers } = responseHead(response.rawHeaders, rules, passage);
    removeNamed(headers, CONTENT_LENGTH);
    const fields = new Map<string, string[]>([
      ['Connection', ['Upgrade']],
      ['Upgrade', ['websocket']],
    ]);
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const name = headers[at] as string;
      fields.set(name, [...(fields.get(name) ?? []), headers[at + 1] as string]);
    }
    return Object.fromEntries(fields);
  }

  /** No 101: the answer goes to the browser as it is, ends with the connection, and its body is never held in memory. */
  #onRefusal(response: IncomingMessage): void {
    this.#stopWaiting();
    const { socket, rules, passage, settings } = this.#parts;
    const status = response.statusCode ?? 0;
    if (this.#isSettled || socket.destroyed) {
      response.destroy();
      return;
    }
    if (status < 200 || status > 999) {
      this.fail(proxyError('UPSTREAM_NONSENSE', { detail: { app: settings.app, status } }));
      return;
    }
    this.#status = status;
    const head = responseHead(response.rawHeaders, rules, passage);
    // The next attempt finds the app signed in; a switch is never asked for twice.
    passage.jar?.signInAgain?.(status, firstValue(head.headers, 'location'));
    keepFromCaches(head.headers, passage, rules, undefined);
    const reason = (response.statusMessage ?? '').replace(/[^\t\x20-\x7e]/g, '');
    let text = `HTTP/1.1 ${status} ${reason}\r\n`;
    for (let at = 0; at + 1 < head.headers.length; at += 2) text += `${head.headers[at]}: ${head.headers[at + 1]}\r\n`;
    socket.write(`${text}Connection: close\r\n\r\n`, 'latin1');
    response.on('error', () => this.#cutBy('upstream'));
    response.on('end', () => this.#endBrowser());
    response.pipe(socket, { end: false });
  }

  #endBrowser(): void {
    const { socket } = this.#parts;
    socket.end(() => socket.destroy());
  }

  #onBrowserGone(): void {
    const isOver = this.#status === 101 || this.#parts.socket.writableFinished;
    this.#settle(this.#status !== 0 && isOver ? { kind: 'done', status: this.#status } : { kind: 'cut', by: 'client' });
    this.#request?.destroy();
    this.#upstream?.destroy();
  }

  #cutBy(by: 'upstream' | 'logout', why?: keyof typeof CLOSE_FRAMES): void {
    if (this.#isSettled) return;
    this.#settle({ kind: 'cut', by });
    this.#request?.destroy();
    this.#upstream?.destroy();
    if (why !== undefined && this.#mayClose()) this.#closeBrowser(CLOSE_FRAMES[why]);
    else cutOff(this.#parts.socket);
  }

  /** A browser that does not keep up is cut without a word: what waits for it must not reach it any more (P8). */
  #mayClose(): boolean {
    const { socket } = this.#parts;
    return this.#status === 101 && this.#frames.mayClose && socket.writable && socket.writableLength === 0;
  }

  /** The Close is the last thing it hears; what it says until its own end goes nowhere (RFC 6455 §7.1.1, §7.1.7). */
  #closeBrowser(frame: Buffer): void {
    const { socket } = this.#parts;
    const late = setTimeout(() => cutOff(socket), CLOSE_LIMIT_MS);
    socket.on('close', () => clearTimeout(late));
    // Left unread, it would become a reset that overtakes the frame.
    socket.unpipe().resume();
    socket.end(frame);
  }

  #settle(outcome: Forwarded): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopWaiting();
    this.#resolve(outcome);
  }

  #stopWaiting(): void {
    clearTimeout(this.#waiting);
    this.#parts.socket.off('end', this.#leave);
  }
}
