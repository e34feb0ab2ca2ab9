// What becomes of a request for an application (docs/architecture.md, "The way of a request"): admission, and what curfew says itself
// where the request cannot simply be passed on.

import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { originAt } from '../flows/app.ts';
import { admit, type Admission, type Asked } from '../flows/admit.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { Token } from '../kernel/words.ts';
import type { End } from '../live/registry.ts';
import { refusePolicy } from '../policy/codes.ts';
import { methodsOf } from '../policy/method.ts';
import type { Soon } from '../sessions/sessions.ts';
import { challenge } from './challenge.ts';
import { readToken } from './cookies.ts';
import type { Doors, Seen, State } from './doors.ts';
import { isForm, keepForm } from './keep-form.ts';
import { takingLeftovers } from './leftovers.ts';
import { isAtFrontDoor } from './login-route.ts';
import { passOn } from './pass-on.ts';
import { sendUnsent, standingFor } from './send-form.ts';
import { go } from './send-on.ts';
import { isStandIn } from './stand-in.ts';
import { endOf } from './stream-request.ts';
import { admitting, goingOn } from './traced.ts';
import { isNavigation } from './wants.ts';

/** An audit line is no place for kilobytes of a client's choice. */
const LONGEST_PATH = 256;

type Pass = Extract<Admission, { kind: 'pass' }>;
type StateContext = Context & { readonly state: State };

/** The one admission, for this door and for upgrades. `client` is what a logout closes. */
export function admitted(doors: Doors, seen: Seen, request: IncomingMessage, client: End): Soon<Admission> {
  const token = readToken(request.headers.cookie, doors.cookies);
  // Every request's way: what only a few need costs the others nothing, not even a function.
  if (seen.trace?.isSampled !== true) return admit(doors, asked(seen, request, token), client);
  return admitting(doors, seen.trace, () => admit(doors, asked(seen, request, token), client));
}

/** Whether nothing is to be said but what the app says: no sign-out, nothing that stands in for a form. */
export const isPlain = ({ app, session }: Pass, { target }: Seen, request: IncomingMessage): boolean =>
  !(session !== undefined && app.isSignOut(request.method ?? 'GET', target)) && !isStandIn(request);

/** Answers what is not simply passed on; what the short way could not wait for or bring to its end comes here as well. */
export const forward =
  (doors: Doors): Middleware<State> =>
  async (ctx) => {
    const { seen, failure } = ctx.state;
    if (failure !== undefined) throw failure.cause;
    const admission = await (ctx.state.admission ?? admitted(doors, seen, ctx.req, endOf(ctx.req)));
    switch (admission.kind) {
      case 'refused':
        if (admission.code === 'HOST_UNKNOWN' && isAtFrontDoor(doors, seen, ctx.req)) {
          ctx.set('X-Curfew', 'OK');
          go(ctx, '/saml/apps');
          return;
        }
        throw refusal(doors, admission, seen, ctx.method);
      case 'sign-in': {
        const { app, demand } = admission;
        const answer =
          isForm(ctx.req) && !app.isSignOut(ctx.method, seen.target)
            ? await keepForm(doors, ctx.req, ctx.res, seen, admission)
            : challenge(doors, ctx.req, seen, app, demand);
        const { status, headers, body } = takingLeftovers(answer, doors, ctx.req, seen);
        ctx.status = status;
        ctx.set(headers as Record<string, string | string[]>);
        ctx.body = body;
        return;
      }
      case 'pass':
        try {
          await pass(doors, ctx, admission);
        } finally {
          admission.connection?.release();
        }
    }
  };

async function pass(doors: Doors, ctx: StateContext, admission: Pass): Promise<void> {
  const { seen } = ctx.state;
  const { app, session } = admission;
  if (session !== undefined && app.isSignOut(ctx.method, seen.target)) {
    // The app's own way of signing out becomes single logout; the app is told by its goodbye.
    ctx.status = 303;
    ctx.set({ 'X-Curfew': 'SIGN_OUT', Location: '/.curfew/logout', 'Cache-Control': 'no-store' });
    return;
  }
  // What stands in for a form that was kept is read here, 100-continue and all.
  const standing = isStandIn(ctx.req) ? await standingFor(doors, ctx, admission) : undefined;
  if (standing !== undefined && standing.kind !== 'found') {
    sendUnsent(doors, ctx, standing, originAt(app, seen.hostName));
    return;
  }
  // Koa must not touch an answer that is being streamed.
  ctx.respond = false;
  const request = standing?.request ?? ctx.req;
  const outcome = await goingOn(doors, seen, () => passOn(doors, { request, response: ctx.res, seen, admission }));
  if (outcome.kind !== 'failed') return;
  await standing?.putBack();
  throw outcome.error;
}

/** A request in the words of the admission. */
const asked = (
  { client, hostName, readings, target }: Seen,
  request: IncomingMessage,
  token: Token | undefined,
): Asked => ({
  host: client.host,
  hostName,
  readings,
  method: methodsOf(request.method ?? 'GET', request.headers, target),
  token,
  // A frame is left alone: identity providers do not let themselves be framed.
  isPage:
    request.method === 'GET' &&
    isNavigation(request) &&
    (request.headers['sec-fetch-dest'] ?? 'document') === 'document',
});

/**
 * What is refused, for this door and for upgrades, with an audit line where it is somebody who is signed in. Which hosts there are is for the
 * log alone: a stranger learns none of them.
 */
export function refusal(
  { apps, audit }: Pick<Doors, 'apps' | 'audit'>,
  { app, code, session }: Extract<Admission, { kind: 'refused' }>,
  { hostName, target, requestId }: Seen,
  method: string,
): CurfewError {
  if (session !== undefined && app !== undefined) {
    const { idp, nameId } = session.identity;
    const path = target.split('?', 1)[0]?.slice(0, LONGEST_PATH) ?? '';
    const who = { app: app.app, idp, nameId: nameId.value, session: session.id };
    audit.record({ event: 'access-denied', code, ...who, method, path }, requestId);
  }
  const known = code === 'HOST_UNKNOWN' && apps.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  return refusePolicy(code, {
    detail: { app: app?.app, host: hostName, ...(known && { known: [...new Set(known)] }) },
  });
}
