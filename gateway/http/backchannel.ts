// The back channel: LogoutRequests of identity providers that show a client certificate, by SOAP and by form, and nothing else.

import { TLSSocket } from 'node:tls';
import Koa from 'koa';
import { OWN_SAML } from '../flows/app.ts';
import { refuseHttp } from './codes.ts';
import type { Doors, State } from './doors.ts';
import { errorBoundary } from './error-boundary.ts';
import { appsOwnInForce, inForce } from './in-force.ts';
import { takeLogoutRequest } from './saml-routes.ts';
import { see } from './see.ts';
import { serving } from './traced.ts';

/** The gateway's, or those of an app's own service provider: all share one host here, so the app stands in the path. */
const PATH = new RegExp(`^(?:/saml|${OWN_SAML}/(?<app>[^/]+))/slo(?:/soap)?$`);

/** The Koa application behind `listen.backchannel`. `url` is the origin that identity providers call it by. */
export function createBackchannel(doors: Doors, url: string): Koa<State> {
  const app = new Koa<State>();
  app.use((ctx, next) => {
    const seen = see(doors, ctx.req);
    ctx.state = { seen };
    return new Promise((resolve, reject) => {
      serving(doors, seen, ctx.req, ctx.res, () => void next().then(resolve, reject));
    });
  });
  app.use(errorBoundary(doors));
  app.use((ctx) => {
    // The target as it came: anything but the plain spelling of an address is not that address.
    const [path = '', query] = ctx.state.seen.target.split('?', 2);
    const address = PATH.exec(path);
    if (ctx.method !== 'POST' || query !== undefined || address === null) {
      throw refuseHttp('NOT_FOUND', { detail: { method: ctx.method, path } });
    }
    const { socket } = ctx.req;
    const isVerified = socket instanceof TLSSocket && socket.authorized;
    const certificate = isVerified ? socket.getPeerX509Certificate() : undefined;
    // The handshake has refused whoever has none; nothing is taken on its word alone.
    if (certificate === undefined) throw refuseHttp('NOT_FOUND', { detail: { reason: 'no client certificate' } });
    const own = address.groups?.['app'];
    const now = (): Doors => (own === undefined ? inForce(doors) : appsOwnInForce(doors, own));
    // Where there is nobody to read it, nobody waits for a body.
    now();
    ctx.set('X-Curfew', 'OK');
    return takeLogoutRequest(now, ctx, `${url}${path}`, certificate);
  });
  app.on('error', (error: unknown) => doors.log.error('answer-failed', { error: String(error) }));
  return app;
}
