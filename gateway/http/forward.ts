// Admission and, where it is granted, the way to the application (docs/architecture.md, "The way of a request").

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import { originAt } from '../flows/app.ts';
import { admit, type Admission, type Asked } from '../flows/admit.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { Token } from '../kernel/words.ts';
import { refusePolicy } from '../policy/codes.ts';
import type { Forwarded } from '../proxy/engine.ts';
import { awaitsContinue } from './body.ts';
import { challenge } from './challenge.ts';
import { readToken } from './cookies.ts';
import type { Doors, Seen, State } from './doors.ts';
import { jarFor } from './jar.ts';
import { isForm, keepForm } from './keep-form.ts';
import { takingLeftovers } from './leftovers.ts';
import { passageOf } from './passage.ts';
import { sendUnsent, standingFor } from './send-form.ts';
import { isStandIn } from './stand-in.ts';
import { isNavigation } from './wants.ts';

/** The last in the order: answers, or passes the request on, and returns when that is over. */
export const forward =
  (doors: Doors): Middleware<State> =>
  async (ctx) => {
    const { seen } = ctx.state;
    const begunAt = performance.now();
    const token = readToken(ctx.req.headers.cookie, doors.cookies);
    const admission = await admit(doors, asked(seen, ctx.req, token), ctx.req.socket);
    switch (admission.kind) {
      case 'refused':
        throw refusal(doors, admission, seen);
      case 'sign-in': {
        const { app, contexts } = admission;
        const answer =
          isForm(ctx.req) && !app.isSignOut(ctx.method, seen.target)
            ? await keepForm(doors, ctx.req, ctx.res, seen, admission)
            : challenge(doors, ctx.req, seen, app, contexts);
        const { status, headers, body } = takingLeftovers(answer, doors, ctx.req, seen);
        ctx.status = status;
        ctx.set(headers as Record<string, string | string[]>);
        ctx.body = body;
        return;
      }
      case 'pass': {
        const { app, session, connection } = admission;
        try {
          if (session !== undefined && app.isSignOut(ctx.method, seen.target)) {
            // The app's own way of signing out becomes single logout; the app is told by its goodbye.
            ctx.status = 303;
            ctx.set({ 'X-Curfew': 'SIGN_OUT', Location: '/.curfew/logout', 'Cache-Control': 'no-store' });
            return;
          }
          const jar = jarFor(doors, admission, ctx.req, seen);
          const kept = jar instanceof Promise ? await jar : jar;
          // What stands in for a form that was kept has been read here, 100-continue and all.
          const standing = isStandIn(ctx.req) ? await standingFor(doors, ctx, admission) : undefined;
          if (standing !== undefined && standing.kind !== 'found') {
            sendUnsent(ctx, standing, originAt(app, seen.hostName));
            return;
          }
          const passage = passageOf(
            admission,
            seen,
            doors.clock.now(),
            kept,
            standing === undefined && awaitsContinue(ctx.req),
          );
          // Koa must not touch an answer that is being streamed.
          ctx.respond = false;
          const first = await app.upstream.forward(standing?.request ?? ctx.req, ctx.res, passage);
          const outcome = first.kind === 'lapsed' ? await forwardAgain(doors, admission, ctx, seen) : first;
          doors.log.info('request', {
            requestId: seen.requestId,
            app: app.app,
            method: ctx.method,
            path: ctx.path,
            client: seen.client.address,
            outcome: outcome.kind === 'done' ? outcome.status : outcome.kind,
            milliseconds: Math.round(performance.now() - begunAt),
          });
          if (outcome.kind !== 'failed') return;
          await standing?.putBack();
          throw outcome.error;
        } finally {
          connection?.release();
        }
      }
    }
  };

/** Once more, with the cookies of the new sign-in to the app. Whatever it says this time is the answer. */
async function forwardAgain(
  doors: Doors,
  admission: Extract<Admission, { kind: 'pass' }>,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  seen: Seen,
): Promise<Forwarded> {
  const jar = await jarFor(doors, admission, req, seen);
  const passage = passageOf(admission, seen, doors.clock.now(), jar && { ...jar, signInAgain: undefined });
  return admission.app.upstream.forward(req, res, passage);
}

/** A request in the words of the admission, for this door and for upgrades. */
export const asked = (
  { client, hostName, readings }: Seen,
  request: IncomingMessage,
  token: Token | undefined,
): Asked => ({
  host: client.host,
  hostName,
  readings,
  method: request.method ?? 'GET',
  token,
  isPage: request.method === 'GET' && isNavigation(request),
});

/** What is refused, for this door and for upgrades. Which hosts there are is for the log alone: a stranger learns none of them. */
export function refusal(
  { apps }: Pick<Doors, 'apps'>,
  { app, code }: Extract<Admission, { kind: 'refused' }>,
  { hostName }: Seen,
): CurfewError {
  const known = code === 'HOST_UNKNOWN' && apps.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  return refusePolicy(code, {
    detail: { app: app?.app, host: hostName, ...(known && { known: [...new Set(known)] }) },
  });
}
