// The cookies of one app in one session, as a browser would keep and send them (RFC 6265 §5.3, §5.4). Pure: it knows
// neither store nor clock.

import type { EpochMs } from '../kernel/words.ts';
import {
  bytesOf,
  covers,
  keyOf,
  MAX_COOKIE_BYTES,
  readSetCookie,
  readStored,
  storedText,
  withoutQuery,
  type AppCookie,
  type AppHosts,
  type CookieRefusal,
} from './cookie.ts';
import { newSight, type Sight } from './sight.ts';

/** One cookie as a store keeps it. */
export interface StoredCookie {
  readonly name: string;
  readonly text: string;
}

/** One cookie set, or removed where `text` is undefined. */
export interface CookieChange {
  readonly name: string;
  readonly text: string | undefined;
}

/** The cookies of one app in one session. */
export interface Jar {
  /**
   * The Cookie header of a request; empty where there is none. Longer paths first, then older cookies (RFC 6265 §5.4).
   * `isSecure`: browsers reach the app by https. `isCrossSite`: another site began the request, so that SameSite=Strict
   * cookies stay behind. Where every cookie has the path `/` it costs no work at all.
   */
  header(requestPath: string, isSecure: boolean, now: EpochMs, isCrossSite?: boolean): string;
  /** Takes the Set-Cookie lines of one answer; answers what a store has to change. */
  take(lines: readonly string[], requestPath: string, isSecure: boolean, now: EpochMs): readonly CookieChange[];
  /** The living cookies, oldest first. */
  cookies(now: EpochMs): readonly AppCookie[];
}

/** A jar whose cookies the browser may have as well. */
export interface SharedJar extends Jar {
  /** The cookies that `header` writes, in its order. */
  sent(requestPath: string, isSecure: boolean, now: EpochMs, isCrossSite?: boolean): readonly AppCookie[];
  /** Keeps what a script made of a cookie, or removes it where `value` is undefined; none where there is no room for a new one. */
  change(cookie: Omit<AppCookie, 'order'>, value: string | undefined): readonly CookieChange[];
  /** What the browser had before it had this session; of this process alone. */
  readonly sight: Sight;
}

/** Bounds of one app's jar in one session. */
export const MAX_COOKIES = 50;
/** All its cookies together, as `bytesOf` counts them. */
export const MAX_JAR_BYTES = 16 * 1024;

/**
 * Opens the jar of one app over what is stored. It serves all hosts of the app: an app is one application. `onRefused`
 * is told each reason once a jar, with the first cookie's name where it has one.
 */
export function openJar(
  stored: readonly StoredCookie[],
  hosts: AppHosts,
  onRefused: (reason: CookieRefusal, name: string) => void = () => {},
): SharedJar {
  const reported = new Set<CookieRefusal>();
  const refuse = (reason: CookieRefusal, name: string): void => {
    if (reported.has(reason)) return;
    reported.add(reason);
    onRefused(reason, name);
  };
  // Insertion order is the order of creation: a cookie that is set again keeps its place.
  const kept = opened(stored, () => refuse('unreadable', ''));
  let sending = arranged(kept);
  /** Expired, and the store does not know it yet: what is never taken out there would grow without bounds. */
  const expired = new Set<string>();

  function expire(now: EpochMs): void {
    if (now < sending.until) return;
    for (const [key, { expiresAt }] of kept) {
      if (expiresAt === undefined || expiresAt > now) continue;
      kept.delete(key);
      expired.add(key);
    }
    sending = arranged(kept);
  }

  function put(line: string, requestPath: string, isSecure: boolean, now: EpochMs): CookieChange | undefined {
    const read = readSetCookie(line, { hosts, path: requestPath, isSecure, now });
    if ('refused' in read) {
      refuse(read.refused, (line.split(/[=;]/, 1)[0] ?? '').slice(0, 64));
      return undefined;
    }
    const name = keyOf(read);
    const old = kept.get(name);
    if (read.expiresAt !== undefined && read.expiresAt <= now) {
      return kept.delete(name) ? { name, text: undefined } : undefined;
    }
    const cookie = { ...read, order: old?.order ?? nextOrder(kept) };
    const text = storedText(cookie);
    if (old !== undefined && storedText(old) === text) return undefined;
    kept.set(name, cookie);
    return { name, text };
  }

  function sent(requestPath: string, isSecure: boolean, now: EpochMs, isCrossSite = false): readonly AppCookie[] {
    expire(now);
    const path = withoutQuery(requestPath);
    return sending.cookies.filter(
      (cookie) => covers(cookie.path, path) && (isSecure || !cookie.secure) && !(isCrossSite && cookie.strict),
    );
  }

  return {
    header(requestPath, isSecure, now, isCrossSite = false) {
      expire(now);
      if (sending.isPlain && !isCrossSite) return isSecure ? sending.secure : sending.insecure;
      return written(sent(requestPath, isSecure, now, isCrossSite));
    },
    sent,
    take(lines, requestPath, isSecure, now) {
      expire(now);
      const changes = new Map<string, string | undefined>([...expired].map((key) => [key, undefined]));
      expired.clear();
      for (const line of lines) {
        const change = put(line, requestPath, isSecure, now);
        if (change !== undefined) changes.set(change.name, change.text);
      }
      if (changes.size === 0) return [];
      for (const key of crowdedOut(kept)) {
        refuse('crowded-out', kept.get(key)?.name ?? '');
        kept.delete(key);
        changes.set(key, undefined);
      }
      sending = arranged(kept);
      return [...changes].map(([name, text]) => ({ name, text }));
    },
    cookies(now) {
      expire(now);
      return [...kept.values()];
    },
    change(cookie, value) {
      const name = keyOf(cookie);
      const old = kept.get(name);
      if (value === undefined) {
        if (!kept.delete(name)) return [];
        sending = arranged(kept);
        return [{ name, text: undefined }];
      }
      const changed = { ...cookie, value, order: old?.order ?? nextOrder(kept) };
      // A script must not push out what the app has set.
      const bytes = bytesOf(changed) - (old === undefined ? 0 : bytesOf(old));
      const isFull = (old === undefined && kept.size >= MAX_COOKIES) || bytesIn(kept) + bytes > MAX_JAR_BYTES;
      if (isFull || bytesOf(changed) > MAX_COOKIE_BYTES) return [];
      kept.set(name, changed);
      sending = arranged(kept);
      return [{ name, text: storedText(changed) }];
    },
    sight: newSight(),
  };
}

function opened(stored: readonly StoredCookie[], unreadable: () => void): Map<string, AppCookie> {
  const cookies: (readonly [string, AppCookie])[] = [];
  for (const { name, text } of stored) {
    const cookie = readStored(name, text);
    if (cookie === undefined) unreadable();
    else cookies.push([name, cookie]);
  }
  return new Map(cookies.sort(([, a], [, b]) => a.order - b.order));
}

/** What can be worked out once for many requests. */
function arranged(kept: ReadonlyMap<string, AppCookie>) {
  const cookies = [...kept.values()].sort((a, b) => b.path.length - a.path.length || a.order - b.order);
  return {
    cookies,
    /** The path of a request makes no difference. */
    isPlain: cookies.every(({ path }) => path === '/'),
    secure: written(cookies),
    insecure: written(cookies.filter(({ secure }) => !secure)),
    /** The first cookie expires; Infinity where none does. */
    until: Math.min(...cookies.map(({ expiresAt }) => expiresAt ?? Infinity)),
  };
}

/** As a Cookie header has them. */
export const written = (cookies: readonly Pick<AppCookie, 'name' | 'value'>[]): string =>
  cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

const nextOrder = (kept: ReadonlyMap<string, AppCookie>): number =>
  Math.max(0, ...[...kept.values()].map(({ order }) => order + 1));

const bytesIn = (kept: ReadonlyMap<string, AppCookie>): number =>
  [...kept.values()].reduce((sum, cookie) => sum + bytesOf(cookie), 0);

/** The oldest, until the rest is within bounds. */
function crowdedOut(kept: ReadonlyMap<string, AppCookie>): string[] {
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
