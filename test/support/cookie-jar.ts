// Cookies as a browser keeps them (RFC 6265, with the prefixes and SameSite of its successor draft, 6265bis).

import type { Clock } from '../../gateway/kernel/clock.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Host without port: cookies do not know ports (RFC 6265 §8.5). */
  readonly host: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Undefined where the cookie does not say. */
  readonly sameSite: 'strict' | 'lax' | 'none' | undefined;
  /** Undefined for a cookie that lives as long as the browser. */
  readonly expiresAt: EpochMs | undefined;
}

/** What kind of request a cookie would go with, or came back from. */
export interface CookieContext {
  readonly method: string;
  /** Another site began it. */
  readonly crossSite: boolean;
  /** It fills the whole tab: no frame, image or script. */
  readonly topLevel: boolean;
}

export interface CookieJar {
  /** Takes one Set-Cookie header; false where a browser would refuse it. */
  store(url: URL, setCookie: string, context: CookieContext): boolean;
  /** The Cookie header for a request, longest path first; undefined where there is none. */
  header(url: URL, context: CookieContext): string | undefined;
  /** Every living cookie; with a host, those a request to it might carry. */
  all(host?: string): readonly Cookie[];
  clear(): void;
}

const MAX_COOKIE_BYTES = 4096;
const DAY_MS = 86_400_000;
const MAX_AGE_MS = 400 * DAY_MS;

/** An empty jar. */
export function cookieJar(clock: Clock): CookieJar {
  // A Map keeps a replaced cookie's place, as RFC 6265 §5.3 step 11.3 keeps its creation time.
  const cookies = new Map<string, Cookie>();
  const keyOf = ({ name, host, path }: Cookie): string => JSON.stringify([name, host, path]);
  const living = (): Cookie[] =>
    [...cookies.values()].filter(({ expiresAt }) => expiresAt === undefined || expiresAt > clock.now());
  return {
    store(url, setCookie, context) {
      const cookie = parseSetCookie(url, setCookie, clock.now());
      if (!cookie || !maySet(cookie, url, context, living())) return false;
      if (cookie.expiresAt !== undefined && cookie.expiresAt <= clock.now()) cookies.delete(keyOf(cookie));
      else cookies.set(keyOf(cookie), cookie);
      return true;
    },
    header(url, context) {
      const sent = living()
        .filter((cookie) => goesTo(cookie, url) && maySend(cookie, context))
        .sort((a, b) => b.path.length - a.path.length);
      if (sent.length === 0) return undefined;
      return sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
    },
    all: (host) => living().filter((cookie) => host === undefined || hostMatches(cookie, host.toLowerCase())),
    clear: () => cookies.clear(),
  };
}

/** One Set-Cookie header as a cookie of `url` (RFC 6265 §5.2, §5.3); undefined where it names another host's domain or is too large. */
function parseSetCookie(url: URL, setCookie: string, now: EpochMs): Cookie | undefined {
  const [pair = '', ...rest] = setCookie.split(';');
  const attributes = new Map(rest.map((part) => halves(part, true)).map(([key, value]) => [key.toLowerCase(), value]));
  const [name, value] = halves(pair, false);
  const host = url.hostname.toLowerCase();
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  const path = attributes.get('path') ?? '';
  if ((name === '' && value === '') || Buffer.byteLength(name + value) > MAX_COOKIE_BYTES) return undefined;
  // Control characters, except tab, are refused (6265bis).
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(setCookie)) return undefined;
  // A Domain without a dot would be a whole top-level domain's cookie (RFC 6265 §5.3 step 5).
  if (domain !== '' && domain !== host && (!isUnder(host, domain) || !domain.includes('.'))) return undefined;
  return {
    name,
    value,
    host: domain === '' ? host : domain,
    hostOnly: domain === '',
    path: path.startsWith('/') ? path : defaultPath(url),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: sameSiteOf(attributes.get('samesite')),
    expiresAt: expiry(attributes, now),
  };
}

function halves(part: string, isAttribute: boolean): [string, string] {
  const at = part.indexOf('=');
  if (at >= 0) return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  return isAttribute ? [part.trim(), ''] : ['', part.trim()];
}

/** RFC 6265 §5.1.4: the request's path up to its last slash. */
const defaultPath = ({ pathname }: URL): string => pathname.slice(0, pathname.lastIndexOf('/')) || '/';

function sameSiteOf(value: string | undefined): Cookie['sameSite'] {
  const lower = value?.toLowerCase();
  return lower === 'strict' || lower === 'lax' || lower === 'none' ? lower : undefined;
}

/** Max-Age wins over Expires (RFC 6265 §5.3 step 3); neither lasts longer than 400 days (6265bis). */
function expiry(attributes: ReadonlyMap<string, string>, now: EpochMs): EpochMs | undefined {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) {
    return (now + Math.min(Number(maxAge) * 1000, MAX_AGE_MS)) as EpochMs;
  }
  const expires = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(expires) ? undefined : (Math.min(expires, now + MAX_AGE_MS) as EpochMs);
}

function maySet(cookie: Cookie, url: URL, context: CookieContext, others: readonly Cookie[]): boolean {
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const lower = cookie.name.toLowerCase();
  if (cookie.secure && !isSecure) return false;
  if (cookie.sameSite === 'none' && !cookie.secure) return false;
  if (lower.startsWith('__secure-') && !cookie.secure) return false;
  if (lower.startsWith('__host-') && !(cookie.secure && cookie.hostOnly && cookie.path === '/')) return false;
  if (context.crossSite && !context.topLevel && (cookie.sameSite === 'strict' || cookie.sameSite === 'lax'))
    return false;
  // An insecure page must not replace what a secure one set (6265bis, "leave secure cookies alone").
  return isSecure || !others.some((old) => old.secure && old.name === cookie.name && old.host === cookie.host);
}

const maySend = ({ sameSite }: Cookie, { crossSite, topLevel, method }: CookieContext): boolean =>
  !crossSite ||
  sameSite === undefined ||
  sameSite === 'none' ||
  (sameSite === 'lax' && topLevel && (method === 'GET' || method === 'HEAD'));

const goesTo = (cookie: Cookie, url: URL): boolean =>
  hostMatches(cookie, url.hostname.toLowerCase()) &&
  pathMatches(cookie.path, url.pathname) &&
  (!cookie.secure || url.protocol === 'https:' || url.protocol === 'wss:');

const hostMatches = (cookie: Cookie, host: string): boolean =>
  cookie.host === host || (!cookie.hostOnly && isUnder(host, cookie.host));

/** RFC 6265 §5.1.3: an address in numbers is under nothing. */
const isUnder = (host: string, domain: string): boolean =>
  host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host) && !host.startsWith('[');

/** RFC 6265 §5.1.4: `/a` matches `/a` and `/a/b`, not `/ab`. */
const pathMatches = (cookiePath: string, path: string): boolean =>
  path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));
