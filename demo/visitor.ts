// The walk's browser, no larger than the walk needs: a cookie or two for each host, redirects, forms, a WebSocket. It leaves
// out whatever real browsers check.

import { on } from 'node:events';
import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { toThisMachine } from './identity-provider/deliver.ts';

const DEADLINE_MS = 5000;
const MAX_HOPS = 20;

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Every address on the way here, this one included. */
  readonly way: readonly string[];
}

export interface Talk {
  send(words: string): void;
  /** The next message; undefined where the connection ends first. */
  next(): Promise<string | undefined>;
  /** The close code; 1006 is a connection cut without a word. Undefined where it is still open after `withinMs`. */
  closed(withinMs: number): Promise<number | undefined>;
  /** Lets go of it, whatever its state. */
  drop(): void;
}

export interface Visitor {
  /** One exchange: a GET, or a POST of these fields. Follows nothing. */
  ask(url: string, fields?: URLSearchParams): Promise<Page>;
  /** Goes on through redirects and forms that post themselves, until a page stays. */
  visit(url: string, fields?: URLSearchParams): Promise<Page>;
  /** Fills in the page's first form and goes where it leads. */
  submit(page: Page, values: Readonly<Record<string, string>>): Promise<Page>;
  /** Opens a WebSocket; answers with the status instead where it is refused. */
  talk(url: string): Promise<Talk | number>;
}

/** A visitor without cookies. */
export function openVisitor(): Visitor {
  const cookies = new Map<string, Map<string, string>>();
  const cookiesOf = ({ hostname }: URL): Record<string, string> => {
    const pairs = [...(cookies.get(hostname) ?? [])].map(([name, value]) => `${name}=${value}`);
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
  };
  const keep = ({ hostname }: URL, response: IncomingMessage): void => {
    const jar = cookies.get(hostname) ?? new Map<string, string>();
    cookies.set(hostname, jar);
    for (const setCookie of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(setCookie) ?? [];
      if (/;\s*max-age=0/i.test(setCookie)) jar.delete(name);
      else jar.set(name, value);
    }
  };
  const ask: Visitor['ask'] = async (address, fields) => {
    const url = new URL(address);
    const body = fields?.toString();
    const headers = {
      accept: 'text/html,*/*;q=0.8',
      ...cookiesOf(url),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const method = body === undefined ? 'GET' : 'POST';
    const signal = AbortSignal.timeout(DEADLINE_MS);
    requestHttp(url, { method, headers, lookup: toThisMachine, agent: false, signal }, resolve)
      .on('error', reject)
      .end(body);
    const response = await promise;
    keep(url, response);
    const { statusCode: status = 0 } = response;
    return { url: url.href, status, headers: response.headers, body: await text(response), way: [url.href] };
  };
  const visit: Visitor['visit'] = async (url, fields) => {
    let page = await ask(url, fields);
    for (let next = nextOf(page); next; next = nextOf(page)) {
      if (page.way.length >= MAX_HOPS) throw new Error(`more than ${MAX_HOPS} hops, at ${page.url}`);
      const { way } = page;
      page = await ask(next.url, next.fields);
      page = { ...page, way: [...way, page.url] };
    }
    return page;
  };
  return {
    ask,
    visit,
    submit: (page, values) => {
      const { url, fields } = formOf(page);
      for (const [name, value] of Object.entries(values)) fields.set(name, value);
      return visit(url, fields);
    },
    talk: (address) => {
      const url = new URL(address);
      const headers = { ...cookiesOf(url), origin: url.origin };
      return openTalk(new WebSocket(url.href.replace(/^http/, 'ws'), { headers, lookup: toThisMachine }));
    },
  };
}

/** Where a browser goes from here by itself. */
function nextOf(page: Page): { readonly url: string; readonly fields?: URLSearchParams } | undefined {
  const { location } = page.headers;
  if (page.status >= 300 && location !== undefined) return { url: new URL(location, page.url).href };
  return page.body.includes('document.forms[0].submit()') ? formOf(page) : undefined;
}

function formOf(page: Page): { readonly url: string; readonly fields: URLSearchParams } {
  const [, tag, inside = ''] = /<form\b([^>]*)>(.*?)<\/form>/s.exec(page.body) ?? [];
  if (tag === undefined) throw new Error(`no form at ${page.url}, which answered ${page.status}`);
  const inputs = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, attributes = '']) => attributes);
  const fields = inputs.map((attributes) => [attribute(attributes, 'name'), attribute(attributes, 'value')]);
  return { url: new URL(attribute(tag, 'action'), page.url).href, fields: new URLSearchParams(fields) };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const attribute = (tag: string, name: string): string =>
  (new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '').replace(
    /&(amp|lt|gt|quot|#39);/g,
    (entity, key: string) => ENTITIES[key] ?? entity,
  );

function openTalk(socket: WebSocket): Promise<Talk | number> {
  const messages = on(socket, 'message', { close: ['close'] }) as AsyncIterator<readonly [Buffer], undefined>;
  const { promise, resolve, reject } = Promise.withResolvers<Talk | number>();
  const over = new Promise<number>((settle) => socket.once('close', settle));
  socket.on('error', reject);
  socket.on('unexpected-response', (_request, response) => {
    response.destroy();
    resolve(response.statusCode ?? 0);
  });
  socket.on('open', () => {
    resolve({
      send: (words) => socket.send(words),
      next: async () => (await messages.next()).value?.[0].toString(),
      closed: (withinMs) => {
        const late = Promise.withResolvers<undefined>();
        const timer = setTimeout(() => late.resolve(undefined), withinMs);
        return Promise.race([over, late.promise]).finally(() => clearTimeout(timer));
      },
      drop: () => socket.terminate(),
    });
  });
  return promise;
}
