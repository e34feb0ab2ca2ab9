// Everything an application could read in a path. The proxy sends the target byte for byte, so a rule is judged on
// every reading, and what could be read as a way around the rules is refused.

import { attempt } from '../kernel/attempt.ts';

/** A path as an application may read it; begins with `/`, decoded. An encoded slash that is kept stands as `%2F`. */
export type Path = `/${string}`;

/** The readings of one target: the path itself where there is only one, at most `MAX_READINGS` otherwise. */
export type Readings = Path | readonly Path[];

const MAX_PATH_LENGTH = 8192;
const MAX_READINGS = 32;
/** Of all readings together: each costs several looks at each of its characters, and a stranger pays none of it. A KiB may be read in every way. */
const MAX_CHARACTERS = 32 * 1024;

/** Whatever makes a path worth a second look: nothing in it means that everybody reads the same. */
const REMARKABLE = /[^\w\-~!$&'()*+,=:@./]|\/\/|\.\/|\.$|:\$/;

/**
 * No reading may hold these: a control character, a backslash, a segment of dots (and spaces, which Windows drops), a
 * stream name that lets IIS reach a folder past its rules, IIS's own `%uXXXX` escape, or a percent sign in disguise.
 */
const FORBIDDEN = /[\u0000-\u001f\u007f\\\uff05\ufe6a]|\/ *\.[. ]*(?:\/|$)|:\$(?:data|i30|index)|%u[0-9a-f]{4}/i;

/**
 * All readings of a request target in origin-form, without its query; `ambiguous` where no application should have to
 * make sense of it. Costs one regular expression for a plain path.
 */
export function readings(target: string): Readings | 'ambiguous' {
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (!isPath(path) || path.length > MAX_PATH_LENGTH) return 'ambiguous';
  return REMARKABLE.test(path) ? allReadings(path) : path;
}

/**
 * The origin-form of a target: the target itself, or what is left of an absolute-form whose authority is the Host
 * (RFC 9112 §3.2.2). Judge and send what this returns. `*`, authority-form and anything else is `ambiguous`.
 */
export function originForm(target: string, host: string): string {
  if (isPath(target)) return target;
  const match = /^https?:\/\/([^/?#\\@]+)(\/.*)$/i.exec(target);
  return match?.[1]?.toLowerCase() === host.toLowerCase() && match[2] !== undefined ? match[2] : 'ambiguous';
}

/** The reading that lies under one of the gateway's own paths, `/.curfew` or `/saml`, if any does. */
export function ownPath(read: Readings): Path | undefined {
  return everyReading(read).find((path) => /^\/(?:\.curfew|saml)(?:\/|$)/.test(path));
}

/** The readings as a list. */
export const everyReading = (read: Readings): readonly Path[] => (typeof read === 'string' ? [read] : read);

function allReadings(raw: Path): Readings | 'ambiguous' {
  const text = latin1AsUtf8(raw);
  const once = decoded(text, ESCAPES);
  const twice = decoded(once, ESCAPES);
  const slashesKept = decoded(text, ESCAPES_BUT_SLASH);
  if (raw.includes('#') || once === undefined || twice === undefined || slashesKept === undefined) return 'ambiguous';
  // A third layer of encoding has no honest use.
  if (twice.search(ESCAPES) >= 0) return 'ambiguous';

  const found = new Set([once, twice, slashesKept.replaceAll(/%2f/gi, '%2F')]);
  let characters = 0;
  for (const path of found) characters += path.length;
  for (const otherwise of DIFFERENCES) {
    for (const path of found) {
      if (found.size > MAX_READINGS || characters > MAX_CHARACTERS) return 'ambiguous';
      const other = otherwise(path);
      if (!found.has(other)) characters += other.length;
      found.add(other);
    }
  }
  const all = [...found].map((path): Path => (isPath(path) ? path : `/${path}`));
  return all.some((path) => FORBIDDEN.test(path)) ? 'ambiguous' : all;
}

/** How applications differ. Each is tried on everything found before, so the order is part of the rule. */
const DIFFERENCES: readonly ((path: string) => string)[] = [
  // A full-width dot or slash is a dot or slash to applications that normalise.
  (path) => path.normalize('NFKC'),
  // Node's `new URL(target, base)` takes what follows two slashes for a host.
  (path) => path.replace(/^\/\/[^/]*/, ''),
  // Who decodes before taking the address apart meets a query or fragment here.
  (path) => path.replace(/[?#].*$/s, ''),
  // Tomcat and others take `;name=value` off every segment.
  (path) => path.replace(/;[^/]*/g, ''),
  // Windows drops dots and spaces at the end of a name.
  (path) => path.replace(/(?<![. ])[. ]+(?=\/|$)/g, ''),
  (path) => path.replace(/\/{2,}/g, '/'),
];

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const ESCAPES_BUT_SLASH = /(?:%(?!2f)[0-9a-f]{2})+/gi;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Node hands a target over with one character a byte; undefined where the bytes are no UTF-8. */
function latin1AsUtf8(raw: string): string | undefined {
  if (/^[\u0000-\u007f]*$/.test(raw)) return raw;
  return /^[\u0000-\u00ff]*$/.test(raw) ? attempt(() => UTF8.decode(Buffer.from(raw, 'latin1'))) : undefined;
}

/** Undefined where the escapes are no UTF-8 (an overlong slash, half a character). A lone `%` is literal. */
function decoded(text: string | undefined, escapes: RegExp): string | undefined {
  const decode = (run: string): string => UTF8.decode(Buffer.from(run.replaceAll('%', ''), 'hex'));
  return text === undefined ? undefined : attempt(() => text.replace(escapes, decode));
}

const isPath = (text: string): text is Path => text.startsWith('/');
