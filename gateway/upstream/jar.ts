// The cookies of one app in one session, as a browser would keep and send them (RFC 6265 §5.3, §5.4). Pure: it knows
// neither store nor clock.

import type { EpochMs } from '../kernel/words.ts';
import {
  arranged,
  bytesIn,
  crowdedOut,
  MAX_COOKIES,
  MAX_JAR_BYTES,
  nextOrder,
  NOTHING,
  opened,
  written,
  type StoredCookie,
} from './contents.ts';
import {
  bytesOf,
  covers,
  keyOf,
  MAX_COOKIE_BYTES,
  readSetCookie,
  storedText,
  withoutQuery,
  type AppCookie,
  type AppHosts,
  type CookieRefusal,
} from './cookie.ts';
import { newSight, type Sight } from './sight.ts';

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

/** What is the same for all jars of an app, one object for all of them. */
export interface JarTerms {
  readonly hosts: AppHosts;
  /** Told each reason once a jar, with the first cookie's name where it has one. */
  readonly onRefused: (reason: CookieRefusal, name: string) => void;
}

/** What few jars have. */
interface Rare {
  /** Why cookies were refused, as far as anybody was told. */
  reported: Set<CookieRefusal> | undefined;
  /** Expired, and the store does not know it yet: what is never taken out there would grow without bounds. */
  expired: Set<string> | undefined;
  sight: Sight | undefined;
}

/**
 * The jar of one app over what is stored. It serves all hosts of the app: an app is one application. Most sessions rest here with nothing that was ever
 * set, so that what may never be needed is made when it is, and what many share is not kept by each (docs/decisions.md).
 */
export class OpenJar implements SharedJar {
  readonly terms: JarTerms;
  /** Insertion order is the order of creation: a cookie that is set again keeps its place. */
  #kept: Map<string, AppCookie> | undefined;
  #sending = NOTHING;
  #rare: Rare | undefined;

  constructor(stored: readonly StoredCookie[], terms: JarTerms) {
    this.terms = terms;
    if (stored.length === 0) return;
    this.#kept = opened(stored, () => this.#refuse('unreadable', ''));
    this.#sending = arranged(this.#kept);
  }

  /** What all cookies together take, as `bytesOf` counts them. */
  get bytes(): number {
    return this.#kept === undefined ? 0 : bytesIn(this.#kept);
  }

  get count(): number {
    return this.#kept?.size ?? 0;
  }

  /** How much is remembered of what the browser had before. */
  get sights(): number {
    return this.#rare?.sight?.size ?? 0;
  }

  get sight(): Sight {
    return (this.#noted.sight ??= newSight());
  }

  header(requestPath: string, isSecure: boolean, now: EpochMs, isCrossSite = false): string {
    this.#expire(now);
    const { isPlain, secure, insecure } = this.#sending;
    if (isPlain && !isCrossSite) return isSecure ? secure : insecure;
    return written(this.sent(requestPath, isSecure, now, isCrossSite));
  }

  sent(requestPath: string, isSecure: boolean, now: EpochMs, isCrossSite = false): readonly AppCookie[] {
    this.#expire(now);
    const path = withoutQuery(requestPath);
    return this.#sending.cookies.filter(
      (cookie) => covers(cookie.path, path) && (isSecure || !cookie.secure) && !(isCrossSite && cookie.strict),
    );
  }

  take(lines: readonly string[], requestPath: string, isSecure: boolean, now: EpochMs): readonly CookieChange[] {
    this.#expire(now);
    const kept = (this.#kept ??= new Map<string, AppCookie>());
    const changes = new Map<string, string | undefined>();
    for (const key of this.#rare?.expired ?? []) changes.set(key, undefined);
    if (this.#rare !== undefined) this.#rare.expired = undefined;
    for (const line of lines) {
      const change = this.#put(kept, line, requestPath, isSecure, now);
      if (change !== undefined) changes.set(change.name, change.text);
    }
    if (changes.size === 0) return [];
    for (const key of crowdedOut(kept)) {
      this.#refuse('crowded-out', kept.get(key)?.name ?? '');
      kept.delete(key);
      changes.set(key, undefined);
    }
    this.#sending = arranged(kept);
    return [...changes].map(([name, text]) => ({ name, text }));
  }

  cookies(now: EpochMs): readonly AppCookie[] {
    this.#expire(now);
    return [...(this.#kept?.values() ?? [])];
  }

  change(cookie: Omit<AppCookie, 'order'>, value: string | undefined): readonly CookieChange[] {
    const name = keyOf(cookie);
    const kept = (this.#kept ??= new Map<string, AppCookie>());
    const old = kept.get(name);
    if (value === undefined) {
      if (!kept.delete(name)) return [];
      this.#sending = arranged(kept);
      return [{ name, text: undefined }];
    }
    const changed = { ...cookie, value, order: old?.order ?? nextOrder(kept) };
    // A script must not push out what the app has set.
    const bytes = bytesOf(changed) - (old === undefined ? 0 : bytesOf(old));
    const isFull = (old === undefined && kept.size >= MAX_COOKIES) || bytesIn(kept) + bytes > MAX_JAR_BYTES;
    if (isFull || bytesOf(changed) > MAX_COOKIE_BYTES) return [];
    kept.set(name, changed);
    this.#sending = arranged(kept);
    return [{ name, text: storedText(changed) }];
  }

  #expire(now: EpochMs): void {
    if (now < this.#sending.until) return;
    const kept = (this.#kept ??= new Map<string, AppCookie>());
    for (const [key, { expiresAt }] of kept) {
      if (expiresAt === undefined || expiresAt > now) continue;
      kept.delete(key);
      (this.#noted.expired ??= new Set()).add(key);
    }
    this.#sending = arranged(kept);
  }

  #put(
    kept: Map<string, AppCookie>,
    line: string,
    requestPath: string,
    isSecure: boolean,
    now: EpochMs,
  ): CookieChange | undefined {
    const read = readSetCookie(line, { hosts: this.terms.hosts, path: requestPath, isSecure, now });
    if ('refused' in read) {
      this.#refuse(read.refused, (line.split(/[=;]/, 1)[0] ?? '').slice(0, 64));
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

  #refuse(reason: CookieRefusal, name: string): void {
    const reported = (this.#noted.reported ??= new Set());
    if (reported.has(reason)) return;
    reported.add(reason);
    this.terms.onRefused(reason, name);
  }

  get #noted(): Rare {
    return (this.#rare ??= { reported: undefined, expired: undefined, sight: undefined });
  }
}

/** `OpenJar` where nobody asks how much it holds. */
export const openJar = (
  stored: readonly StoredCookie[],
  hosts: AppHosts,
  onRefused: JarTerms['onRefused'] = () => {},
): SharedJar => new OpenJar(stored, { hosts, onRefused });
