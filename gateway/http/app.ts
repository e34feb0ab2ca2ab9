// The table of contents of the product: what happens to a request, in order.

import Koa from 'koa';
import type { Middleware } from 'koa';
import { refuseHttp } from './codes.ts';
import { curfewRoutes } from './curfew-routes.ts';
import type { Doors, State } from './doors.ts';
import { errorBoundary } from './error-boundary.ts';
import { forward } from './forward.ts';
import { samlRoutes } from './saml-routes.ts';
import { ownAddress, see } from './see.ts';

/** The router's middleware; its context type is Koa's own with the router's fields, which it adds by itself. */
type Routes = (ctx: never, next: () => Promise<unknown>) => unknown;

/** The Koa application that answers every request but upgrades. */
export function createApp(doors: Doors): Koa<State> {
  const app = new Koa<State>();
  app.use(seen(doors)); //           1  request id, client, host, one reading of the path
  app.use(errorBoundary(doors)); //  2  the one place where an error becomes an answer
  app.use(own(doors)); //            3  the gateway's own addresses
  app.use(forward(doors)); //        4  admission, then the application
  app.on('error', (error: unknown) => doors.log.error('answer-failed', { error: String(error) }));
  return app;
}

const seen =
  (doors: Doors): Middleware<State> =>
  (ctx, next) => {
    ctx.state = { seen: see(doors, ctx.req) };
    return next();
  };

function own(doors: Doors): Middleware<State> {
  const saml: Routes = samlRoutes(doors).routes();
  const curfew: Routes = curfewRoutes(doors).routes();
  return (ctx, next) => {
    const { hostName, target } = ctx.state.seen;
    const path = ownAddress(doors, ctx.state.seen);
    if (path === undefined) return next();
    // Anything but the plain spelling of an address is not that address.
    const plain = target.split('?', 1)[0] === path;
    if (!plain || !isOurs(doors, hostName)) throw refuseHttp('NOT_FOUND');
    const routes = path.startsWith('/saml') ? saml : curfew;
    ctx.url = target;
    ctx.set('X-Curfew', 'OK');
    return routes(ctx as never, (): Promise<never> => {
      throw refuseHttp('NOT_FOUND', { detail: { method: ctx.method, path } });
    });
  };
}

const isOurs = (doors: Doors, hostName: string): boolean =>
  hostName === doors.publicHostName || doors.apps.some(({ hosts }) => hosts.some(({ name }) => name === hostName));
