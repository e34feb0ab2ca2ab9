// An app's answer on its way to the browser: head, body, trailers, and the two ways it stops.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { keepFromCaches } from './caching.ts';
import { proxyError } from './codes.ts';
import { cutOff } from './cut-off.ts';
import type { HeaderRules } from './header-rules.ts';
import { Patience, type Stalled } from './patience.ts';
import { hasBody } from './request-body.ts';
import { CONTENT_LENGTH, firstValue, removeNamed, responseHead, trailerFields } from './response-headers.ts';
import type { Passage, UpstreamSettings } from './upstream.ts';

/** Header or trailer fields as undici keeps them. */
type RawFields = Parameters<typeof responseHead>[0];

const HSTS = 'Strict-Transport-Security';

/** Passes an answer on as it comes. It ends with the announced length, where one was announced. */
export class Answer {
  /** The last byte was given to the browser's connection. */
  isEnded = false;
  /** The body ends when the app's connection does, and so cannot be told from a broken one by its bytes. */
  isDelimitedByClose = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #settings: Pick<UpstreamSettings, 'app' | 'clientTimeoutMs'>;
  readonly #who: Stalled;
  /** Where the browser did not keep up. */
  #patience: Patience | undefined;
  /** Bytes of the announced Content-Length still to come; -1 where none was announced. */
  #remaining = -1;
  #hasBytes = false;

  /** `who` is told where the browser takes nothing for longer than `clientTimeoutMs`. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    settings: Pick<UpstreamSettings, 'app' | 'clientTimeoutMs'>,
    who: Stalled,
  ) {
    this.#request = request;
    this.#response = response;
    this.#settings = settings;
    this.#who = who;
  }

  /**
   * Writes the head; throws, with nothing sent, where it is nonsense. False, with nothing sent either, where the app has forgotten the
   * person and the request can be repeated.
   */
  start(status: number, reason: string, raw: RawFields, rules: HeaderRules, passage: Passage): boolean {
    if (status < 200) throw proxyError('UPSTREAM_NONSENSE', { detail: { app: this.#settings.app, status } });
    const isBodiless = this.#request.method === 'HEAD' || status === 204 || status === 304;
    const { headers, length, coding } = responseHead(raw, rules, passage);
    const isAgain = passage.jar?.signInAgain?.(status, firstValue(headers, 'location')) === true;
    if (isAgain && isRepeatable(this.#request)) return false;
    if (!isBodiless && coding !== '' && coding !== 'chunked') {
      throw proxyError('UPSTREAM_NONSENSE', { detail: { app: this.#settings.app, coding } });
    }
    // Next to a coding, or on a 204, a length is a lie that the next hop must not read (RFC 9112 §6.3, RFC 9110 §8.6).
    if (length >= 0 && (coding !== '' || status === 204)) removeNamed(headers, CONTENT_LENGTH);

    keepFromCaches(headers, passage, rules, this.#request);
    const { hsts } = rules;
    if (
      hsts !== undefined &&
      passage.proto === 'https' &&
      firstValue(headers, 'strict-transport-security') === undefined
    )
      headers.push(HSTS, hsts);

    if (reason === '' || NOT_A_REASON.test(reason)) this.#response.writeHead(status, headers);
    else this.#response.writeHead(status, reason, headers);

    if (isBodiless || length === 0) {
      // Where these fields announce a body all the same, undici waits for it; who asked is done (RFC 9112 §6.3).
      this.end();
      return true;
    }
    this.isDelimitedByClose = length < 0 && coding === '';
    this.#remaining = coding === '' ? length : -1;
    // Where the body has not come along with the head, the browser gets the head now: an event stream may be silent.
    process.nextTick(flushHead, this);
    return true;
  }

  flushHead(): void {
    if (!this.#hasBytes && !this.isEnded) this.#response.flushHeaders();
  }

  /** Passes a piece of the body on. Where the browser is slow, the app waits. */
  write(chunk: Buffer, app: { pause(): void; resume(): void }): void {
    this.#hasBytes = true;
    if (this.#remaining > 0) this.#remaining -= chunk.length;
    if (this.#remaining === 0) {
      // The last piece goes out together with the end: one write less.
      this.end(chunk);
      return;
    }
    if (this.#response.write(chunk)) return;
    app.pause();
    const patience = (this.#patience ??= new Patience(this.#settings.clientTimeoutMs ?? 0, this.#who));
    patience.begin();
    this.#response.once('drain', () => {
      patience.end();
      app.resume();
    });
  }

  /** Nothing is waited for any more. */
  rest(): void {
    this.#patience?.end();
  }

  /** Trailers pass where the browser asked for them and the body is chunked; Node drops them otherwise (RFC 9110 §6.5.1). */
  addTrailers(raw: RawFields, rules: HeaderRules): void {
    const isWanted = /(^|,)\s*trailers\s*(,|$)/i.test(String(this.#request.headers.te));
    if (isWanted) this.#response.addTrailers(trailerFields(raw, rules));
  }

  end(lastChunk?: Buffer): void {
    this.isEnded = true;
    if (lastChunk === undefined) this.#response.end();
    // As text it is written together with the head in one piece; as bytes it would cost a gathering write (docs/performance.md).
    else if (lastChunk.length <= MAX_ONE_PIECE) this.#response.end(lastChunk.toString('latin1'), 'latin1');
    else this.#response.end(lastChunk);
  }

  /**
   * Ends the browser's connection so that a body under way is seen to be incomplete. `isAtOnce`: nothing more of it is to arrive, not even what the
   * system has taken to send: some megabytes where the browser is slow.
   */
  cut(isAtOnce = false): void {
    const { socket } = this.#response;
    const isOpenEnded = this.#response.headersSent && this.#remaining < 0 && !this.#response.chunkedEncoding;
    if ((isAtOnce || isOpenEnded) && socket) cutOff(socket);
    this.#response.destroy();
  }
}

/** Safe, and nothing of it has been read (RFC 9110 §9.2.1). */
const isRepeatable = (request: IncomingMessage): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request);

/** Bytes of a body that are copied once more in order to be written with the head; more costs more than it saves. */
const MAX_ONE_PIECE = 16 * 1024;

const NOT_A_REASON = /[^\t\x20-\x7e]/;

// Named, so that a request costs no closure for it.
const flushHead = (answer: Answer): void => answer.flushHead();
