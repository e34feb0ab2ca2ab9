// The one place that turns an error into an answer to an HTTP request: a page for people, JSON for programs, the reason code in a
// header for both, and everything else in the log.

import type { Context, Next } from 'koa';
import { frontPage } from '../flows/app.ts';
import { CurfewError } from '../kernel/errors.ts';
import { refuseHttp } from './codes.ts';
import type { Doors, State } from './doors.ts';
import { messageIn } from './public-messages.ts';
import { pagesFor, sendPage, type PageParts } from './send-page.ts';
import { wantsPage } from './wants.ts';

type StateContext = Context & { state: State };

/** Answers whatever is thrown behind it. Nothing gets past it. */
export const errorBoundary =
  (doors: PageParts & Pick<Doors, 'log' | 'apps'>) =>
  async (ctx: StateContext, next: Next): Promise<void> => {
    try {
      await next();
    } catch (cause) {
      const error = asCurfewError(cause);
      report(doors, error, ctx.state.seen.requestId);
      ctx.respond = true;
      answer(doors, ctx, error);
    }
  };

/** Whatever was thrown, as an error with a code. */
export const asCurfewError = (cause: unknown): CurfewError =>
  cause instanceof CurfewError ? cause : refuseHttp('INTERNAL', { cause });

/** To the log, with all that is known; as an error where it is ours. */
export function report({ log }: Pick<Doors, 'log'>, error: CurfewError, requestId: string): void {
  const { cause } = error;
  const facts = {
    code: error.code,
    requestId,
    ...error.detail,
    ...(cause === undefined ? {} : { cause: causeText(error) }),
  };
  if (error.status >= 500) log.error('request-failed', facts);
  else log.info('request-refused', facts);
}

/** The stack where the fault is ours, otherwise the message: a peer's fault needs no stack. */
function causeText({ code, cause }: CurfewError): string {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : 'unknown';
  return (code === 'INTERNAL' ? cause.stack : undefined) ?? cause.message;
}

function answer(doors: PageParts & Pick<Doors, 'apps'>, ctx: StateContext, error: CurfewError): void {
  const { requestId } = ctx.state.seen;
  ctx.status = error.status;
  ctx.set('X-Curfew', error.code);
  const { retryAfterSeconds } = error.detail;
  if (typeof retryAfterSeconds === 'number') ctx.set('Retry-After', String(retryAfterSeconds));
  else if (error.status === 503) ctx.set('Retry-After', '5');
  // What is left of a refused body is not read on this connection; over HTTP/2 its stream is reset instead.
  if (!ctx.req.complete && ctx.req.httpVersionMajor < 2) ctx.set('Connection', 'close');
  if (!wantsPage(ctx.req)) {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { error: error.code, message: error.publicMessage, requestId };
    return;
  }
  const pages = pagesFor(doors, ctx);
  const { status, code } = error;
  // What is good for once, and was opened again.
  const isExpired = code === 'TICKET_REFUSED' || code === 'SAML_UNAWAITED';
  const again = isExpired ? beginningAt(doors, ctx.state.seen.hostName) : againAt(ctx.method, status);
  sendPage(
    ctx,
    pages.failure({ status, code, message: messageIn(pages.language, error), requestId, isExpired, again }),
  );
}

/** Where a person begins anew on a host; undefined where that is unknown. */
function beginningAt({ apps }: Pick<Doors, 'apps'>, hostName: string): string | undefined {
  const app = apps.find(({ hosts }) => hosts.some(({ name }) => name === hostName));
  return app && frontPage(app);
}

/** What was only looked at may be looked at again, at the same address, when it is over. */
const againAt = (method: string, status: number): string | undefined =>
  (status === 429 || (status >= 500 && status !== 501)) && (method === 'GET' || method === 'HEAD') ? '' : undefined;
