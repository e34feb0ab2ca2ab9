// A form that another site's page posts comes without our cookies where they are Lax. Then the browser is asked to post it once more, from our own
// site, before anything is used up.

import type { Context } from 'koa';
import type { Arrived, ArrivedArtifact } from '../saml/arrived.ts';
import type { Refusal } from '../saml/guard/guard.ts';
import type { State } from './doors.ts';
import { pagesFor, sendPage, type PageParts } from './send-page.ts';

type Ctx = Context & { state: State };

const AGAIN = 'again';

/** Whether the nonce may only have been left behind because another site's page posted the form. Nothing is used up yet. */
export const mayLackCookie = (
  { error, failureOf }: Refusal,
  arrived: Arrived,
  browser: string | undefined,
  ctx: Ctx,
): boolean =>
  (error.detail['reason'] === 'another browser' || error.code === 'SAML_UNSOLICITED' || failureOf !== undefined) &&
  arrived.binding === 'post' &&
  // What was fetched cannot be carried: it may be signed by what it was fetched in alone.
  arrived.resolvedBy === undefined &&
  browser === undefined &&
  ctx.querystring !== AGAIN;

/**
 * Refuses the Response as it came, and has a browser post it once more from our own site: then every cookie of ours comes along.
 */
export function bringAgain(doors: PageParts, ctx: Ctx, arrived: Arrived, { error }: Refusal): void {
  if (arrived.binding === 'redirect') return;
  ctx.status = error.status;
  ctx.set('X-Curfew', error.code);
  const { xml, relayState } = arrived;
  const fields = { [arrived.field]: xml.toString('base64'), ...(relayState ? { RelayState: relayState } : {}) };
  sendPage(ctx, pagesFor(doors, ctx).post({ url: `${ctx.path}?${AGAIN}`, fields }));
}

/** Whether an artifact for a sign-in should be brought again before it is resolved, which can be done once: a sign-in needs the cookie, a logout does not. */
export const artifactMayLackCookie = (ctx: Ctx, browser: string | undefined): boolean =>
  ctx.method === 'POST' && browser === undefined && ctx.querystring !== AGAIN;

/** Has the browser post it once more from our own site. */
export function bringArtifactAgain(doors: PageParts, ctx: Ctx, { artifact, relayState }: ArrivedArtifact): void {
  ctx.set('Cache-Control', 'no-store');
  const fields = { SAMLart: artifact.text, ...(relayState ? { RelayState: relayState } : {}) };
  sendPage(ctx, pagesFor(doors, ctx).post({ url: `${ctx.path}?${AGAIN}`, fields }));
}
