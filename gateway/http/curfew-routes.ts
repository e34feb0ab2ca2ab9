// The gateway's own addresses on every app's host.

import Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { FORM_ADDRESS, frontPage, isKnownTo, titled } from '../flows/app.ts';
import { sha256 } from '../kernel/random.ts';
import { readCookie, setCookie } from './cookies.ts';
import type { Doors, State } from './doors.ts';
import { givenHere, leftoversAt, mayLackSession } from './leftovers.ts';
import { notByHead } from './not-by-head.ts';
import { formPage } from './send-form.ts';
import { go, sendMessage } from './send-on.ts';
import { pagesFor, sendPage } from './send-page.ts';
import { sessionHere } from './session-cookie.ts';

type Ctx = RouterContext<State>;

/** Routes of the hosts of apps, the public host among them. */
export function curfewRoutes(doors: Doors): Router<State> {
  const router = new Router<State>({ sensitive: true, strict: true });
  router.get('/.curfew/enter', (ctx) => enter(doors, ctx));
  router.get(FORM_ADDRESS, (ctx) => formPage(doors, ctx));
  router.get('/.curfew/logout', (ctx) => logout(doors, ctx));
  router.post('/.curfew/logout', (ctx) => logout(doors, ctx));
  router.get('/.curfew/session', (ctx) => whoAmI(doors, ctx));
  router.get('/.curfew/jwks.json', (ctx) => {
    // Short enough for a key roll-over; apps and shared caches may keep what is public (RFC 7517 §8.5.2).
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = doors.jwks;
    ctx.type = 'application/jwk-set+json';
  });
  return router;
}

async function enter(doors: Doors, ctx: Ctx): Promise<void> {
  notByHead(ctx);
  const { hostName, requestId } = ctx.state.seen;
  const nonce = readCookie(ctx.get('cookie'), doors.cookies.enter);
  const earlier = await sessionHere(doors, ctx);
  const { token, url, session } = await doors.signIn.enter(
    {
      ticket: new URLSearchParams(ctx.querystring).get('ticket') ?? '',
      hostName,
      bind: nonce === undefined ? undefined : sha256(nonce),
      earlier,
    },
    requestId,
  );
  ctx.append('Set-Cookie', setCookie(doors.cookies.session, token, { sameSite: 'Lax' }));
  if (earlier?.id !== session) {
    const { pathname } = new URL(url);
    ctx.append('Set-Cookie', leftoversAt(doors, ctx.state.seen, ctx.req.headers.cookie, [pathname]));
  }
  go(ctx, url);
}

async function logout(doors: Doors, ctx: Ctx): Promise<void> {
  notByHead(ctx);
  const { hostName, requestId } = ctx.state.seen;
  const session = await sessionHere(doors, ctx);
  // A form of another site comes without the cookie, which is Lax; a GET brings it, and then it is known who leaves.
  if (session === undefined && ctx.method === 'POST') {
    go(ctx, ctx.path);
    return;
  }
  const app = doors.apps.find(
    (candidate) =>
      candidate.hosts.some(({ name }) => name === hostName) &&
      (session === undefined || isKnownTo(candidate, session.identity)),
  );
  const given = session === undefined ? [] : await givenHere(doors, session.id, hostName);
  // This very address tells whoever comes without a session that they are signed out.
  const origin = app?.origins.find((one) => new URL(one).hostname === hostName) ?? doors.publicOrigin;
  const from = { app: app?.app, returnTo: app?.returnTo ?? `${origin}/.curfew/logout` };
  const left = session === undefined ? undefined : await doors.signOut(session, from, requestId);
  if (session !== undefined || !mayLackSession(ctx.req)) {
    // What the app has let this browser keep, pictures and pages alike, is gone for whoever sits down next.
    ctx.set('Clear-Site-Data', '"cache"');
    // Only now: a browser that loses its cookie while the session lives has nothing left to end it with.
    ctx.append('Set-Cookie', setCookie(doors.cookies.session, '', { sameSite: 'Lax', maxAgeSeconds: 0 }));
    ctx.append('Set-Cookie', [...given, ...leftoversAt(doors, ctx.state.seen, ctx.req.headers.cookie)]);
  }
  if (left?.kind === 'send') sendMessage(doors, ctx, left.message);
  else if (left?.kind === 'go') go(ctx, left.url);
  else {
    const idp = left?.idp ?? 'not-told';
    const apps = left && titled(doors.apps, left.apps);
    const page = pagesFor(doors, ctx).signedOut({ idp, apps, returnTo: app?.returnTo, again: app && frontPage(app) });
    sendPage(ctx, page);
  }
}

/** Who the gateway takes this browser for, for scripts and for people who wonder. */
async function whoAmI(doors: Doors, ctx: Ctx): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const session = await sessionHere(doors, ctx);
  if (session === undefined) {
    ctx.status = 401;
    ctx.body = { signedIn: false };
    return;
  }
  const { identity, createdAt, expiresAt } = session;
  ctx.body = {
    signedIn: true,
    nameId: identity.nameId.value,
    identityProvider: identity.idp,
    since: new Date(createdAt).toISOString(),
    expires: new Date(expiresAt).toISOString(),
  };
}
