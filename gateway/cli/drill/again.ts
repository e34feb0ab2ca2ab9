// The second half of a drill: tries everything again with everything that was kept.

import { setTimeout as pause } from 'node:timers/promises';
import type { Step } from '../../upstream/visitor.ts';
import { askItself, stillShown } from './app-itself.ts';
import { asHttp, isSentToSignIn, named, type Gate, type Inside, type OpenedPage, type OpenedStream } from './enter.ts';
import type { Leaving } from './leave.ts';
import type { Finding } from './report.ts';
import { openStream } from './streams.ts';
import type { Wish } from './wish.ts';

type Seen = Omit<Finding, 'milliseconds'>;

/** A stream that is cut is cut at once; this is for the network in between. */
const CUT_WITHIN_MS = 3000;

/** Tries everything at once, and notes how long after the LogoutRequest each was seen. Never rejects. */
export async function tryAgain(wish: Wish, gate: Gate, inside: Inside, leaving: Leaving): Promise<Finding[]> {
  const timed = async (what: string, kind: Finding['kind'], seeing: Promise<Seen>): Promise<Finding> => {
    const failed = (error: unknown): Seen => ({
      ...{ kind, what, before: 'open' },
      ...{ after: `no answer: ${error instanceof Error ? error.message : String(error)}`, verdict: 'unproven' },
    });
    const seen = await seeing.catch(failed);
    return { ...seen, milliseconds: Math.round(performance.now() - leaving.from) };
  };
  const { pages, streams, messages } = inside;
  const found = await Promise.all([
    ...pages.map((page) => timed(`page ${page.url.href}`, 'page', pageAgain(gate, inside, page))),
    ...streams.map((stream) => streamEnds(stream, leaving)),
    ...streams.map((stream) => timed(`stream ${stream.url.href}, anew`, 'stream', streamAgain(gate, stream))),
    ...inside.signedInAt.map((at) => timed(cookieOf(at), 'cookie', ticketAgain(inside, at))),
    ...messages.map((step) => timed(nameOf(step), 'replay', messageAgain(inside, step))),
  ]);
  for (const { stream } of streams) stream.close();
  const apps = new Set(pages.flatMap(({ app, appCookie }) => (appCookie ? [app] : [])));
  const itself = await Promise.all(
    [...apps].flatMap((app) => {
      const [any, ...more] = pages.filter((page) => page.app === app && page.appCookie);
      const telling = [any, ...more].filter((page) => page !== undefined && page.marks.length > 0);
      return (telling.length > 0 ? telling : [any]).flatMap((page) =>
        page === undefined ? [] : [timed(`${app.app} itself`, 'itself', appAgain(wish, gate, leaving, page))],
      );
    }),
  );
  return [...found, ...itself];
}

async function pageAgain(
  gate: Gate,
  { visitor }: Inside,
  { url, cookie, isPublic, status }: OpenedPage,
): Promise<Seen> {
  const landed = await visitor.ask({ method: 'GET', url, cookie });
  const isClosed = isSentToSignIn(gate, landed);
  const verdict = isPublic ? 'public' : isClosed ? 'closed' : landed.status >= 500 ? 'unproven' : 'open';
  return { kind: 'page', what: `page ${url.href}`, before: String(status), after: named(landed), verdict };
}

async function streamEnds({ url, stream }: OpenedStream, { from }: Leaving): Promise<Finding> {
  const late = pause(CUT_WITHIN_MS, undefined, { ref: false });
  const at = await Promise.race([stream.ended, late]);
  const verdict = at === undefined ? 'open' : 'closed';
  const after = at === undefined ? `still open ${CUT_WITHIN_MS} ms later` : 'cut';
  const milliseconds = at === undefined ? undefined : Math.round(at - from);
  return { kind: 'stream', what: `stream ${url.href}`, before: 'open', after, verdict, milliseconds };
}

async function streamAgain(gate: Gate, { url, cookie }: OpenedStream): Promise<Seen> {
  const stream = await openStream(url, cookie, gate.placeOf(asHttp(url)));
  stream.close();
  const { status, reason = '' } = stream;
  const verdict = reason === 'SIGN_IN_NEEDED' || status === 401 ? 'closed' : status >= 500 ? 'unproven' : 'open';
  return {
    kind: 'stream',
    what: `stream ${url.href}, anew`,
    before: 'opens',
    after: `${status} ${reason}`.trim(),
    verdict,
  };
}

type SignedInAt = Inside['signedInAt'][number];

const cookieOf = ({ side }: SignedInAt): string =>
  side.app === undefined ? 'cookie of the sign-in host' : `cookie of the sign-in to ${side.app}`;

/** Single sign-on within the gateway: the sign-in host gives tickets for every app to whoever has a session there. */
async function ticketAgain({ visitor }: Inside, at: SignedInAt): Promise<Seen> {
  const { side, cookie, page } = at;
  const url = new URL(`${side.base}/login`);
  // A ticket is given to a browser that has begun; any nonce will do to ask for one.
  url.search = new URLSearchParams({ app: page.app.app, return: page.url.href, bind: 'A'.repeat(43) }).toString();
  const landed = await visitor.ask({ method: 'GET', url, cookie });
  const asksIdp =
    /[?&]SAMLRequest=/.test(landed.header('location') ?? '') || landed.body.includes('name="SAMLRequest"');
  return {
    ...{ kind: 'cookie', what: cookieOf(at), before: `signs in to ${side.app ?? 'every app'}` },
    after: asksIdp ? 'asks the identity provider' : named(landed),
    verdict: asksIdp ? 'closed' : 'open',
  };
}

const nameOf = ({ url, method }: Step): string =>
  method === 'POST' ? 'Response of the identity provider, again' : `ticket for ${url.host}, again`;

async function messageAgain({ visitor }: Inside, step: Step): Promise<Seen> {
  const { url, method, body } = step;
  const landed = await visitor.ask({ method, url, body, cookie: visitor.cookies(url) });
  const verdict = landed.status >= 400 ? 'closed' : 'open';
  return { kind: 'replay', what: nameOf(step), before: 'taken', after: named(landed), verdict };
}

async function appAgain(wish: Wish, gate: Gate, { left }: Leaving, page: OpenedPage): Promise<Seen> {
  const { app, url, appCookie = '', marks } = page;
  const about = { kind: 'itself', what: `${app.app} itself, asked with its own cookies`, before: 'signed in' } as const;
  if (marks.length === 0) {
    const after = `no word on ${url.pathname} tells a person from a stranger; name another page with --open, or a word of it with --shows`;
    return { ...about, after, verdict: 'unproven' };
  }
  const shown = await askItself(app, url, appCookie, gate.clock);
  if (shown === undefined) return { ...about, after: 'no answer', verdict: 'unproven' };
  const words = wish.shows === undefined ? stillShown(marks, shown) : marks.filter((mark) => shown.includes(mark));
  if (words.length === 0) return { ...about, after: 'a stranger', verdict: 'closed' };
  const outcome = left.goodbyes.find((goodbye) => goodbye.app === app.app)?.outcome;
  const why =
    outcome === undefined
      ? `it was not told: ${app.isTold ? 'nobody’s session here has ended' : 'its policy has no signOut.call'}`
      : outcome === 'told'
        ? 'although it was told: only the gateway may have its cookies'
        : `it could not be told: ${outcome}`;
  const isKnown = outcome === 'told' && wish.mayRemember.includes(app.app);
  const after = `still signed in, shows ${words.map((word) => `“${word}”`).join(', ')}; ${why}`;
  return { ...about, after, verdict: isKnown ? 'known' : 'open' };
}
