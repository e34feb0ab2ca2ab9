// What is worked out of the cookies that a jar holds, and the bounds they are held to.

import { bytesOf, readStored, type AppCookie } from './cookie.ts';

/** One cookie as a store keeps it. */
export interface StoredCookie {
  readonly name: string;
  readonly text: string;
}

/** Bounds of one app's jar in one session. */
export const MAX_COOKIES = 50;
/** All its cookies together, as `bytesOf` counts them. */
export const MAX_JAR_BYTES = 16 * 1024;

/** The cookies that are stored, oldest first. */
export function opened(stored: readonly StoredCookie[], unreadable: () => void): Map<string, AppCookie> {
  const cookies: (readonly [string, AppCookie])[] = [];
  for (const { name, text } of stored) {
    const cookie = readStored(name, text);
    if (cookie === undefined) unreadable();
    else cookies.push([name, cookie]);
  }
  return new Map(cookies.sort(([, a], [, b]) => a.order - b.order));
}

/** What can be worked out once for many requests. */
export function arranged(kept: ReadonlyMap<string, AppCookie>) {
  const cookies = [...kept.values()].sort((a, b) => b.path.length - a.path.length || a.order - b.order);
  const secure = written(cookies);
  return {
    cookies,
    /** The path of a request makes no difference. */
    isPlain: cookies.every(({ path }) => path === '/'),
    secure,
    // The same text where it is the same: very many jars may be kept.
    insecure: cookies.some((cookie) => cookie.secure) ? written(cookies.filter((cookie) => !cookie.secure)) : secure,
    /** The first cookie expires; Infinity where none does. */
    until: Math.min(...cookies.map(({ expiresAt }) => expiresAt ?? Infinity)),
  };
}

/** As a Cookie header has them. */
export const written = (cookies: readonly Pick<AppCookie, 'name' | 'value'>[]): string =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

/** The number of the cookie that is set next. */
export const nextOrder = (kept: ReadonlyMap<string, AppCookie>): number =>
  Math.max(0, ...[...kept.values()].map(({ order }) => order + 1));

/** All of them together, as `bytesOf` counts each. */
export const bytesIn = (kept: ReadonlyMap<string, AppCookie>): number =>
  [...kept.values()].reduce((sum, cookie) => sum + bytesOf(cookie), 0);

/** The oldest, until the rest is within bounds. */
export function crowdedOut(kept: ReadonlyMap<string, AppCookie>): string[] {
  let count = kept.size;
  let bytes = bytesIn(kept);
  const out: string[] = [];
  for (const [key, cookie] of kept) {
    if (count <= MAX_COOKIES && bytes <= MAX_JAR_BYTES) break;
    out.push(key);
    count -= 1;
    bytes -= bytesOf(cookie);
  }
  return out;
}

/** Of a jar without a cookie; one for all. */
export const NOTHING = arranged(new Map());
