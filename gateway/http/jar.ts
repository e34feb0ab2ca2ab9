// The app's cookies live with the session, not in the browser (P7, P10): what the proxy asks of a jar for one request.

import type { IncomingMessage } from 'node:http';
import type { Admission } from '../flows/admit.ts';
import type { App } from '../flows/app.ts';
import type { SessionId } from '../kernel/words.ts';
import type { CookieJar } from '../proxy/engine.ts';
import type { Soon } from '../sessions/sessions.ts';
import { judge, type Arrival } from '../upstream/binding.ts';
import { pairsIn } from '../upstream/browser-cookies.ts';
import { given, type Exposure, type Marking } from '../upstream/expose.ts';
import { written } from '../upstream/contents.ts';
import type { SharedJar } from '../upstream/jar.ts';
import { isOwnCookie, readVersion, setCookie } from './cookies.ts';
import type { Doors, Seen } from './doors.ts';

type Pass = Extract<Admission, { kind: 'pass' }>;
type JarDoors = Pick<Doors, 'jars' | 'marks' | 'cookies' | 'clock' | 'goodbyes' | 'appSignIns' | 'publicOrigin'>;

/**
 * The jar of the session for this request; at once where it is in memory. For whoever has not signed in there is no session that
 * cookies could live with: the exposed ones go neither way, and where none is exposed the jar is undefined and all pass through.
 */
export function jarFor(
  doors: JarDoors,
  { app, session, connection }: Pass,
  request: IncomingMessage,
  seen: Seen,
): Soon<CookieJar | undefined> {
  const { exposure } = app;
  if (session === undefined) return exposure && nobodysJar(doors, exposure, request);
  const browser = app.goodbye === undefined && app.formSignIn === undefined ? [] : browserOf(request);
  doors.goodbyes.meet(session.id, app, browser);
  const isExpired = app.formSignIn?.isExpired;
  const since = doors.clock.now();
  const opened = (jar: SharedJar): CookieJar => {
    const own =
      exposure === undefined
        ? closedJar(doors, { app, session: session.id, jar }, request, seen)
        : boundJar(doors, { app, session: session.id, jar, isExposed: exposure }, request, seen);
    if (isExpired === undefined) return own;
    const again = (): boolean => doors.appSignIns.again(session, app, jar, browser, since);
    return { ...own, signInAgain: (status, location) => isExpired(status, location, seen.target) && again() };
  };
  const signedIn = (jar: SharedJar): Soon<CookieJar> => {
    // Cut while the jar was read: the request goes nowhere, and nobody is signed in for it.
    const signing = connection.isCut ? undefined : doors.appSignIns.ensure(session, app, jar, browser);
    return signing === undefined ? opened(jar) : signing.then(() => opened(jar));
  };
  const jar = doors.jars.jarFor(session.id, app.app, readVersion(request.headers.cookie, doors.cookies, app.app));
  return jar instanceof Promise ? jar.then(signedIn) : signedIn(jar);
}

/** Nothing of it reaches the browser. */
function closedJar(
  doors: JarDoors,
  { app, session, jar }: { app: App; session: SessionId; jar: SharedJar },
  request: IncomingMessage,
  { target }: Seen,
): CookieJar {
  const isSecure = isSecureAt(doors);
  return {
    cookie: jar.header(target, isSecure, doors.clock.now(), isCrossSite(request)),
    keep: (lines) => {
      jar.take(lines, target, isSecure, doors.clock.now());
      return told(doors, session, app, NOTHING);
    },
  };
}

/** The browser has copies of what is exposed, and speaks for them as long as they are this session's. */
function boundJar(
  doors: JarDoors,
  { app, session, jar, isExposed }: { app: App; session: SessionId; jar: SharedJar; isExposed: Exposure },
  request: IncomingMessage,
  { target, hostName }: Seen,
): CookieJar {
  const isSecure = isSecureAt(doors);
  const bond = { jar, isExposed: butOurs(doors, isExposed), marking: markingOf(doors, session, app.app) };
  const site = request.headers['sec-fetch-site'];
  const arrival: Arrival = {
    header: request.headers.cookie ?? '',
    target,
    host: hostName,
    isSecure,
    isCrossSite: isCrossSite(request),
    isWhole: site === 'same-origin' || site === 'same-site' || site === 'none',
    now: doors.clock.now(),
  };
  const { cookie, lines } = judge(bond, arrival);
  return {
    cookie,
    keep: (set) => {
      const now = doors.clock.now();
      jar.take(set, target, isSecure, now);
      return told(doors, session, app, given(set, bond, isSecure, now));
    },
    lines,
  };
}

/** Where several nodes keep the jars, the browser carries the version from one to the next: what it has seen, each of them knows. */
function told(
  { jars, cookies }: JarDoors,
  session: SessionId,
  { app }: App,
  lines: readonly string[],
): readonly string[] {
  const version = jars.versionOf(session, app);
  return version === 0 ? lines : [...lines, setCookie(`${cookies.jar}${app}`, String(version), { sameSite: 'Lax' })];
}

/** What somebody without a session sends or is sent under an exposed name could be anybody's. */
function nobodysJar({ cookies }: JarDoors, isExposed: Exposure, { headers }: IncomingMessage): CookieJar {
  const passing = pairsIn(headers.cookie ?? '').filter(({ name }) => !isExposed(name) && !isOwnCookie(name, cookies));
  return {
    cookie: written(passing),
    // `=NAME=x` makes a cookie without a name, which is sent back as `NAME=x`.
    keep: (lines) => lines.filter((line) => !isExposed(/^[\s=]*([^=;]*)/.exec(line)?.[1]?.trim() ?? '')),
  };
}

/** No policy makes a cookie of ours an app's. */
const butOurs =
  ({ cookies }: JarDoors, isExposed: Exposure): Exposure =>
  (name) =>
    isExposed(name) && !isOwnCookie(name, cookies);

/** A mark stands beside the cookie, on the same host and for as long as the browser's own session. */
const markingOf = ({ marks, cookies }: JarDoors, session: SessionId, app: string): Marking => {
  const nameFor = (cookie: string): string => `${cookies.mark}${app}.${cookie}`;
  return {
    nameFor,
    fits: (cookie, mark) => marks.fits(mark, session, app, cookie),
    line: (cookie) => setCookie(nameFor(cookie), marks.of(session, app, cookie), { sameSite: 'Lax' }),
    removal: (cookie) => setCookie(nameFor(cookie), '', { sameSite: 'Lax', maxAgeSeconds: 0 }),
  };
};

const NOTHING: readonly string[] = [];

const isSecureAt = ({ publicOrigin }: JarDoors): boolean => publicOrigin.startsWith('https:');

const isCrossSite = ({ headers }: IncomingMessage): boolean => headers['sec-fetch-site'] === 'cross-site';

/** Headers that apps tie a session to, as a flat list: what speaks for the person must look like their browser. */
function browserOf({ headers }: IncomingMessage): string[] {
  const { 'user-agent': agent, 'accept-language': language } = headers;
  return [
    ...(agent === undefined ? [] : ['User-Agent', agent]),
    ...(language === undefined ? [] : ['Accept-Language', language]),
  ];
}
