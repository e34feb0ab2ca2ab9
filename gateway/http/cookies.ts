// The gateway's own cookies. None of them reaches an application (P11), and none is stored but as its hash.

import { randomText } from '../kernel/random.ts';
import type { Token } from '../kernel/words.ts';

/** Names by scheme: `__Host-` keeps a cookie from being set by a neighbour or over http (RFC 6265bis §4.1.3.2). */
export interface CookieNames {
  /** The session, on each host its own token. */
  readonly session: string;
  /** Nonce of the browser on the public host: binds an AuthnRequest to it. */
  readonly browser: string;
  /** Nonce of the browser on an app's host: binds a ticket to it. */
  readonly enter: string;
  /** Name of the identity provider that was chosen last, on the public host. No secret, and believed only where it is offered. */
  readonly choice: string;
  /** What the marks' names begin with: each says that a cookie of an app is this session's. */
  readonly mark: string;
  /** What the names of the versions begin with: each says how new an app's jar must be that this browser is served from. */
  readonly jar: string;
}

/** The names for https (`secure`) or http. */
export const cookieNames = (secure: boolean): CookieNames => {
  const prefix = secure ? '__Host-curfew' : 'curfew';
  return {
    session: prefix,
    browser: `${prefix}-browser`,
    enter: `${prefix}-enter`,
    choice: `${prefix}-idp`,
    mark: `${prefix}-mark-`,
    jar: `${prefix}-jar-`,
  };
};

/** Whether a cookie of this name is one of ours. */
export const isOwnCookie = (name: string, { session, browser, enter, choice, mark, jar }: CookieNames): boolean =>
  [session, browser, enter, choice].includes(name) || name.startsWith(mark) || name.startsWith(jar);

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The value of a cookie of ours; undefined where it is absent or not of our making. */
export function readCookie(header: string | undefined, name: string, shape = TOKEN): string | undefined {
  if (header === undefined) return undefined;
  for (let at = 0; at < header.length;) {
    const end = header.indexOf(';', at);
    const stop = end < 0 ? header.length : end;
    while (header.charCodeAt(at) === 0x20) at += 1;
    if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === 0x3d) {
      const value = header.slice(at + name.length + 1, stop).trim();
      if (shape.test(value)) return value;
    }
    at = stop + 1;
  }
  return undefined;
}

/** The session token a request carries, if it is one. */
export const readToken = (header: string | undefined, names: CookieNames): Token | undefined =>
  readCookie(header, names.session) as Token | undefined;

const VERSION = /^[1-9]\d{0,14}$/;

/** The version of an app's jar that this browser was told of; 0 where it was told of none. */
export const readVersion = (header: string | undefined, names: CookieNames, app: string): number =>
  Number(readCookie(header, `${names.jar}${app}`, VERSION) ?? 0);

/** A nonce for this browser: the one it has, or a new one. */
export const nonce = (header: string | undefined, name: string): string => readCookie(header, name) ?? randomText();

/** A Set-Cookie line. Without `maxAgeSeconds` the cookie goes with the browser's session; 0 removes it. */
export function setCookie(
  name: string,
  value: string,
  options: { readonly sameSite?: 'Lax' | 'None' | undefined; readonly maxAgeSeconds?: number },
): string {
  const secure = name.startsWith('__Host-');
  const { sameSite, maxAgeSeconds } = options;
  return [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    ...(secure ? ['Secure'] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ].join('; ');
}

/**
 * The nonce on the public host. Lives as long as the session's own cookie, because it tells which session the next person is to replace
 * (P10). It has to come along when the identity provider's page posts the Response from its own site, which `Lax` forbids and `None`
 * allows. Without https `None` is not to be had: there the Response makes a detour over a page of ours.
 */
export const browserCookie = ({ browser }: CookieNames, value: string): string =>
  setCookie(browser, value, { sameSite: browser.startsWith('__Host-') ? 'None' : 'Lax' });
