// Behaves as a browser towards one app on behalf of one session: sends its cookies, takes new ones, follows redirects, and
// never leaves the app.

import type { Clock } from '../kernel/clock.ts';
import { withoutQuery } from './cookie.ts';
import { exchange, type CallFailure, type WireAnswer } from './exchange.ts';
import type { Jar } from './jar.ts';
import { addressInside, addressOf, type AppPlace } from './place.ts';

/** Which app is called, with whose cookies and as whom. */
export interface ClientParts {
  readonly place: AppPlace;
  readonly jar: Jar;
  /**
   * Flat list name, value, name, value: the identity headers, and whatever else tells the app that this is the same person
   * (`User-Agent`, `Accept-Language`, `X-Forwarded-For`: some apps end a session that changes them).
   */
  readonly headers: readonly string[];
  readonly clock: Clock;
}

/** One thing a browser would do. */
export interface Call {
  readonly method: string;
  /** Inside the app, on the public origin: `client.address`, or what a page holds. */
  readonly url: URL;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array } | undefined;
  /** The page it was found on; apps check where a form came from. */
  readonly from?: URL | undefined;
  /** Whether the last answer's body is read. Default true. */
  readonly wantsPage?: boolean | undefined;
}

/** An answer, after all redirects that stay inside the app. */
export interface Answered {
  readonly kind: 'answered';
  /** Of every answer on the way, the call's own first. */
  readonly statuses: readonly [number, ...number[]];
  /** Where the last answer came from. */
  readonly url: URL;
  readonly contentType: string;
  readonly body: Buffer;
}

/** No answer to the call itself, or to a redirect it led to. */
export interface Unanswered {
  readonly kind: 'failed';
  readonly reason: CallFailure;
  /** What was answered before that. */
  readonly statuses: readonly number[];
}

/** Calls one app on behalf of one session. None of its calls leaves the app. */
export interface AppClient {
  readonly place: AppPlace;
  readonly jar: Jar;
  readonly clock: Clock;
  /** The address of a path with its query. */
  address(target: string): URL;
  /**
   * Makes a call and follows at most 5 redirects inside the app; one that leads out of it is the last answer. Never rejects.
   * The whole of it ends when `signal` aborts.
   */
  send(call: Call, signal: AbortSignal): Promise<Answered | Unanswered>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A client for one session; costs nothing until it is used, and holds no connection. */
export function openClient(parts: ClientParts): AppClient {
  const { place, jar, clock } = parts;

  async function send(call: Call, signal: AbortSignal): Promise<Answered | Unanswered> {
    const statuses: number[] = [];
    for (let step: Call = call; statuses.length <= MAX_REDIRECTS;) {
      const answer = await once(step, signal);
      if ('failed' in answer) return { kind: 'failed', reason: answer.failed, statuses };
      const next = redirected(place, step, answer);
      if (next === undefined) {
        const { contentType, body } = answer;
        return { kind: 'answered', statuses: [...statuses, answer.status] as never, url: step.url, contentType, body };
      }
      statuses.push(answer.status);
      step = next;
    }
    return { kind: 'failed', reason: 'too-many-redirects', statuses };
  }

  async function once(call: Call, signal: AbortSignal): Promise<WireAnswer | { readonly failed: CallFailure }> {
    const isSecure = place.publicOrigin.startsWith('https:');
    const target = `${call.url.pathname}${call.url.search}`;
    const answer = await exchange(
      {
        origin: place.upstreamOrigin,
        tls: place.tls,
        method: call.method,
        target,
        headers: headersOf(parts, call, jar.header(target, isSecure, clock.now())),
        body: call.body?.bytes,
      },
      signal,
      (head) => call.wantsPage !== false && redirected(place, call, head) === undefined,
    );
    if (!('failed' in answer)) jar.take(answer.setCookies, withoutQuery(target), isSecure, clock.now());
    return answer;
  }

  return { place, jar, clock, address: (target) => addressOf(place, target), send };
}

/** What a browser does next (RFC 9110 §15.4): 307 and 308 repeat the call, the others fetch, as browsers do since ever. */
function redirected(place: AppPlace, call: Call, answer: Pick<WireAnswer, 'status' | 'location'>): Call | undefined {
  if (!REDIRECTS.has(answer.status) || answer.location === undefined) return undefined;
  const url = addressInside(place, answer.location, call.url);
  if (url === undefined) return undefined;
  const { from, wantsPage } = call;
  if (answer.status === 307 || answer.status === 308) return { ...call, url };
  const isFetched = call.method === 'POST' || (answer.status === 303 && call.method !== 'HEAD');
  return isFetched ? { method: 'GET', url, from, wantsPage } : { ...call, url };
}

/** The app must see what it sees when the browser asks, or its addresses and its cookies come out differently. */
function headersOf({ place, headers }: ClientParts, { method, body, from }: Call, cookie: string): string[] {
  const { host, protocol } = new URL(place.publicOrigin);
  const given = new Set(headers.filter((_value, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  const unlessGiven = (name: string, value: string): string[] => (given.has(name.toLowerCase()) ? [] : [name, value]);
  const isForm = method !== 'GET' && method !== 'HEAD';
  return [
    ...['Host', host, 'Connection', 'close', 'X-Forwarded-Host', host, 'X-Forwarded-Proto', protocol.slice(0, -1)],
    ...unlessGiven('User-Agent', 'curfew'),
    ...unlessGiven('Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'),
    ...['Accept-Encoding', 'identity'],
    ...headers,
    ...(cookie === '' ? [] : ['Cookie', cookie]),
    ...(from === undefined ? [] : ['Referer', from.href]),
    ...(isForm ? ['Origin', place.publicOrigin, 'Content-Length', String(body?.bytes.length ?? 0)] : []),
    ...(body === undefined ? [] : ['Content-Type', body.type]),
  ];
}
