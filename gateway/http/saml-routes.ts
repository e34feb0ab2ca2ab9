// The SAML addresses on the public host. Each takes whatever message arrives there: WSO2 sends LogoutRequests and
// LogoutResponses to the ACS address too.

import Router from '@koa/router';
import type { X509Certificate } from 'node:crypto';
import type { Context } from 'koa';
import { frontPage, titled } from '../flows/app.ts';
import { CurfewError } from '../kernel/errors.ts';
import { sha256 } from '../kernel/random.ts';
import type { Arrived, ArrivedArtifact } from '../saml/arrived.ts';
import { refuse } from '../saml/codes.ts';
import { otherParameters } from '../saml/bindings/parameters.ts';
import { arrivedByArtifact, arrivedByPost, arrivedByRedirect, MAX_BODY_BYTES } from '../saml/bindings/receive.ts';
import type { Refusal } from '../saml/guard/guard.ts';
import type {
  Verified,
  VerifiedLogoutRequest,
  VerifiedLogoutResponse,
  VerifiedResponse,
} from '../saml/guard/message.ts';
import { hasMessage, isForResponses, NO_ALIASES } from './aliases.ts';
import { rawBody } from './body.ts';
import { artifactMayLackCookie, bringAgain, bringArtifactAgain, mayLackCookie } from './bring-again.ts';
import { browserCookie, nonce, readCookie, setCookie } from './cookies.ts';
import type { Doors, State } from './doors.ts';
import { notByHead } from './not-by-head.ts';
import { apps, login } from './login-route.ts';
import { answerLogout } from './logout-answer.ts';
import { orAudited, refused } from './refused-message.ts';
import { go } from './send-on.ts';
import { sessionHere } from './session-cookie.ts';
import { pagesFor, sendPage } from './send-page.ts';
import { inspected } from './traced.ts';
import { FREE, type Place } from './turns.ts';
import { inPlace, kindOf } from './in-place.ts';

type Ctx = Context & { state: State };

/**
 * Routes of a service provider under `base`: the gateway's on the public host, or an app's own on its host. `now` answers with the doors that hold when
 * what is posted has come in.
 */
export function samlRoutes(doors: Doors, base: string, now: () => Doors): Router<State> {
  const router = new Router<State>({ sensitive: true, strict: true });
  router.get(`${base}/metadata`, (ctx) => {
    ctx.set('Content-Type', 'application/samlmetadata+xml');
    ctx.body = doors.serviceProvider.metadata;
  });
  router.get(`${base}/login`, (ctx) => {
    notByHead(ctx);
    return login(doors, ctx);
  });
  router.get(`${base}/apps`, (ctx) => apps(doors, ctx));
  router.post(`${base}/slo/soap`, (ctx) => posted(now, ctx));
  const aliases = doors.aliases.get(doors.publicHostName) ?? NO_ALIASES;
  // WSO2 sends a browser to the ACS address with its LogoutRequest where it knows no other.
  for (const path of [`${base}/slo`, `${base}/acs`, ...aliases.keys()]) {
    router.post(path, (ctx) => posted(now, ctx));
    router.get(path, async (ctx) => {
      // The service provider before had its own sign-out there, and pages still link to it.
      const isLink = aliases.get(path) === 'slo' && !hasMessage(ctx.querystring);
      if (isLink) {
        go(ctx, '/.curfew/logout');
        return;
      }
      notByHead(ctx);
      await inPlace(doors, ctx, async (place) => {
        const query = ctx.querystring;
        await place.turn(kindOf(query));
        const [held, endpoint] = [now(), endpointOf(doors, ctx)];
        await take(
          held,
          ctx,
          place,
          () => arrivedByArtifact(Buffer.from(query), endpoint) ?? arrivedByRedirect(query, endpoint),
        );
      });
    });
  }
  return router;
}

function endpointOf(doors: Doors, ctx: Ctx): string {
  const query = ctx.querystring === '' ? '' : otherParameters(ctx.querystring);
  return `${doors.publicOrigin}${ctx.path}${query === '' ? '' : `?${query}`}`;
}

async function posted(now: () => Doors, ctx: Ctx): Promise<void> {
  await inPlace(now(), ctx, async (place) => {
    const body = await rawBody(ctx.req, ctx.res, MAX_BODY_BYTES);
    await place.turn(kindOf(body));
    const doors = now();
    const endpoint = endpointOf(doors, ctx);
    await take(doors, ctx, place, () => arrivedByArtifact(body, endpoint) ?? arrivedByPost(body, endpoint));
  });
}

/** A LogoutRequest over the back channel at `endpoint`, and no other message. `now` gives the doors that hold when it is whole. */
export async function takeLogoutRequest(
  now: () => Doors,
  ctx: Ctx,
  endpoint: string,
  clientCertificate: X509Certificate,
): Promise<void> {
  const body = await rawBody(ctx.req, ctx.res, MAX_BODY_BYTES);
  await take(now(), ctx, FREE, () => {
    const arrived = arrivedByPost(body, endpoint);
    if (arrived.field !== 'SAMLRequest') throw refuse('SAML_WRONG_KIND', { detail: { found: arrived.field } });
    return { ...arrived, clientCertificate };
  });
}

/** One message, whatever it is. */
async function take(doors: Doors, ctx: Ctx, place: Place, arrive: () => Arrived | ArrivedArtifact): Promise<void> {
  const found = await orAudited(doors, ctx, () => place.held(arrive));
  const cookie = readCookie(ctx.get('cookie'), doors.cookies.browser);
  const browser = cookie === undefined ? undefined : sha256(cookie);
  if (found.binding === 'artifact' && isForResponses(doors, ctx.path) && artifactMayLackCookie(ctx, browser)) {
    bringArtifactAgain(doors, ctx, found);
    return;
  }
  const { address } = ctx.state.seen.client;
  const arrived =
    found.binding === 'artifact' ? await orAudited(doors, ctx, () => doors.resolveArtifact(found, address)) : found;
  const message = await place.held(() => inspected(doors, arrived, browser));
  place.judged(message.kind !== 'refused' || message.signedBy !== undefined);
  ctx.set('Cache-Control', 'no-store');
  if (message.kind === 'refused') {
    if (mayLackCookie(message, arrived, browser, ctx)) bringAgain(doors, ctx, arrived, message);
    else if (!(await goesOn(doors, ctx, arrived, message, browser))) refused(doors, ctx, arrived, message);
    return;
  }
  doors.familiar.greet(address);
  try {
    await act(doors, ctx, message);
  } catch (error) {
    if (!(error instanceof CurfewError) || !error.code.startsWith('SAML_')) throw error;
    // Good in itself, and refused for what was known here: answered like any other refusal.
    refused(doors, ctx, arrived, {
      kind: 'refused',
      error,
      claimed: message.idp.name,
      signedBy: message.idp,
      messageId: message.id,
    });
  }
}

/**
 * Whether a Response that is not believed still leads somewhere, and then goes there: nobody is there any more whom we had asked about, or the sign-in was
 * begun at the identity provider, which is asked in our turn.
 */
async function goesOn(
  doors: Doors,
  ctx: Ctx,
  { relayState }: Arrived,
  { failureOf, error, signedBy }: Refusal,
  browser: string | undefined,
): Promise<boolean> {
  const { requestId } = ctx.state.seen;
  let url: string | undefined;
  if (failureOf !== undefined && browser !== undefined) {
    url = (await doors.signIn.unproven(failureOf, browser, requestId))?.url;
  } else if (error.code === 'SAML_UNSOLICITED' && signedBy !== undefined) {
    const value = nonce(ctx.get('cookie'), doors.cookies.browser);
    url = await doors.signIn.begunElsewhere(signedBy.name, relayState, sha256(value));
    if (url !== undefined) ctx.append('Set-Cookie', browserCookie(doors.cookies, value));
  }
  if (url === undefined) return false;
  doors.log.info('response-not-believed', { code: error.code, requestId, ...error.detail });
  go(ctx, url);
  return true;
}

async function act(doors: Doors, ctx: Ctx, message: Verified): Promise<void> {
  switch (message.kind) {
    case 'Response':
      return signedIn(doors, ctx, message);
    case 'LogoutRequest':
      return logout(doors, ctx, message);
    case 'LogoutResponse':
      answered(doors, ctx, message);
  }
}

async function signedIn(doors: Doors, ctx: Ctx, response: VerifiedResponse): Promise<void> {
  const value = nonce(ctx.get('cookie'), doors.cookies.browser);
  const at = { browser: sha256(value), earlier: await sessionHere(doors, ctx) };
  const { token, url } = await doors.signIn.finish(response, at, ctx.state.seen.requestId);
  ctx.append('Set-Cookie', browserCookie(doors.cookies, value));
  if (token !== undefined) ctx.append('Set-Cookie', setCookie(doors.cookies.session, token, { sameSite: 'Lax' }));
  go(ctx, url);
}

async function logout(doors: Doors, ctx: Ctx, request: VerifiedLogoutRequest): Promise<void> {
  const status = await doors.idpLogout(request, ctx.state.seen.requestId);
  // No address to answer to: the session is ended all the same, and 200 tells a server so.
  if (!answerLogout(doors, ctx, request, status))
    sendPage(
      ctx,
      pagesFor(doors, ctx).signedOut({ idp: 'told', apps: undefined, returnTo: undefined, again: undefined }),
    );
}

/** The identity provider's word on a sign-out that a person began. It ends nothing: that was done before it was asked. */
function answered(doors: Doors, ctx: Ctx, response: VerifiedLogoutResponse): void {
  const app = doors.apps.find(({ app }) => app === response.request.app);
  const idp = response.outcome === 'success' ? 'told' : response.outcome;
  const apps = response.request.apps && titled(doors.apps, response.request.apps);
  sendPage(ctx, pagesFor(doors, ctx).signedOut({ idp, apps, returnTo: app?.returnTo, again: app && frontPage(app) }));
}
