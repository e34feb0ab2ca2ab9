// Which of the cookies that a browser sends under exposed names belong to this session (P10). The jar knows what the app has set;
// the rest is a change by the app's scripts, or was left by whoever was here before, and only the first may go to the app.

import type { EpochMs } from '../kernel/words.ts';
import { cookiePaths, copy, pairsIn, placesOf, removal, type Pair, type Place } from './browser-cookies.ts';
import { keyOf, writablePath, type AppCookie } from './cookie.ts';
import type { Exposure, Marking } from './expose.ts';
import { written } from './contents.ts';
import type { SharedJar } from './jar.ts';

/** What binds the browser's cookies to one session and app. */
export interface Bond {
  readonly jar: SharedJar;
  readonly isExposed: Exposure;
  readonly marking: Marking;
}

/** One request, as far as cookies go. */
export interface Arrival {
  /** The Cookie header; empty for none. */
  readonly header: string;
  readonly target: string;
  /** Lower case, without port. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Another site began it: SameSite=Strict cookies stay behind. */
  readonly isCrossSite: boolean;
  /** Every cookie that the browser has for this address came along, and it says so. */
  readonly isWhole: boolean;
  readonly now: EpochMs;
}

/** What goes to the app, and what the browser is told. */
export interface Judged {
  /** The Cookie header for the app; empty for none. */
  readonly cookie: string;
  /** Set-Cookie values for the browser: what it lacks, and the removal of what it should not have. */
  readonly lines: readonly string[];
}

/** Judges every exposed cookie of a request, and lets the jar learn what scripts have changed. Strangers go nowhere, and are removed. */
export function judge(bond: Bond, arrival: Arrival): Judged {
  const { jar, isExposed } = bond;
  const { target, isSecure, isCrossSite, isWhole, now } = arrival;
  const presented = pairsIn(arrival.header);
  const paths = cookiePaths(target);
  const kept = jar.cookies(now);
  const here = jar.sent(target, isSecure, now, isCrossSite);
  const ofApp = new Set(kept.filter(({ writer }) => writer === 'app').map(({ name }) => name));
  const shown = presented.filter(({ name }) => isExposed(name) && !ofApp.has(name));
  const isMarked = (name: string): boolean =>
    presented.some((pair) => pair.name === bond.marking.nameFor(name) && bond.marking.fits(name, pair.value));

  const strangers: Pair[] = [];
  const accepted = shown.filter((pair) => {
    const isOurs = isKept(pair, kept) || isAdopted(bond, pair, { shown, here, kept, paths, isMarked }, arrival);
    if (!isOurs) strangers.push(pair);
    return isOurs;
  });

  const { fromJar, lines } = besides(bond, arrival, { shown, accepted, here, isMarked });
  if (isWhole && paths !== undefined) {
    const fresh = jar.sight.note(arrival.host, paths, strangers);
    if (strangers.length > 0) lines.push(...removalsOf(bond.marking, strangers, fresh, kept, arrival));
  }
  return { cookie: written([...fromJar, ...accepted]), lines };
}

interface Scene {
  readonly shown: readonly Pair[];
  readonly here: readonly AppCookie[];
  readonly kept: readonly AppCookie[];
  /** Undefined: too many to look at. */
  readonly paths: readonly string[] | undefined;
  readonly isMarked: (name: string) => boolean;
}

const isKept = ({ name, value }: Pair, kept: readonly Pair[]): boolean =>
  kept.some((cookie) => cookie.name === name && cookie.value === value);

/**
 * Whether a value that the jar does not know was written by a script of this session. Either the browser was given the cookie in this
 * session, as the mark says, and sends one alone under its name: then that one was changed. Or every path it may have was looked at
 * before, and it was not there.
 */
function isAdopted(
  { jar }: Bond,
  pair: Pair,
  { shown, here, kept, paths, isMarked }: Scene,
  { host, target }: Arrival,
): boolean {
  if (paths !== undefined && jar.sight.had(host, paths, pair)) return false;
  const { name, value } = pair;
  const own = here.find((cookie) => cookie.writer === 'both' && cookie.name === name);
  const isAlone = shown.filter((other) => other.name === name).length === 1;
  if (own !== undefined && isAlone && isMarked(name)) {
    jar.change(own, value);
    return true;
  }
  if (paths === undefined || !jar.sight.knows(host, paths)) return false;
  const made = kept.filter((cookie) => cookie.writer === 'script' && cookie.name === name);
  for (const cookie of made) if (!isKept(cookie, shown)) jar.change(cookie, undefined);
  const path = writablePath(target);
  // Two of one name, both made by scripts: the first stays known, or each would push the other out with every request.
  if (made.some((cookie) => cookie.path === path && shown.some((other) => other.value === cookie.value))) return true;
  const flags = { domain: '', path, secure: false, strict: false, writer: 'script', expiresAt: undefined } as const;
  jar.change({ name, value, ...flags }, value);
  return true;
}

/** What the jar adds to the cookies that the browser speaks for; and what the browser has to be given, or has given up. */
function besides(
  { jar, isExposed, marking }: Bond,
  { isWhole }: Arrival,
  { shown, accepted, here, isMarked }: Pick<Scene, 'shown' | 'here' | 'isMarked'> & { accepted: readonly Pair[] },
): { readonly fromJar: readonly AppCookie[]; readonly lines: string[] } {
  const lines: string[] = [];
  const isNamed = (pairs: readonly Pair[], { name }: AppCookie): boolean => pairs.some((pair) => pair.name === name);
  const fromJar = here.filter((cookie) => {
    if (cookie.writer === 'app' || !isExposed(cookie.name)) return true;
    if (cookie.writer === 'script' || isNamed(accepted, cookie)) return false;
    if (!isMarked(cookie.name)) {
      // The browser never got it: its answer was lost, is still on its way, or was the gateway's to take.
      if (isWhole) lines.push(copy(cookie), marking.line(cookie.name));
      return true;
    }
    if (isNamed(shown, cookie)) return true;
    // Given, and not there any more: a script has removed it.
    if (isWhole) {
      jar.change(cookie, undefined);
      lines.push(marking.removal(cookie.name));
    }
    return false;
  });
  return { fromJar, lines };
}

/**
 * Removes strangers wherever they may be, but for the places where the app's own cookies are; older browsers hold a Domain that is the
 * host for no Domain (RFC 6265 §5.3 step 11). The app may set such a cookie in another answer just now: without its mark it is given again.
 */
function removalsOf(
  marking: Marking,
  strangers: readonly Pair[],
  paths: readonly string[],
  kept: readonly AppCookie[],
  { host, isSecure }: Arrival,
): string[] {
  const names = [...new Set(strangers.map(({ name }) => name))];
  const placeOf = (place: Place): string => keyOf({ ...place, domain: place.domain === '' ? host : place.domain });
  const own = new Set(kept.map(placeOf));
  const places = names.flatMap((name) => placesOf(name, paths, host)).filter((place) => !own.has(placeOf(place)));
  const unset = names.filter((name) => places.length > 0 && !kept.some((cookie) => cookie.name === name));
  return [
    ...places.slice(0, MAX_REMOVALS).map((place) => removal(place, isSecure)),
    ...unset.slice(0, MAX_REMOVALS).map((name) => marking.removal(name)),
  ];
}

/** Lines in one answer: many proxies in front take no more than 4 KiB of headers. */
const MAX_REMOVALS = 40;
