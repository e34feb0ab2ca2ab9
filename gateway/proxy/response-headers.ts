// The header fields a browser gets: the app's without what ends here, without cookies that are the gateway's, without where the
// app really is, and without anything that claims to be said by the gateway.

import { ADDRESS_FIELDS } from './addresses.ts';
import { withoutDomain } from './cookie-domain.ts';
import { setsCookie } from './cookies.ts';
import { connectionOptions, type HeaderRules } from './header-rules.ts';
import type { Passage } from './upstream.ts';

/** The head of an answer as the browser gets it, and what it says of the body. */
export interface ResponseHead {
  /** Flat list name, value, name, value. */
  readonly headers: string[];
  /** Content-Length, or -1. */
  readonly length: number;
  /** Transfer-Encoding in lower case, or empty. */
  readonly coding: string;
}

/** Reads the app's fields in one pass; `raw` is a flat list of bytes or of latin1 text, as the engine gives it. */
export function responseHead(raw: readonly (Buffer | string)[], rules: HeaderRules, passage: Passage): ResponseHead {
  const { jar } = passage;
  const headers: string[] = [];
  const setCookies: string[] = [];
  let length = -1;
  let coding = '';
  let connectionOnly: ReadonlySet<string> | undefined;

  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at]);
    const value = text(raw[at + 1]);
    const lower = name.toLowerCase();
    if (lower === 'connection') connectionOnly = connectionOptions(value.toLowerCase()) ?? connectionOnly;
    else if (lower === 'transfer-encoding') coding = coding === '' ? value.toLowerCase() : `${coding}, ${value}`;
    else if (lower === 'set-cookie') {
      if (setsCookie(value, rules.cookieNames)) continue;
      if (jar === undefined) headers.push(name, withoutDomain(value, rules.real.hostname));
      else setCookies.push(value);
    } else if (!rules.fromApps.has(lower) && !lower.startsWith('x-curfew')) {
      if (lower === 'content-length') length = Number(value);
      const rewrite = ADDRESS_FIELDS.get(lower);
      headers.push(name, rewrite === undefined ? value : rewrite(value, rules.real, originFor(passage, rules)));
    }
  }

  if (connectionOnly !== undefined) removeNamed(headers, connectionOnly);
  // What the app sets now must not be taken away again by what was worked out before.
  if (jar?.lines !== undefined) for (const value of jar.lines) headers.push('Set-Cookie', value);
  if (jar !== undefined && setCookies.length > 0) {
    for (const value of jar.keep(setCookies)) headers.push('Set-Cookie', withoutDomain(value, rules.real.hostname));
  }
  return { headers, length, coding };
}

const originFor = ({ proto, host }: Passage, { originAt }: HeaderRules): string =>
  originAt === undefined ? `${proto}://${host}` : originAt(host);

/** For `removeNamed`. */
export const CONTENT_LENGTH: ReadonlySet<string> = new Set(['content-length']);

/** The first value of a field in a flat list, by its lower-case name. */
export function firstValue(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

/** Removes every field of these names, in lower case, from a flat list. */
export function removeNamed(headers: string[], names: ReadonlySet<string>): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (names.has((headers[at] as string).toLowerCase())) headers.splice(at, 2);
  }
}

/** Trailer fields that may follow a chunked body, as pairs; none that frames, routes, authorises or sets (RFC 9110 §6.5.1). */
export function trailerFields(raw: readonly (Buffer | string)[], rules: HeaderRules): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at]);
    const lower = name.toLowerCase();
    if (rules.fromApps.has(lower) || NEVER_TRAILERS.test(lower)) continue;
    fields.push([name, text(raw[at + 1])]);
  }
  return fields;
}

const NEVER_TRAILERS =
  /^(content-.*|set-cookie|location|host|authorization|www-authenticate|cache-control|expires|age|vary|date|retry-after|x-curfew.*|access-control-.*|strict-transport-security|clear-site-data)$/;

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '');
}
