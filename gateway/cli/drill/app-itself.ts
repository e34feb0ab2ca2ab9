// Asks an application itself, past the gateway, with the cookies it had set: whether it still takes them for a person who has left (P7).

import type { Configuration } from '../../config/load.ts';
import type { App } from '../../flows/app.ts';
import type { Clock } from '../../kernel/clock.ts';
import { openClient } from '../../upstream/client.ts';
import type { Jar } from '../../upstream/jar.ts';
import { seenPage, USER_AGENT, type Landed } from '../../upstream/visitor.ts';

/** Where an application is, for browsers and really. */
export interface AppPlaces extends Pick<App, 'app' | 'origins' | 'path' | 'upstreamOrigin' | 'upstreamTls'> {
  /** Its policy says how it is told goodbye. */
  readonly isTold: boolean;
}

/** The places of every app that the policies have. */
export function placesOf({ apps, publicUrl }: Pick<Configuration, 'apps' | 'publicUrl'>): AppPlaces[] {
  const { protocol, port } = new URL(publicUrl);
  return apps.map(({ app, hosts, path, upstream, upstreamTls, signOut }) => ({
    ...{ app, path, upstreamOrigin: upstream, upstreamTls, isTold: signOut.call !== undefined },
    origins: hosts.map((host) => new URL(`${protocol}//${host.name}:${host.port ?? port}`).origin),
  }));
}

/** What tells a page for somebody who is signed in from the same page for a stranger. */
export type Marks = readonly string[];

const ANSWER_MS = 15_000;
const MOST_SHOWN = 5;

/** What the application shows at this address to whoever has this Cookie header, and no identity header; undefined where it does not answer. */
export async function askItself(
  { upstreamOrigin, upstreamTls: tls }: Pick<AppPlaces, 'upstreamOrigin' | 'upstreamTls'>,
  url: URL,
  cookie: string,
  clock: Clock,
): Promise<string | undefined> {
  const kept: Jar = { header: () => cookie, take: () => [], cookies: () => [] };
  const place = { publicOrigin: url.origin, upstreamOrigin, tls };
  // What the gateway adds for every browser: some applications end a session that changes it.
  const headers = ['User-Agent', USER_AGENT, 'Accept-Language', 'en', 'X-Forwarded-For', '127.0.0.1'];
  const client = openClient({ place, jar: kept, headers, clock });
  const call = { method: 'GET', url: client.address(`${url.pathname}${url.search}`) };
  const answer = await client.send(call, AbortSignal.timeout(ANSWER_MS));
  return answer.kind === 'failed' ? undefined : textOf(answer);
}

/** What people read on a page, and its source where it is no page. */
export function textOf(landed: Pick<Landed, 'body' | 'contentType' | 'url'>): string {
  const { words, text } = seenPage(landed);
  return landed.contentType.includes('html') ? words : text;
}

/**
 * Words that every one of `signedIn` has and none of `strangers`. Only words a person would read, and whole ones: tokens, times and
 * numbers differ from answer to answer and mean nothing.
 */
export function marksOf(signedIn: readonly string[], strangers: readonly string[]): Marks {
  const [first = new Set<string>(), ...others] = signedIn.map(wordsOf);
  const foreign = strangers.map(wordsOf);
  return [...first].filter(
    (word) => others.every((words) => words.has(word)) && !foreign.some((words) => words.has(word)),
  );
}

/** Those of the marks that the page still has; at most five, which are enough to see what it is. */
export function stillShown(marks: Marks, page: string): Marks {
  const words = wordsOf(page);
  return marks.filter((mark) => words.has(mark)).slice(0, MOST_SHOWN);
}

function wordsOf(page: string): ReadonlySet<string> {
  return new Set(page.match(/(?<![\p{L}\p{N}])\p{L}{3,}(?![\p{L}\p{N}])/gu) ?? []);
}
