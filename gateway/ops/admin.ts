// The operator's address: alive, and ready with the reasons if it is not.

import Router from '@koa/router';
import Koa from 'koa';
import type { Middleware } from 'koa';
import { CurfewError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { guard, type AdminState, type Guesses } from './admin-guard.ts';
import { meantRoute, type Meant } from './meant.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { reloadRoute, type ToldReload } from './reload.ts';
import { sessionsRoutes, type SessionsParts } from './sessions-routes.ts';

/** What the operator may ask about. */
export interface AdminParts {
  readonly readiness: () => Promise<Readiness>;
  /** Which sessions a LogoutRequest would end. */
  readonly meant: Meant;
  /** Takes over what stands on disk. */
  readonly reload: () => Promise<ToldReload>;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  /** The sessions page. */
  readonly page: SessionsParts;
  /** `admin.token`. */
  readonly token: string | undefined;
  readonly guesses: Guesses;
  readonly log: Log;
}

/**
 * `/healthz`: 200 while the process answers. `/readyz`: 200, or 503 with the reason of every check that fails. `/metrics`: for Prometheus.
 * `/sessions`: who is signed in. `/reload`: takes over other policies.
 */
export function createAdmin(parts: AdminParts): Koa<AdminState> {
  const { readiness, meant, reload, metrics, page, token, guesses, log } = parts;
  const router = new Router<AdminState>();
  router.get('/healthz', (ctx) => {
    ctx.body = { alive: true };
  });
  router.get('/readyz', async (ctx) => {
    const said = await readiness();
    ctx.status = said.ready ? 200 : 503;
    ctx.body = said;
  });
  meantRoute(router, meant);
  reloadRoute(router, reload);
  router.get('/metrics', async (ctx) => {
    ctx.set('Content-Type', metrics.contentType);
    ctx.body = await metrics.text();
  });
  sessionsRoutes(router, page);
  const app = new Koa<AdminState>();
  app.on('error', (error: unknown) => log.error('admin-answer-failed', { error: String(error) }));
  app.use(guard(token, guesses));
  app.use(answeringErrors);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** What cannot be done is said with its reason; the store away is 503, as everywhere. */
const answeringErrors: Middleware<AdminState> = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof CurfewError)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.code, message: error.meaning, remedy: error.remedy };
  }
};
