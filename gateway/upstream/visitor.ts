// A browser without a screen that goes anywhere: keeps everybody's cookies, follows redirects, carries SAML messages on and fills in
// forms. For drills; the client in client.ts, which acts for people, never leaves its app.

import { CookieJar } from 'tough-cookie';
import { decodePage } from './charset.ts';
import { exchange, type CallFailure, type Place } from './exchange.ts';
import type { PageForm } from './form.ts';
import { readPage, type Page } from './page.ts';
import { submission } from './submission.ts';

/** One request. */
export interface Wanted {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array } | undefined;
  /** In place of what the jar holds; empty sends none. */
  readonly cookie?: string | undefined;
}

/** A request that was made, and when: milliseconds of `performance.now()`. */
export interface Step extends Wanted {
  readonly at: number;
}

/** Where a visit ended, and how it came there. */
export interface Landed {
  readonly url: URL;
  readonly status: number;
  /** One value a name; of several the first. */
  readonly header: (name: string) => string | undefined;
  readonly contentType: string;
  readonly body: Buffer;
  /** Every request on the way here, the last one included. */
  readonly way: readonly Step[];
}

/** What a page says, and the forms on it. */
export interface SeenPage extends Page {
  readonly text: string;
  readonly encoding: string;
}

/** A browser of one person, with the cookies of every host it was at. */
export interface Visitor {
  /** One exchange; follows nothing. */
  ask(wanted: Wanted): Promise<Landed>;
  /** Goes on through redirects and forms that carry a SAML message, as a browser does, until a page stays. */
  go(wanted: Wanted): Promise<Landed>;
  /** The request that sending a form makes, with these values in place of its own; undefined where it leads to no http address. */
  filled(landed: Landed, form: PageForm, values: ReadonlyMap<string, string>): Wanted | undefined;
  /** The Cookie header of a request there. */
  cookies(url: URL): string;
}

/** What visiting goes by. */
export interface VisitorOptions {
  /** Where an address really is; undefined where its name and port say so. */
  readonly placeOf: (url: URL) => Place | undefined;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** No answer, or no end to the way. */
export class VisitFailure extends Error {
  readonly reason: CallFailure;
  constructor(url: URL, reason: CallFailure) {
    super(`${url.origin}${url.pathname}: ${reason}`);
    this.reason = reason;
  }
}

const MAX_STEPS = 40;
const STEP_MS = 15_000;
/** By which applications and logs know a drill. */
export const USER_AGENT = 'Mozilla/5.0 (compatible; curfew drill)';

/** A visitor without cookies. Every method that asks rejects with VisitFailure where there is no answer. */
export function openVisitor({ placeOf, signal }: VisitorOptions): Visitor {
  const jar = new CookieJar();

  async function ask(wanted: Wanted): Promise<Landed> {
    const { url, method, body } = wanted;
    const at = performance.now();
    const answer = await exchange(
      {
        origin: url.origin,
        at: placeOf(url) ?? onThisMachine(url),
        method,
        target: `${url.pathname}${url.search}`,
        headers: headersOf(wanted, wanted.cookie ?? jar.getCookieStringSync(url.href)),
        body: body?.bytes,
      },
      AbortSignal.any([signal, AbortSignal.timeout(STEP_MS)]),
      () => true,
    );
    if ('failed' in answer) throw new VisitFailure(url, answer.failed);
    const { status, headers, contentType } = answer;
    if (wanted.cookie === undefined) {
      for (const line of answer.setCookies) jar.setCookieSync(line, url.href, { ignoreError: true });
    }
    const header = (name: string): string | undefined => [headers[name] ?? []].flat()[0];
    return { url, status, header, contentType, body: answer.body, way: [{ ...wanted, at }] };
  }

  async function go(wanted: Wanted): Promise<Landed> {
    let landed = await ask(wanted);
    for (let next = nextOf(landed); next !== undefined; next = nextOf(landed)) {
      if (landed.way.length >= MAX_STEPS) throw new VisitFailure(landed.url, 'too-many-redirects');
      const { way } = landed;
      landed = await ask(next);
      landed = { ...landed, way: [...way, ...landed.way] };
    }
    return landed;
  }

  return { ask, go, filled, cookies: (url) => jar.getCookieStringSync(url.href) };
}

/** Reads the page. */
export function seenPage({ body, contentType, url }: Pick<Landed, 'body' | 'contentType' | 'url'>): SeenPage {
  const { text, encoding } = decodePage(body, contentType);
  return { ...readPage(text, url), text, encoding };
}

/** RFC 6761 §6.3: names under localhost are this machine, and resolvers need not know it. */
const onThisMachine = ({ hostname, port, protocol }: URL): Place | undefined =>
  hostname.endsWith('.localhost')
    ? { host: '127.0.0.1', port: Number(port) || (protocol === 'https:' ? 443 : 80) }
    : undefined;

function headersOf({ url, method, body }: Wanted, cookie: string): string[] {
  return [
    ...['Host', url.host, 'Connection', 'close', 'User-Agent', USER_AGENT, 'Accept-Encoding', 'identity'],
    ...['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8', 'Accept-Language', 'en'],
    ...['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'],
    ...(cookie === '' ? [] : ['Cookie', cookie]),
    ...(method === 'GET' ? [] : ['Content-Length', String(body?.bytes.length ?? 0)]),
    ...(body === undefined ? [] : ['Content-Type', body.type]),
  ];
}

function nextOf(landed: Landed): Wanted | undefined {
  const { status, url } = landed;
  const location = landed.header('location');
  if (status >= 300 && status < 400 && location !== undefined) {
    const next = URL.parse(location, url);
    return next === null || !/^https?:$/.test(next.protocol) ? undefined : { ...again(landed), url: next };
  }
  if (!landed.contentType.includes('html')) return undefined;
  // Such a form is sent by a script that stands in the page, or in a file of its own (saml-bindings §3.5.4).
  const carrier = seenPage(landed).forms.find(({ names }) => names.has('SAMLRequest') || names.has('SAMLResponse'));
  return carrier && filled(landed, carrier, new Map());
}

/** 307 and 308 repeat the request, the others fetch (RFC 9110 §15.4). */
function again({ status, way }: Landed): Pick<Wanted, 'method' | 'body'> {
  const last = way.at(-1);
  return (status === 307 || status === 308) && last !== undefined
    ? { method: last.method, body: last.body }
    : { method: 'GET' };
}

function filled(landed: Landed, form: PageForm, values: ReadonlyMap<string, string>): Wanted | undefined {
  const { base, encoding } = seenPage(landed);
  const [button] = form.buttons;
  const action = button?.action ?? form.action;
  const target = action === '' ? landed.url : URL.parse(action, base);
  if (target === null) return undefined;
  // Its own "app" is wherever it leads to.
  const place = { publicOrigin: target.origin, upstreamOrigin: target.origin };
  const others = form.fields.filter(({ name }) => !values.has(name));
  const fields = [...others, ...[...values].map(([name, value]) => ({ name, value }))];
  const call = submission(form, fields, button, { place, page: landed.url, base, encoding });
  return call && { method: call.method === 'POST' ? 'POST' : 'GET', url: call.url, body: call.body };
}
