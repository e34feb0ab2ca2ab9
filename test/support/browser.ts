// A browser without a screen: keeps cookies, follows redirects, fills in forms, says what it is after as browsers do.
// Every name is 127.0.0.1, so that a test can have as many hosts as it likes.

import { Agent, request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { systemClock, type Clock } from '../../gateway/kernel/clock.ts';
import {
  addressOf,
  chooseForm,
  filledIn,
  plainText,
  ownHeaders,
  redirected,
  refuseOutside,
  toLoopback,
} from './browser-request.ts';
import { openSocket, type BrowserSocket } from './browser-socket.ts';
import { openStream, type BrowserStream } from './browser-stream.ts';
import { cookieJar, type Cookie } from './cookie-jar.ts';
import type { Secrets } from './secrets.ts';
import { formsIn, submitsItself } from './forms.ts';

const MAX_HOPS = 20;

/** One exchange on the way to a page. */
export interface Hop {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Set-Cookie headers that came, kept or not. */
  readonly setCookies: readonly string[];
}

export interface Page extends Hop {
  readonly body: string;
  readonly bytes: Buffer;
  /** Every exchange, the last one included. */
  readonly hops: readonly Hop[];
}

/** `navigate` fills the tab, `iframe` a frame in another page, `fetch` is what a script or an image does. */
export type Mode = 'navigate' | 'iframe' | 'fetch';

export interface Visit {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Default navigate. */
  readonly mode?: Mode;
  /** The page that began it; without one the person typed the address, which no site is foreign to. */
  readonly from?: Page | string;
  /** Whether redirects are followed. Default true for `visit` and `submitForm`, false for `request`. */
  readonly follow?: boolean;
}

export interface Submission extends Omit<Visit, 'method' | 'body' | 'from'> {
  /** The form with this id, the one at this position, or the one with this button (label, name or value); default the first. */
  readonly form?: string | number;
  /** The button to press, by label, name or value; default the form's first. */
  readonly button?: string;
}

export interface Browser {
  /** One exchange. */
  request(url: string, visit?: Visit): Promise<Page>;
  /** Goes to a page through all redirects; gives up after 20 hops. */
  visit(url: string, visit?: Visit): Promise<Page>;
  /** Fills in a form of the page and sends it; `values` replace fields of that name or are added. */
  submitForm(page: Page, values?: Readonly<Record<string, string>>, submission?: Submission): Promise<Page>;
  /** Sends forms that a script would send, until a page stays; gives up after 20. `hops` are those of the whole way. */
  settle(page: Page): Promise<Page>;
  /** Opens a WebSocket (`ws:`, `wss:`, or the http address of one). */
  openWebSocket(url: string, visit?: Pick<Visit, 'from' | 'headers'>): Promise<BrowserSocket>;
  /** Opens an event stream or a download and reads it piece by piece. */
  openStream(url: string, visit?: Visit): Promise<BrowserStream>;
  /** What a script of the page at this address does with `document.cookie = line`. */
  writeCookie(address: string, line: string): void;
  /** Cookies that a request to the host might carry, or all. */
  cookies(host?: string): readonly Cookie[];
  /** Forgets every cookie. */
  forget(): void;
  /** Closes the connections that are kept open for reuse. */
  close(): void;
}

export interface BrowserOptions {
  /** For the age of cookies. */
  readonly clock?: Clock;
  /** PEM certificates to trust with https. */
  readonly ca?: string;
  /** Which site a host belongs to; default each host is a site of its own, which is the hardest case. */
  readonly siteOf?: (host: string) => string;
  /** Told of everything that goes out and comes back and is nobody else's business. */
  readonly secrets?: Pick<Secrets, 'sent' | 'setCookie'>;
}

/** A browser with no cookies. */
export function openBrowser(options: BrowserOptions = {}): Browser {
  const jar = cookieJar(options.clock ?? systemClock);
  const siteOf = options.siteOf ?? ((host) => host);
  const agents = { http: new Agent({ keepAlive: true }), https: new SecureAgent({ keepAlive: true }) };
  const contextOf = (url: URL, method: string, visit: Visit) => ({
    method,
    crossSite: visit.from !== undefined && siteOf(addressOf(visit.from).hostname) !== siteOf(url.hostname),
    topLevel: (visit.mode ?? 'navigate') === 'navigate',
  });
  const keepCookies = (url: URL, method: string, visit: Visit, response: IncomingMessage): readonly string[] => {
    const setCookies = response.headers['set-cookie'] ?? [];
    for (const setCookie of setCookies) options.secrets?.setCookie(setCookie);
    for (const setCookie of setCookies) jar.store(url, setCookie, contextOf(url, method, visit));
    return setCookies;
  };
  const headersOf = (url: URL, method: string, visit: Visit): Record<string, string> => {
    const cookie = jar.header(url, contextOf(url, method, visit));
    return { ...ownHeaders(url, method, visit, siteOf), ...visit.headers, ...(cookie === undefined ? {} : { cookie }) };
  };
  const send = async (url: URL, visit: Visit, again = false): Promise<IncomingMessage> => {
    refuseOutside(url);
    const method = visit.method ?? 'GET';
    const headers: Record<string, string> = headersOf(url, method, visit);
    options.secrets?.sent(url, headers, visit.body);
    if (visit.body !== undefined) headers['content-length'] = String(Buffer.byteLength(visit.body));
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { method, headers, lookup: toLoopback, agent: agents.https, ca: options.ca }, resolve)
        : requestHttp(url, { method, headers, lookup: toLoopback, agent: agents.http }, resolve);
    let isAnswered = false;
    request.once('response', () => (isAnswered = true));
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A reset in the middle of an answer is told to whoever reads that.
      if (isAnswered) return;
      // A connection kept open may be closed by the server just as it is used again; browsers then try a new one.
      if (request.reusedSocket && error.code === 'ECONNRESET' && !again) resolve(send(url, visit, true));
      else reject(error);
    });
    request.end(visit.body);
    return promise;
  };
  const request = async (address: string, visit: Visit = {}): Promise<Page> => {
    const url = new URL(address);
    const method = visit.method ?? 'GET';
    const response = await send(url, visit);
    const setCookies = keepCookies(url, method, visit, response);
    const bytes = await buffer(response);
    const hop = { method, url: url.href, status: response.statusCode ?? 0, headers: response.headers, setCookies };
    const page = { ...hop, body: bytes.toString(), bytes, hops: [hop] };
    return visit.follow ? follow(page, visit) : page;
  };
  const follow = async (first: Page, visit: Visit): Promise<Page> => {
    let page = first;
    for (let next = redirected(page, visit); next; next = redirected(page, visit)) {
      if (page.hops.length >= MAX_HOPS) throw new Error(`more than ${MAX_HOPS} hops, at ${page.url}`);
      visit = next.visit;
      const answer = await request(next.url, { ...visit, follow: false });
      page = { ...answer, hops: [...page.hops, ...answer.hops] };
    }
    return page;
  };
  const submitForm: Browser['submitForm'] = async (page, values = {}, { form: which, button, ...visit } = {}) => {
    const form = chooseForm(formsIn(page.body, page.url), which ?? button ?? 0);
    if (form.enctype === 'multipart/form-data') throw new Error('multipart forms have to be sent with request()');
    const filled = filledIn(form, values, button);
    const fields = filled.toString();
    const from = { follow: true, ...visit, from: page };
    if (form.method !== 'post') {
      const action = new URL(form.action);
      action.search = fields;
      return request(action.href, from);
    }
    const isPlain = form.enctype === 'text/plain';
    const body = isPlain ? plainText(filled) : fields;
    const type = isPlain ? 'text/plain' : 'application/x-www-form-urlencoded';
    return request(form.action, { ...from, method: 'POST', body, headers: { 'content-type': type, ...visit.headers } });
  };
  return {
    request,
    visit: (url, visit) => request(url, { follow: true, ...visit }),
    submitForm,
    async settle(page) {
      let [at, hops] = [page, page.hops];
      for (let forms = 0; submitsItself(at.body); forms += 1) {
        if (forms >= MAX_HOPS) throw new Error(`more than ${MAX_HOPS} forms, at ${at.url}`);
        at = await submitForm(at);
        hops = [...hops, ...at.hops];
      }
      return { ...at, hops };
    },
    openWebSocket(address, visit = {}) {
      const url = new URL(address.replace(/^http/, 'ws'));
      refuseOutside(url);
      const page = new URL(address.replace(/^ws/, 'http'));
      const asked: Visit = { from: page.href, ...visit, mode: 'fetch' };
      const headers = {
        ...headersOf(page, 'GET', asked),
        origin: addressOf(asked.from ?? page.href).origin,
        'sec-fetch-mode': 'websocket',
        ...visit.headers,
      };
      const onAnswer = (response: IncomingMessage): void => void keepCookies(url, 'GET', asked, response);
      return openSocket(url, { headers, lookup: toLoopback, ca: options.ca, onAnswer });
    },
    async openStream(address, visit = {}) {
      const asked: Visit = { mode: 'fetch', ...visit };
      const url = new URL(address);
      const response = await send(url, asked);
      keepCookies(url, asked.method ?? 'GET', asked, response);
      return openStream(response);
    },
    writeCookie(address, line) {
      const url = new URL(address);
      jar.store(url, line, contextOf(url, 'GET', {}));
    },
    cookies: (host) => jar.all(host),
    forget: () => jar.clear(),
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
