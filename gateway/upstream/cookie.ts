// One cookie of an app: read from a Set-Cookie line, judged as a browser would (RFC 6265 §5.2, §5.3; the prefixes and
// "Secure" as in 6265bis), and written as text that a store can keep.

import { defaultPath, domainMatch, parse } from 'tough-cookie';
import type { EpochMs } from '../kernel/words.ts';

/** A cookie as an app has set it, judged by RFC 6265 §5.3. */
export interface AppCookie {
  readonly name: string;
  readonly value: string;
  /** Empty: it has no Domain and belongs to the host alone. */
  readonly domain: string;
  readonly path: string;
  readonly secure: boolean;
  /** SameSite=Strict: it stays behind where another site began the request. */
  readonly strict: boolean;
  /** Who may change it: `app` alone (HttpOnly), the app and its scripts, or the scripts that made it. */
  readonly writer: Writer;
  /** Undefined: it lives as long as the session. */
  readonly expiresAt: EpochMs | undefined;
  /** Grows from cookie to cookie; one that is set again keeps its number (RFC 6265 §5.3 step 11.3). */
  readonly order: number;
}

/** Who can have written its value: the app alone (HttpOnly), the app and scripts of its pages, or scripts, which made the cookie. */
export type Writer = 'app' | 'both' | 'script';

/** Under which names an app is reached. Lower case, without port: cookies do not know ports (RFC 6265 §8.5). */
export interface AppHosts {
  /** The app's own, as browsers know them. */
  readonly public: readonly string[];
  /** Where it really is. */
  readonly upstream: string;
}

/** Why a cookie is not in the jar. `crowded-out`: it was, and newer ones needed its place. */
export type CookieRefusal =
  'unparsable' | 'foreign-domain' | 'insecure' | 'prefix-broken' | 'too-big' | 'crowded-out' | 'unreadable';

/** RFC 6265 §6.1. Counted are name, value, Domain and Path. */
export const MAX_COOKIE_BYTES = 4096;

/** What tells cookies apart (RFC 6265 §5.3 step 11). None of the three can hold a semicolon. */
export const keyOf = ({ name, domain, path }: Pick<AppCookie, 'name' | 'domain' | 'path'>): string =>
  `${name};${domain};${path}`;

/** One character is one byte: header values are Latin-1 on the way through Node. */
export const bytesOf = ({ name, value, domain, path }: AppCookie): number =>
  name.length + value.length + domain.length + path.length;

/**
 * Reads a Set-Cookie line. A Domain that names where the app really is means nothing to browsers, and makes the cookie
 * one of the host; any other must be the host or above it. No list of public suffixes is asked: the jar is one app's,
 * so no other site could be sent the cookie. A cookie without a name is dropped (RFC 6265 §5.2), because its value could
 * stand for a name in the Cookie header.
 */
export function readSetCookie(
  line: string,
  request: { readonly hosts: AppHosts; readonly path: string; readonly isSecure: boolean; readonly now: EpochMs },
): Omit<AppCookie, 'order'> | { readonly refused: CookieRefusal } {
  const parsed = parse(line);
  // A character that no header may have would make every later request unsendable.
  if (parsed === undefined || !/^[\x20-\x7e\x80-\xff]*$/.test(parsed.key + parsed.value))
    return { refused: 'unparsable' };
  const cookie = {
    name: parsed.key,
    value: ownText(parsed.value),
    domain: domainOf(parsed.domain, request.hosts),
    path: parsed.path ?? defaultPath(writablePath(request.path)),
    secure: parsed.secure,
    strict: parsed.sameSite === 'strict',
    writer: parsed.httpOnly ? ('app' as const) : ('both' as const),
    expiresAt: expiryOf(parsed, request.now),
  };
  const { domain } = cookie;
  if (domain === undefined) return { refused: 'foreign-domain' };
  if (cookie.secure && !request.isSecure) return { refused: 'insecure' };
  if (!keepsPrefix(cookie.name, cookie.secure, parsed.domain === null && parsed.path === '/'))
    return { refused: 'prefix-broken' };
  const whole = { ...cookie, domain };
  return bytesOf({ ...whole, order: 0 }) > MAX_COOKIE_BYTES ? { refused: 'too-big' } : whole;
}

/** The same, as bytes of its own: V8 cuts a long value out of its line by pointing into it, and the line would be kept for as long as the cookie. */
const ownText = (value: string): string => Buffer.from(value, 'latin1').toString('latin1');

/** The path that cookies are compared with: without the query (RFC 6265 §5.1.4). */
export function withoutQuery(target: string): string {
  const end = target.indexOf('?');
  return end < 0 ? target : target.slice(0, end);
}

/** The same as far as a cookie's Path can say it: what followed a semicolon would be read as a further attribute. */
export const writablePath = (target: string): string => withoutQuery(target).split(';', 1)[0] ?? '/';

/** Whether a cookie's path covers a request's: `/a` covers `/a` and `/a/b`, not `/ab` (RFC 6265 §5.1.4). */
export function covers(cookiePath: string, path: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}

/** What a store keeps under `keyOf(cookie)`. What is usual is left out: it was half of all that is kept of a session's cookies. */
export const storedText = ({ value, secure, strict, writer, expiresAt, order }: AppCookie): string =>
  JSON.stringify({
    value,
    order,
    expiresAt,
    ...(secure && { secure }),
    ...(strict && { strict }),
    ...(writer !== 'app' && { writer }),
  });

/** Reads what `storedText` wrote; undefined where it is something else. */
export function readStored(key: string, text: string): AppCookie | undefined {
  const [name, domain, path, ...rest] = key.split(';');
  const kept = parsedObject(text);
  const { value, secure, strict, expiresAt, order } = kept;
  // What does not say so is no script's to change.
  const writer = kept['writer'] === 'both' || kept['writer'] === 'script' ? kept['writer'] : 'app';
  if (name === undefined || domain === undefined || path === undefined || rest.length > 0) return undefined;
  if (typeof value !== 'string' || typeof order !== 'number') return undefined;
  if (expiresAt !== undefined && typeof expiresAt !== 'number') return undefined;
  const expires = expiresAt as EpochMs | undefined;
  const flags = { secure: secure === true, strict: strict === true, writer } as const;
  return { name, value, domain, path, ...flags, expiresAt: expires, order };
}

function domainOf(domain: string | null, hosts: AppHosts): string | undefined {
  if (domain === null || domain === hosts.upstream) return '';
  return hosts.public.some((host) => domainMatch(host, domain, false) === true) ? domain : undefined;
}

/** Max-Age wins over Expires (RFC 6265 §5.3 step 3). */
function expiryOf(
  { maxAge, expires }: { readonly maxAge: number | string | null; readonly expires: Date | 'Infinity' | null },
  now: EpochMs,
): EpochMs | undefined {
  if (typeof maxAge === 'number') return (now + maxAge * 1000) as EpochMs;
  return expires instanceof Date ? (expires.getTime() as EpochMs) : undefined;
}

/** 6265bis §4.1.3; the prefixes are recognised in any spelling. */
function keepsPrefix(name: string, secure: boolean, isHostWide: boolean): boolean {
  const lower = name.toLowerCase();
  if (lower.startsWith('__host-')) return secure && isHostWide;
  return !lower.startsWith('__secure-') || secure;
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
