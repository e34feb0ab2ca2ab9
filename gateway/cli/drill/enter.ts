// The first half of a drill: signs the test person in, opens what was asked for, and keeps everything that could open something again.

import type { Clock } from '../../kernel/clock.ts';
import { appOfAddress } from '../../flows/app.ts';
import { cookieNames, isOwnCookie } from '../../http/cookies.ts';
import type { Session } from '../../sessions/sessions.ts';
import type { Place } from '../../upstream/exchange.ts';
import { openVisitor, type Landed, type Step, type Visitor } from '../../upstream/visitor.ts';
import { askItself, marksOf, textOf, type AppPlaces, type Marks } from './app-itself.ts';
import { signInAtIdp } from './idp-form.ts';
import type { Rehearsal } from './rehearsal.ts';
import { carries, sideFor, type Side } from './sides.ts';
import { openStream, type Stream } from './streams.ts';
import type { Wish } from './wish.ts';

/** The gateway that is drilled. */
export interface Gate {
  readonly publicUrl: string;
  readonly apps: readonly AppPlaces[];
  readonly sides: readonly [Side, ...Side[]];
  readonly placeOf: (url: URL) => Place | undefined;
  /** Undefined where the gateway is looked at from outside only. */
  readonly rehearsal: Rehearsal | undefined;
  readonly clock: Clock;
  /** Ends the whole drill. */
  readonly signal: AbortSignal;
}

/** A page that opened while the test person was signed in. */
export interface OpenedPage {
  readonly url: URL;
  readonly app: AppPlaces;
  readonly status: number;
  /** It opens to strangers as well. */
  readonly isPublic: boolean;
  /** The gateway's cookies that opened it. */
  readonly cookie: string;
  /** The app's own; empty where it has set none, undefined where they cannot be seen. */
  readonly appCookie: string | undefined;
  readonly marks: Marks;
}

/** An event stream or WebSocket that was open at the logout. */
export interface OpenedStream {
  readonly url: URL;
  readonly cookie: string;
  readonly stream: Stream;
}

/** Everything that was kept. */
export interface Inside {
  readonly visitor: Visitor;
  readonly pages: readonly OpenedPage[];
  readonly streams: readonly OpenedStream[];
  /** Tickets and Responses as they went by. */
  readonly messages: readonly Step[];
  /** The service providers that were signed in through, each with its cookies and an app that was opened. */
  readonly signedInAt: readonly { readonly side: Side; readonly cookie: string; readonly page: OpenedPage }[];
  /** One for each of them; none where the gateway is looked at from outside only. */
  readonly sessions: readonly Session[];
  /** Cookies of the apps that reached the browser, by host and name. */
  readonly inBrowser: readonly string[];
  readonly trouble: readonly string[];
}

/** Whether the gateway has sent somebody to sign in instead of answering. */
export const isSentToSignIn = ({ sides }: Pick<Gate, 'sides'>, landed: Landed): boolean =>
  landed.header('x-curfew') === 'SIGN_IN_NEEDED' ||
  (landed.status === 303 && sides.some(({ base }) => landed.header('location')?.startsWith(`${base}/login?`) === true));

/** What an answer is called in the report. */
export function named(landed: Landed): string {
  const reason = landed.header('x-curfew');
  return `${landed.status}${reason === undefined ? '' : ` ${reason}`}`;
}

/** Signs in and opens. Rejects with SignInTrouble or VisitFailure where nobody can be signed in. */
export async function enter(wish: Wish, gate: Gate, tell: (line: string) => void): Promise<Inside> {
  const visitor = openVisitor(gate);
  const ours = new Set([new URL(gate.publicUrl).origin, ...gate.apps.flatMap(({ origins }) => origins)]);
  const trouble: string[] = [];
  const messages: Step[] = [];
  const arrived: { readonly url: URL; readonly app: AppPlaces; readonly landed: Landed; readonly stranger: Landed }[] =
    [];
  for (const url of wish.pages) {
    const app = appOfAddress(gate.apps, url.href);
    if (app === undefined) {
      trouble.push(`${url.href} is no address of an app in these policies`);
      continue;
    }
    const stranger = await visitor.ask({ method: 'GET', url, cookie: '' });
    const landed = await signInAtIdp(visitor, await visitor.go({ method: 'GET', url }), wish, ours);
    messages.push(...landed.way.filter((step) => isMessage(gate, step)));
    const isOpened = landed.status < 400 && landed.url.origin === url.origin && landed.header('x-curfew') === undefined;
    tell(`  ${isOpened ? 'opens   ' : 'NOT OPEN'}  page ${url.href}: ${named(landed)}`);
    if (isOpened) arrived.push({ url, app, landed, stranger });
    else
      trouble.push(
        `${url.href} does not open for ${wish.user}: ${named(landed)} at ${landed.url.origin}${landed.url.pathname}`,
      );
  }
  const sessions = new Map<string, Session>();
  const pages: OpenedPage[] = [];
  const inBrowser = new Set<string>();
  for (const { url, app, landed, stranger } of arrived) {
    const ofApp = foreign(gate, visitor.cookies(landed.url));
    ofApp.forEach((pair) => inBrowser.add(`${url.hostname} ${pair.split('=', 1)[0] ?? ''}`));
    const session = await gate.rehearsal?.sessionOf(url, visitor.cookies(url));
    if (session !== undefined) sessions.set(session.id, session);
    const appCookie = session && (await gate.rehearsal?.appCookies(session, app.app, landed.url));
    const isPublic = !isSentToSignIn(gate, stranger) && stranger.status < 400;
    const marks = appCookie ? await marksAt(wish, gate, visitor, app, landed) : [];
    pages.push({
      url: landed.url,
      app,
      status: landed.status,
      isPublic,
      cookie: visitor.cookies(url),
      appCookie,
      marks,
    });
  }
  const streams: OpenedStream[] = [];
  for (const url of wish.streams) {
    const cookie = visitor.cookies(asHttp(url));
    const stream = await openStream(url, cookie, gate.placeOf(asHttp(url)));
    tell(`  ${isFlowing(stream) ? 'opens   ' : 'NOT OPEN'}  stream ${url.href}: ${stream.status}`);
    if (isFlowing(stream)) streams.push({ url, cookie, stream });
    else trouble.push(`${url.href} does not stay open: ${stream.status} ${stream.reason ?? ''}`.trim());
  }
  return {
    visitor,
    pages,
    streams,
    messages,
    signedInAt: gate.sides.flatMap((side) => {
      const page = pages.find(({ app }) => sideFor(gate.sides, app.app) === side);
      return page === undefined ? [] : [{ side, page, cookie: visitor.cookies(new URL(side.base)) }];
    }),
    sessions: [...sessions.values()],
    inBrowser: [...inBrowser],
    trouble,
  };
}

/** Cookies in a Cookie header that are not the gateway's. */
function foreign({ publicUrl }: Pick<Gate, 'publicUrl'>, header: string): string[] {
  const ours = cookieNames(publicUrl.startsWith('https:'));
  return header.split('; ').filter((pair) => pair !== '' && !isOwnCookie(pair.split('=', 1)[0] ?? '', ours));
}

/** Cookies know http and https only. */
export const asHttp = (url: URL): URL => new URL(url.href.replace(/^ws/, 'http'));

const isFlowing = ({ status, isOpen }: Stream): boolean => (status === 101 || status === 200) && isOpen();

const isMessage = ({ sides }: Gate, step: Step): boolean =>
  step.url.pathname === '/.curfew/enter' || (step.method === 'POST' && carries(sides, step, 'SAMLResponse'));

/** What the page shows to people who are signed in, seen twice, and the application itself to nobody else. */
async function marksAt(wish: Wish, gate: Gate, visitor: Visitor, app: AppPlaces, landed: Landed): Promise<Marks> {
  const again = await visitor.ask({ method: 'GET', url: landed.url });
  const pages = [landed, again].map(textOf);
  const { shows } = wish;
  if (shows !== undefined) return pages.every((page) => page.includes(shows)) ? [shows] : [];
  const stranger = await askItself(app, landed.url, '', gate.clock);
  return stranger === undefined ? [] : marksOf(pages, [stranger]);
}
