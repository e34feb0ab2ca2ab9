// Cookies as a browser sends and keeps them: what a Cookie header holds, where a cookie it holds may be kept, and the lines that
// put one there or take it away.

import { withoutQuery, type AppCookie } from './cookie.ts';

/** One cookie as a browser sends it. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** The cookies of a Cookie header, in its order. Those without a name are passed over: they are sent like any name (RFC 6265 §5.4). */
export function pairsIn(header: string): Pair[] {
  return header.split(';').flatMap((part) => {
    const at = part.indexOf('=');
    const name = at < 0 ? '' : part.slice(0, at).trim();
    return name === '' ? [] : [{ name, value: part.slice(at + 1).trim() }];
  });
}

const MAX_SEGMENTS = 24;
/** A cookie's path has 1024 bytes at most (RFC 6265bis §5.6); what is remembered of addresses is bounded by it. */
const MAX_PATH_LENGTH = 1024;

/**
 * Every path that a cookie sent to `target` may have: its own, and each above it with and without a slash (RFC 6265 §5.1.4).
 * Undefined where there are too many to look at.
 */
export function cookiePaths(target: string): readonly string[] | undefined {
  const path = withoutQuery(target);
  if (path === '/') return ROOT;
  const segments = path.split('/', MAX_SEGMENTS + 1).slice(1);
  if (segments.length === MAX_SEGMENTS || path.length > MAX_PATH_LENGTH) return undefined;
  const paths = ['/'];
  let above = '';
  for (const segment of segments) {
    if (above !== '') paths.push(above, `${above}/`);
    above += `/${segment}`;
  }
  return [...new Set([...paths, path])];
}

/** What every cookie may have. */
export const ROOT: readonly string[] = ['/'];

/** Every Domain that a cookie sent to `host` may have; empty is none. Of a single label browsers take none (RFC 6265 §5.3 step 5). */
function cookieDomains(host: string): readonly string[] {
  const labels = host.split('.');
  if (labels.length < 2 || /^[\d.]+$|^\[/.test(host)) return [''];
  return ['', ...labels.slice(0, -1).map((_label, at) => labels.slice(at).join('.'))];
}

/** Where a browser keeps a cookie. */
export type Place = Pick<AppCookie, 'name' | 'domain' | 'path'>;

/** A Set-Cookie value that removes a cookie. `Secure` where it can be, or the prefixes would forbid it (6265bis §4.1.3). */
export const removal = ({ name, domain, path }: Place, isSecure: boolean): string =>
  `${name}=; Max-Age=0; Path=${path}${domain === '' ? '' : `; Domain=${domain}`}${isSecure ? '; Secure' : ''}`;

/** A Set-Cookie value that gives the browser a cookie that is kept here. */
export const copy = ({ name, value, domain, path, secure, strict, expiresAt }: AppCookie): string =>
  [
    `${name}=${value}; Path=${path}`,
    ...(domain === '' ? [] : [`Domain=${domain}`]),
    ...(expiresAt === undefined ? [] : [`Expires=${new Date(expiresAt).toUTCString()}`]),
    ...(secure ? ['Secure'] : []),
    ...(strict ? ['SameSite=Strict'] : []),
  ].join('; ');

/** Every place where a cookie of this name may be that was sent from one of the paths, and that a line can name. */
export const placesOf = (name: string, paths: readonly string[], host: string): Place[] =>
  paths
    .filter((path) => !path.includes(';'))
    .flatMap((path) => cookieDomains(host).map((domain) => ({ name, domain, path })));
