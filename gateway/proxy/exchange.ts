// One request and its answer. undici calls it as its handler; the browser's response and a logout reach it as well. Whoever
// comes first settles it, and exactly once.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { Answer } from './answer.ts';
import { proxyError } from './codes.ts';
import { dispatchOptions, type DispatchOptions } from './dispatch-options.ts';
import { isLostConnection, upstreamError } from './failure.ts';
import { Patience, type Stalled } from './patience.ts';
import type { Waiter } from './pool.ts';
import { hasBody, RequestBody } from './request-body.ts';
import type { Route } from './route.ts';
import type { Forwarded, Passage } from './upstream.ts';
import type { WiredClient } from './wire.ts';

/** Methods that may be repeated where the connection was lost before an answer (RFC 9110 §9.2.2, RFC 9112 §9.3.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const NOBODY_WAITS = 'nobody waits for this any more';

/** One request under way. Settles exactly once, whichever end goes first. */
export class Exchange implements Dispatcher.DispatchHandler, Waiter, Stalled {
  readonly #route: Route;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #passage: Passage;
  readonly #resolve: (outcome: Forwarded) => void;
  readonly #answer: Answer;
  #options: DispatchOptions | undefined;
  #body: RequestBody | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  /** The connection that carries the request, until it is given back. */
  #client: WiredClient | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #isUpstreamOver = false;
  #isRepeated = false;
  #isSettled = false;

  constructor(
    route: Route,
    request: IncomingMessage,
    response: ServerResponse,
    passage: Passage,
    resolve: (outcome: Forwarded) => void,
  ) {
    this.#route = route;
    this.#request = request;
    this.#response = response;
    this.#passage = passage;
    this.#resolve = resolve;
    this.#answer = new Answer(request, response, route.settings, this);
  }

  begin(): void {
    const { connection } = this.#passage;
    if (this.#response.destroyed) {
      this.#settle({ kind: 'cut', by: 'client' });
      return;
    }
    // A write to a response that somebody destroyed is an event, and without a listener the end of the process.
    this.#response.on('close', () => this.#onClientClose()).on('error', ignore);
    // A connection that is cut already calls `destroy` before `add` returns.
    connection?.add(this);
    if (connection?.isCut === true) this.destroy();
    if (this.#isSettled) return;
    if (hasBody(this.#request)) {
      const { maxBodyBytes, clientTimeoutMs = 0 } = this.#route.settings;
      const patience = new Patience(clientTimeoutMs, this);
      this.#body = new RequestBody(this.#request, maxBodyBytes, () => this.#isOver(), patience);
    }
    this.#options = dispatchOptions(this.#request, this.#passage, this.#route, this.#body);
    this.#dispatch();
  }

  /** A logout: both ends go, in the middle of whatever they are doing (P8). */
  destroy(): void {
    this.#cut('logout');
  }

  /** The browser has stopped in the middle of its body, or of the answer. */
  stalled(): void {
    this.#cut('client');
  }

  #cut(by: 'logout' | 'client'): void {
    if (this.#isSettled) return;
    this.#settle({ kind: 'cut', by });
    this.#abort();
    this.#answer.cut(true);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown before a byte is written, this costs the connection nothing.
    if (this.#isOver()) throw new Error(NOBODY_WAITS);
    this.#controller = controller;
    this.#client?.wire.expectHead();
    if (this.#body !== undefined && this.#passage.awaitsContinue === true) this.#response.writeContinue();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    reason: string | undefined,
  ): void {
    if (this.#isOver()) return;
    const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
    if (this.#answer.start(status, reason ?? '', raw, this.#route.rules, this.#passage)) return;
    this.#settle({ kind: 'lapsed' });
    this.#abort();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#isOver() && !this.#answer.isEnded) this.#answer.write(chunk, controller);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#isUpstreamOver = true;
    const isBroken = this.#client?.wire.isBroken === true;
    this.#giveBack();
    if (this.#isOver() || this.#answer.isEnded) return;
    if (this.#answer.isDelimitedByClose && isBroken) {
      this.#breakOff(undefined);
      return;
    }
    const raw = Array.isArray(controller.rawTrailers) ? controller.rawTrailers : [];
    if (raw.length > 0) this.#answer.addTrailers(raw, this.#route.rules);
    this.#answer.end();
  }

  /** Must not throw: undici would turn that into an event that ends the process. */
  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const mayRepeat = this.#mayRepeat(error);
    this.#giveBack();
    if (this.#isSettled || this.#answer.isEnded) return;
    if (mayRepeat) {
      this.#isRepeated = true;
      this.#controller = undefined;
      process.nextTick(repeat, this);
      return;
    }
    this.#isUpstreamOver = true;
    this.#breakOff(error);
  }

  repeat(): void {
    if (!this.#isSettled) this.#dispatch();
  }

  giveUpWaiting(): void {
    this.#breakOff(proxyError('UPSTREAM_BUSY', { detail: { app: this.#route.settings.app } }));
  }

  /**
   * Asked before anything is passed on, in either direction: a process that was stopped for a while goes on in the middle of whatever it
   * did, and the session may have ended meanwhile (P1).
   */
  #isOver(): boolean {
    if (this.#isSettled) return true;
    const { connection } = this.#passage;
    if (connection === undefined ? this.#route.isLeft : connection.isCut) this.destroy();
    return this.#isSettled;
  }

  #dispatch(): void {
    const { pool, settings } = this.#route;
    switch (pool.take(this)) {
      case 'carried':
        break;
      case 'waiting':
        // undici times connecting and answering, but not the wait for a connection that is in use.
        this.#waiting = setTimeout(giveUpWaiting, settings.connectTimeoutMs + settings.responseTimeoutMs, this);
        break;
      case 'full':
        this.giveUpWaiting();
    }
  }

  carryBy(client: WiredClient): void {
    clearTimeout(this.#waiting);
    this.#client = client;
    if (this.#options === undefined) this.#giveBack();
    else client.dispatch(this.#options, this);
  }

  /** undici is done with the connection for this request; the next one may have it. */
  #giveBack(): void {
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#route.pool.release(client);
  }

  /** A kept-alive connection that the app closed as the request went out: nobody read it, so it may go out again. */
  #mayRepeat(error: Error): boolean {
    const wire = this.#client?.wire;
    const isUnread = wire !== undefined && wire.requests > 1 && !wire.isAnswered;
    const isHarmless = this.#body === undefined && SAFE_METHODS.has(this.#request.method ?? '');
    return isUnread && isHarmless && !this.#isRepeated && isLostConnection(error);
  }

  #onClientClose(): void {
    if (this.#isSettled) return;
    if (this.#response.writableFinished) this.#settle({ kind: 'done', status: this.#response.statusCode });
    else this.#settle({ kind: 'cut', by: 'client' });
    this.#abort();
  }

  /** The app failed: an error page where nothing was sent yet, a cut connection where something was, never a clean end. */
  #breakOff(error: Error | undefined): void {
    if (this.#isSettled) return;
    if (this.#response.headersSent) {
      this.#settle({ kind: 'cut', by: 'upstream' });
      this.#answer.cut();
    } else {
      // What is left of a body must not be waited for.
      if (this.#body !== undefined) this.#response.shouldKeepAlive = false;
      this.#settle({ kind: 'failed', error: upstreamError(error, this.#route.settings.app) });
    }
    this.#abort();
  }

  #abort(): void {
    if (!this.#isUpstreamOver) this.#controller?.abort(new Error(NOBODY_WAITS));
  }

  #settle(outcome: Forwarded): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#answer.rest();
    if (this.#waiting !== undefined) {
      clearTimeout(this.#waiting);
      this.#route.pool.leave(this);
    }
    this.#resolve(outcome);
  }
}

// Named, so that a request costs no closure for what rarely happens.
const ignore = (): void => {};
const repeat = (exchange: Exchange): void => exchange.repeat();
const giveUpWaiting = (exchange: Exchange): void => exchange.giveUpWaiting();
