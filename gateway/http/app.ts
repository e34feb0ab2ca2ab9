// The table of contents of the product: what happens to a request, in order.

import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { Middleware } from 'koa';
import type { Admission } from '../flows/admit.ts';
import type { Soon } from '../sessions/sessions.ts';
import { refuseHttp } from './codes.ts';
import { curfewRoutes } from './curfew-routes.ts';
import type { Doors, Seen, State } from './doors.ts';
import { errorBoundary } from './error-boundary.ts';
import { admitted, forward, isPlain } from './forward.ts';
import type { StreamFault } from './http2.ts';
import { inForce, ownInForce } from './in-force.ts';
import { passOn, type Passing } from './pass-on.ts';
import { endOf } from './stream-request.ts';
import { OWN_SAML } from '../flows/app.ts';
import { samlRoutes } from './saml-routes.ts';
import { ownAddress, see } from './see.ts';
import { serving, within } from './traced.ts';
import { mustBeRead } from './unread.ts';

/** The router's middleware; its context type is Koa's own with the router's fields, which it adds by itself. */
type Routes = (ctx: never, next: () => Promise<unknown>) => unknown;

/** Answers one request. `fault`: what is wrong with it before it is looked at, where it came over HTTP/2. */
export type Answering = (request: IncomingMessage, response: ServerResponse, fault?: StreamFault) => void;

/** Answers with what curfew has to say itself. */
type Answerer = (request: IncomingMessage, response: ServerResponse, state: State) => void;

/**
 * Answers every request but upgrades. What is admitted goes straight from the socket to its application; whatever curfew says
 * itself is Koa's: 0.9 of the processor time of a way through Koa for all (docs/performance.md).
 */
export function createApp(doors: Doors): Answering {
  const answer = openAnswers(doors);
  const goOn = (request: IncomingMessage, response: ServerResponse, seen: Seen, admission: Admission): void => {
    if (admission.kind === 'pass' && isPlain(admission, seen, request))
      straight(doors, { request, response, seen, admission }, answer); // 5  to the application
    else answer(request, response, { seen, admission }); //            4  refused, sent to sign in, or something of ours first
  };
  const take = (
    request: IncomingMessage,
    response: ServerResponse,
    seen: Seen,
    fault: StreamFault | undefined,
  ): void => {
    if (fault !== undefined) {
      answer(request, response, { seen, failure: { cause: refuseHttp(fault) } });
      return;
    }
    if (ownAddress(doors, seen) !== undefined) {
      answer(request, response, { seen }); //                          2  the gateway's own addresses
      return;
    }
    let admission: Soon<Admission>;
    try {
      admission = admitted(doors, seen, request, endOf(request)); //                   3  the one admission
    } catch (cause) {
      answer(request, response, { seen, failure: { cause } });
      return;
    }
    if (!(admission instanceof Promise)) {
      goOn(request, response, seen, admission);
      return;
    }
    // The store had to be asked, as at the first request of a session in this process.
    admission.then(
      (known) => goOn(request, response, seen, known),
      (cause: unknown) => answer(request, response, { seen, failure: { cause } }),
    );
  };
  return (request, response, fault) => {
    const seen = see(doors, request); //                               1  request id, client, host, one reading of the path
    if (seen.trace?.isSampled !== true) take(request, response, seen, fault);
    else serving(doors, seen, request, response, () => take(request, response, seen, fault));
  };
}

function straight(doors: Doors, passing: Passing, answer: Answerer): void {
  const { request, response, seen } = passing;
  passOn(doors, passing).then(
    (outcome) => {
      if (outcome.kind === 'failed') answer(request, response, { seen, failure: { cause: outcome.error } });
    },
    (cause: unknown) => answer(request, response, { seen, failure: { cause } }),
  );
}

/** The Koa application for all that curfew says itself, errors included. */
function openAnswers(doors: Doors): Answerer {
  const states = new WeakMap<IncomingMessage, State>();
  const app = new Koa<State>();
  app.use((ctx, next) => {
    ctx.state = states.get(ctx.req) ?? { seen: see(doors, ctx.req) };
    return next();
  });
  app.use(errorBoundary(doors)); //  the one place where an error becomes an answer
  app.use(own(doors)); //            the gateway's own addresses
  app.use(forward(doors)); //        what is not simply passed on
  app.on('error', (error: unknown) => doors.log.error('answer-failed', { error: String(error) }));
  const callback = app.callback();
  return (request, response, state) => {
    states.set(request, state);
    if (doors.hsts !== undefined && state.seen.client.proto === 'https')
      response.setHeader('Strict-Transport-Security', doors.hsts);
    within(doors, state.seen, request, () => void callback(request, response).then(() => mustBeRead(response)));
  };
}

function own(doors: Doors): Middleware<State> {
  const saml: Routes = samlRoutes(doors, '/saml', () => inForce(doors)).routes();
  const owns = new Map<string, Routes>(
    doors.ownDoors.map(({ publicHostName: host }) => [
      host,
      samlRoutes(ownInForce(doors, host), OWN_SAML, () => ownInForce(doors, host)).routes(),
    ]),
  );
  const curfew: Routes = curfewRoutes(doors).routes();
  return (ctx, next) => {
    const { seen, failure } = ctx.state;
    const { hostName, target } = seen;
    const path = ownAddress(doors, seen);
    if (path === undefined || failure !== undefined) return next();
    // Anything but the plain spelling of an address is not that address.
    const plain = target.split('?', 1)[0] === path;
    if (!plain || !isOurs(doors, hostName)) throw refuseHttp('NOT_FOUND');
    const isCurfew = path.startsWith('/.curfew') && !path.startsWith(`${OWN_SAML}/`);
    const spoken = hostName === doors.publicHostName && !path.startsWith('/.curfew') ? saml : owns.get(hostName);
    const routes = isCurfew || spoken === undefined ? curfew : spoken;
    ctx.url = target;
    ctx.set('X-Curfew', 'OK');
    return routes(ctx as never, (): Promise<never> => {
      throw refuseHttp('NOT_FOUND', { detail: { method: ctx.method, path } });
    });
  };
}

const isOurs = (doors: Doors, hostName: string): boolean =>
  hostName === doors.publicHostName || doors.apps.some(({ hosts }) => hosts.some(({ name }) => name === hostName));
