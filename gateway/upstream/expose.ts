// The cookies of an app that its scripts may read and change, given to the browser with a mark that says whose they are (P10).

import { parse } from 'tough-cookie';
import type { EpochMs } from '../kernel/words.ts';
import { removal } from './browser-cookies.ts';
import type { SharedJar } from './jar.ts';
import { namedBy } from './names.ts';

/** Whether scripts may read and change a cookie of this name. */
export type Exposure = (name: string) => boolean;

/** What says that the browser was given a cookie in this session: a cookie of ours beside each of the app's. */
export interface Marking {
  /** What it is called for an app's cookie of this name. */
  nameFor(cookie: string): string;
  fits(cookie: string, mark: string): boolean;
  /** The Set-Cookie value that sets it, and the one that removes it. */
  line(cookie: string): string;
  removal(cookie: string): string;
}

/** The names of a policy; undefined where no script may see any. */
export function compileExposure(keep: 'gateway' | 'browser', patterns: readonly string[]): Exposure | undefined {
  if (keep === 'browser') return () => true;
  return patterns.length === 0 ? undefined : namedBy(patterns);
}

/**
 * What the browser gets of Set-Cookie lines that the jar has taken: the line where scripts may read the cookie, its removal where it
 * is gone or HttpOnly now, and the mark. What no script can read stays here whatever the policy names. `Partitioned` would make it a
 * cookie beside the one that is meant.
 */
export function given(
  lines: readonly string[],
  { jar, isExposed, marking }: { readonly jar: SharedJar; readonly isExposed: Exposure; readonly marking: Marking },
  isSecure: boolean,
  now: EpochMs,
): string[] {
  const names = new Set<string>();
  const out: string[] = [];
  const kept = jar.cookies(now).filter(({ writer }) => writer === 'both');
  for (const line of lines) {
    const parsed = parse(line);
    if (parsed === undefined || parsed.key === '' || !isExposed(parsed.key)) continue;
    const { key: name, value, domain, path } = parsed;
    names.add(name);
    const isKept = !parsed.httpOnly && kept.some((cookie) => cookie.name === name && cookie.value === value);
    if (isKept) out.push(line.replace(/;\s*partitioned\s*(?=;|$)/gi, ''));
    // An empty Path is none: the browser works it out, as it did when the cookie was set (RFC 6265 §5.2.4).
    else out.push(removal({ name, domain: domain ?? '', path: path ?? '' }, isSecure));
  }
  for (const name of names) {
    out.push(kept.some((cookie) => cookie.name === name) ? marking.line(name) : marking.removal(name));
  }
  return out;
}
