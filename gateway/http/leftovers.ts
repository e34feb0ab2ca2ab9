// Takes from a browser what an ended session has left in it (P10). A Cookie header does not say where a cookie is kept, so each is
// removed from everywhere it may be. What is missed all the same goes to no application: see upstream/binding.ts.

import type { IncomingMessage } from 'node:http';
import type { SessionId } from '../kernel/words.ts';
import { cookiePaths, pairsIn, placesOf, removal, ROOT } from '../upstream/browser-cookies.ts';
import type { Challenge } from './challenge.ts';
import { isOwnCookie, setCookie } from './cookies.ts';
import type { Doors, Seen } from './doors.ts';

/** Names in one answer, and lines: what a proxy in front refuses to pass on would be worth less than what comes with the next answer. */
const MAX_NAMES = 10;
const MAX_LINES = 40;

type Place = Pick<Seen, 'hostName' | 'target'>;
type Parts = Pick<Doors, 'apps' | 'cookies' | 'publicOrigin'>;

/**
 * Set-Cookie values that remove every exposed cookie of this host's apps that came along, and with them the marks and the versions of
 * jars, which the next session's never reach. `addresses`: further paths of the host that the browser is known to go to.
 */
export function leftoversAt(
  { apps, cookies, publicOrigin }: Parts,
  { hostName, target }: Place,
  header: string | undefined,
  addresses: readonly string[] = [],
): string[] {
  if (header === undefined) return [];
  const names = new Set(pairsIn(header).map(({ name }) => name));
  const ours = [...names].filter((name) => name.startsWith(cookies.mark) || name.startsWith(cookies.jar));
  const here = apps.filter(({ exposure, hosts }) => exposure && hosts.some(({ name }) => name === hostName));
  const left = [...names].filter(
    (name) => !isOwnCookie(name, cookies) && here.some(({ exposure }) => exposure?.(name) === true),
  );
  const paths = new Set(
    [target, ...here.map(({ path }) => path), ...addresses].flatMap((at) => cookiePaths(at) ?? ROOT),
  );
  const isSecure = publicOrigin.startsWith('https:');
  return [
    ...ours.slice(0, MAX_LINES).map((name) => setCookie(name, '', { sameSite: 'Lax', maxAgeSeconds: 0 })),
    ...byPath(left.slice(0, MAX_NAMES), [...paths], hostName)
      .slice(0, MAX_LINES)
      .map((place) => removal(place, isSecure)),
  ];
}

/** The answer to whoever has no session, which takes along what an earlier one has left. */
export function takingLeftovers(challenge: Challenge, parts: Parts, request: IncomingMessage, seen: Place): Challenge {
  const leftovers = mayLackSession(request) ? [] : leftoversAt(parts, seen, request.headers.cookie);
  if (leftovers.length === 0) return challenge;
  const own = challenge.headers['Set-Cookie'] ?? [];
  return { ...challenge, headers: { ...challenge.headers, 'Set-Cookie': [own, leftovers].flat(2) } };
}

/** Whether the session's cookie, which is Lax, would have stayed behind: another site must not take a living session's cookies. */
export function mayLackSession({ method, headers }: IncomingMessage): boolean {
  if (headers['sec-fetch-site'] !== 'cross-site') return false;
  return headers['sec-fetch-dest'] !== 'document' || (method !== 'GET' && method !== 'HEAD');
}

/**
 * Set-Cookie values that remove what the browser was given in a session that is about to end: the jars still say where each cookie
 * is. Never rejects; where a jar cannot be read, `leftoversAt` has to do.
 */
export async function givenHere(
  { apps, jars, clock, publicOrigin }: Pick<Doors, 'apps' | 'jars' | 'clock' | 'publicOrigin'>,
  session: SessionId,
  hostName: string,
): Promise<string[]> {
  const isSecure = publicOrigin.startsWith('https:');
  const here = apps.filter(({ exposure, hosts }) => exposure && hosts.some(({ name }) => name === hostName));
  const lines = here.map(async ({ app, exposure }) => {
    try {
      const jar = await jars.jarFor(session, app);
      const exposed = jar
        .cookies(clock.now())
        .filter(({ name, writer }) => writer !== 'app' && exposure?.(name) === true);
      const places = exposed.flatMap((cookie) =>
        // Of what a script has made only the address is known that it was first sent to.
        cookie.writer === 'script' ? placesOf(cookie.name, cookiePaths(cookie.path) ?? ROOT, hostName) : [cookie],
      );
      return places.slice(0, MAX_LINES).map((place) => removal(place, isSecure));
    } catch {
      return [];
    }
  });
  return (await Promise.all(lines)).flat();
}

/** The likeliest places of all names come first. */
const byPath = (names: readonly string[], paths: readonly string[], host: string) =>
  paths.flatMap((path) => names.flatMap((name) => placesOf(name, [path], host)));
