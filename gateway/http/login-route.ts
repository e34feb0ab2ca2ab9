// `GET /saml/login` on the public host: single sign-on, an AuthnRequest, or the question where to sign in.

import type { RouterContext } from '@koa/router';
import type { IncomingMessage } from 'node:http';
import { frontPage, isKnownTo, titleOf } from '../flows/app.ts';
import type { Offered } from '../flows/sign-in.ts';
import { sha256 } from '../kernel/random.ts';
import { refuseHttp } from './codes.ts';
import { browserCookie, nonce, readCookie, setCookie } from './cookies.ts';
import type { Doors, Seen, State } from './doors.ts';
import { go, sendMessage } from './send-on.ts';
import { pagesFor, sendPage } from './send-page.ts';
import { sessionHere } from './session-cookie.ts';
import { isVisit } from './wants.ts';

const BIND = /^[A-Za-z0-9_-]{43}$/;
const IDP = /^[a-z0-9-]{1,63}$/;

/**
 * `GET /saml/apps`: the apps for people of this identity provider; who may use one is taken there. What there is, is nothing for strangers: browsers are
 * sent to sign in.
 */
export async function apps(doors: Doors, ctx: RouterContext<State>): Promise<void> {
  const session = await sessionHere(doors, ctx);
  const signIn = session === undefined && isVisit(ctx.req) ? doors.signIn.addressForAll() : undefined;
  if (signIn !== undefined) {
    ctx.set('X-Curfew', 'SIGN_IN_NEEDED');
    go(ctx, signIn);
    return;
  }
  if (session === undefined) throw refuseHttp('SIGN_IN_NEEDED');
  const open = doors.apps.filter((app) => app.isUnlisted !== true && isKnownTo(app, session.identity));
  const [only, second] = open;
  if (only !== undefined && second === undefined && isVisit(ctx.req)) {
    go(ctx, frontPage(only));
    return;
  }
  const listed = open.map((app) => ({ title: titleOf(app), url: frontPage(app) }));
  sendPage(ctx, pagesFor(doors, ctx).apps({ apps: listed }));
}

/** Whether this is who typed `publicUrl` itself, where no app is: taken to `/saml/apps`, where they may choose one. */
export const isAtFrontDoor = (
  { publicHostName, signIn }: Pick<Doors, 'publicHostName' | 'signIn'>,
  { hostName, target }: Seen,
  request: IncomingMessage,
): boolean =>
  hostName === publicHostName &&
  (target === '/' || target.startsWith('/?')) &&
  isVisit(request) &&
  signIn.addressForAll() !== undefined;

const REMEMBERED = { sameSite: 'Lax', maxAgeSeconds: 180 * 86_400 } as const;

/** Starts a sign-in: `app` and `return` say where it leads, `bind` who began it, `idp` where the person signs in, `passive` that nothing may be shown, `context` how, `force` that it is done anew. */
export async function login(doors: Doors, ctx: RouterContext<State>): Promise<void> {
  const wish = new URLSearchParams(ctx.querystring);
  const bind = wish.get('bind') ?? '';
  const idp = wish.get('idp') ?? undefined;
  const value = nonce(ctx.get('cookie'), doors.cookies.browser);
  const next = await doors.signIn.start({
    app: wish.get('app') ?? undefined,
    returnTo: wish.get('return') ?? undefined,
    idp,
    passive: wish.has('passive'),
    demand: { contexts: wish.getAll('context').slice(0, 8), force: wish.has('force') },
    bind: BIND.test(bind) ? bind : undefined,
    browser: sha256(value),
    from: ctx.state.seen.client.address,
    session: await sessionHere(doors, ctx),
  });
  ctx.append('Set-Cookie', browserCookie(doors.cookies, value));
  // It has been judged: only what an app offers is remembered.
  if (idp !== undefined) ctx.append('Set-Cookie', setCookie(doors.cookies.choice, idp, REMEMBERED));
  if (next.kind === 'go') go(ctx, next.url);
  else if (next.kind === 'send') sendMessage(doors, ctx, next.message);
  else {
    const last = readCookie(ctx.get('cookie'), doors.cookies.choice, IDP);
    const choices = choicesIn(ctx.path, next.offered, wish, last);
    sendPage(ctx, pagesFor(doors, ctx).choice({ app: next.title, choices }));
  }
}

/** The one that was taken last comes first; a name that is not offered (any more) is nobody's. */
function choicesIn(path: string, offered: readonly Offered[], wish: URLSearchParams, last: string | undefined) {
  const choices = offered.map(({ name, title }) => {
    const query = new URLSearchParams(wish);
    query.set('idp', name);
    return { title, url: `${path}?${query.toString()}`, isLast: name === last };
  });
  return choices.toSorted((a, b) => Number(b.isLast) - Number(a.isLast));
}
