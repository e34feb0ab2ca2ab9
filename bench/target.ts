// What can be measured: an address, the processes behind it, and the sessions it knows.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load } from './load.ts';

/** Something that answers requests. */
export interface Target {
  readonly name: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The Host that requests name; undefined is that of `url`. */
  readonly host?: string | undefined;
  /** Whose processor time and memory are its own, with all they start. */
  readonly roots: readonly number[];
  /** One Cookie header a line; undefined where nobody signs in. */
  readonly cookieFile?: string | undefined;
  /** Where its files are; undefined for what has none. */
  readonly folder?: string | undefined;
  /** What is asked of it otherwise than of those beside it. */
  readonly load?: Partial<Load> | undefined;
}

/** A target as somebody built it. */
export interface Peer extends Target {
  readonly folder: string;
  /** Where its SAML is, for those that have any. */
  readonly saml?: SamlService | undefined;
  readonly stop: () => Promise<void>;
}

/** Where a service provider takes what. */
export interface SamlService {
  readonly entityId: string;
  readonly acs: string;
  readonly slo: string;
  /** Under which name the session's cookie is recognised. */
  readonly cookieName: RegExp;
  /** Cookie that the browser brings along with the Response. */
  readonly browserCookie?: (() => string) | undefined;
  /** RelayState of an unsolicited Response. */
  readonly relayState: string;
}

/** The same target with the sessions of these cookies. */
export function withCookies(peer: Peer, cookies: readonly string[]): Target {
  const cookieFile = join(peer.folder, 'cookies.txt');
  writeFileSync(cookieFile, cookies.map((cookie) => `${cookie}\n`).join(''));
  return { ...peer, cookieFile };
}
