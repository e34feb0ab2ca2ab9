// The app's cookies live with the session, not in the browser (P7, P10): what the proxy asks of a jar for one request.

import type { IncomingMessage } from 'node:http';
import type { Admission } from '../flows/admit.ts';
import type { CookieJar } from '../proxy/engine.ts';
import type { Soon } from '../sessions/sessions.ts';
import type { Jar } from '../upstream/jar.ts';
import type { Doors, Seen } from './doors.ts';

type Pass = Extract<Admission, { kind: 'pass' }>;

/**
 * The jar of the session for this request; at once where it is in memory. Undefined where the policy leaves cookies to the browser, and
 * for whoever has not signed in: there is no session they could live with.
 */
export function jarFor(
  doors: Pick<Doors, 'jars' | 'clock' | 'goodbyes' | 'appSignIns' | 'publicOrigin'>,
  { app, session }: Pass,
  request: IncomingMessage,
  { target }: Seen,
): Soon<CookieJar | undefined> {
  const { exposed } = app;
  if (session === undefined || exposed === undefined) return undefined;
  const browser = app.goodbye === undefined && app.formSignIn === undefined ? [] : browserOf(request);
  doors.goodbyes.meet(session.id, app, browser);
  const isSecure = doors.publicOrigin.startsWith('https:');
  const isCrossSite = request.headers['sec-fetch-site'] === 'cross-site';
  const opened = (jar: Jar): CookieJar => ({
    cookie: jar.header(target, isSecure, doors.clock.now(), isCrossSite),
    keep: (lines) => {
      jar.take(lines, target, isSecure, doors.clock.now());
      return exposed(lines);
    },
  });
  const signedIn = (jar: Jar): Soon<CookieJar> => {
    const signing = doors.appSignIns.ensure(session, app, jar, browser);
    return signing === undefined ? opened(jar) : signing.then(() => opened(jar));
  };
  const jar = doors.jars.jarFor(session.id, app.app);
  return jar instanceof Promise ? jar.then(signedIn) : signedIn(jar);
}

/** Headers that apps tie a session to, as a flat list: what speaks for the person must look like their browser. */
function browserOf({ headers }: IncomingMessage): string[] {
  const { 'user-agent': agent, 'accept-language': language } = headers;
  return [
    ...(agent === undefined ? [] : ['User-Agent', agent]),
    ...(language === undefined ? [] : ['Accept-Language', language]),
  ];
}
