// The sessions page for administrators who are signed in: asked through the doors of everybody, behind the one admission. What it has to see to itself is
// that a page of another origin neither reads nor sends anything here, and that nothing of it outlives its session.

import type { IncomingMessage, ServerResponse } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import type { Context } from 'koa';
import type { SignedIn } from '../flows/administrator.ts';
import { CurfewError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { AdminState } from './admin-guard.ts';
import type { May } from '../pages/sessions-page.ts';
import { sessionsRoutes, type SessionsParts } from './sessions-routes.ts';

/** Who asks, and over what. */
export interface Asker {
  readonly who: SignedIn;
  /** What the rules leave them. */
  readonly may: May;
  /** Every NameID they are known by here. */
  readonly names: readonly string[];
  readonly connection: { readonly isCut: boolean; release?(): void };
  /** Called in the place of an answer: nothing was sent. */
  readonly failed: (error: CurfewError) => void;
}

/** Answers one request of an administrator. */
export type Web = (request: IncomingMessage, response: ServerResponse, asker: Asker) => void;

const HEADERS = {
  'X-Curfew': 'OK',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Makes it; `origin` is `admin.url`. */
export function createWeb(parts: SessionsParts, { origin, log }: { readonly origin: string; readonly log: Log }): Web {
  const router = new Router<AdminState>({ sensitive: true, strict: true });
  router.get('/', (ctx) => ctx.redirect('/sessions'));
  // Whoever may no longer look is told nothing more: each event ends its stream, and the next one is admitted anew.
  sessionsRoutes(router, { ...parts, endsStreams: true });
  const askers = new WeakMap<IncomingMessage, Asker>();
  const app = new Koa<AdminState>();
  app.on('error', (error: unknown) => log.error('admin-answer-failed', { error: String(error) }));
  app.use(async (ctx, next) => {
    const asker = askers.get(ctx.req);
    if (asker === undefined) throw new TypeError('nobody asks');
    ctx.state = stateOf(ctx, asker);
    ctx.set(HEADERS);
    if (isForeign(ctx, origin)) {
      ctx.status = 403;
      ctx.body = 'This may only be sent by the page itself.\n';
      return;
    }
    try {
      await next();
    } catch (error) {
      if (!(error instanceof CurfewError)) throw error;
      ctx.respond = false;
      asker.failed(error);
      return;
    }
    // Put together for somebody who was there then.
    if (asker.connection.isCut) {
      ctx.respond = false;
      ctx.req.destroy();
    }
  });
  app.use(router.routes());
  app.use(router.allowedMethods());
  const callback = app.callback();
  return (request, response, asker) => {
    askers.set(request, asker);
    void callback(request, response);
  };
}

function stateOf(ctx: Context, { who, may, names, connection }: Asker): AdminState {
  return {
    by: who,
    may,
    ending: ({ session, nameId }) => {
      if (connection.isCut) ctx.throw(401);
      // Who ends their own session is answered all the same: that is no connection to be cut by it.
      if (session === who.session || (nameId !== undefined && names.includes(nameId))) connection.release?.();
    },
  };
}

/** Every browser says from where it sends what changes something; what says nothing is no browser of somebody's who is signed in here. */
function isForeign(ctx: Context, own: string): boolean {
  const [site, mode, origin] = [ctx.get('sec-fetch-site'), ctx.get('sec-fetch-mode'), ctx.get('origin')];
  if (ctx.method === 'GET' || ctx.method === 'HEAD')
    return (site === 'cross-site' || site === 'same-site') && mode !== 'navigate';
  if (site !== '' && site !== 'same-origin') return true;
  return origin === '' ? site === '' : origin !== own;
}
