// A form that meets no session is kept, its person is sent to sign in, and comes back to where it waits.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { FORM_ADDRESS, originAt, type App } from '../flows/app.ts';
import type { Admission } from '../flows/admit.ts';
import { LONGEST_RETURN } from '../flows/sign-in.ts';
import { CurfewError } from '../kernel/errors.ts';
import { sha256 } from '../kernel/random.ts';
import { rawBody } from './body.ts';
import { refuseSamlHere, toSignIn, type Challenge } from './challenge.ts';
import { nonce, readToken } from './cookies.ts';
import type { Doors, Seen } from './doors.ts';
import { isStandIn, standInOf } from './stand-in.ts';
import { isFormType, isNavigation } from './wants.ts';

/** Why a form is not kept; the page that says so goes by the same word. */
export const NOT_KEPT = [
  'FORM_TOO_LARGE',
  'FORM_UNSUPPORTED',
  'FORM_FOREIGN',
  'FORM_NO_ROOM',
  'FORM_NOT_KEPT',
] as const;

/** One of them. */
export type NotKept = (typeof NOT_KEPT)[number];

/** Whether a browser is sending a form, rather than a script a message. */
export const isForm = (request: IncomingMessage): boolean => request.method === 'POST' && isNavigation(request);

/**
 * Whether a page of this very origin sent the request. The session's cookie is Lax: a form of another site comes without it although the
 * person is signed in, and sent on later from here it would be a request forged in that person's name. Neither a neighbour's page
 * (same-site), nor `Origin: null`, nor silence proves anything. Scripts can set neither header (Fetch, forbidden request-headers).
 */
export function isSameOrigin({ headers }: IncomingMessage, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined ? headers.origin === origin : site === 'same-origin';
}

/** The answer to a form without a session. Rejects where the store cannot be asked, or the body does not arrive. */
export async function keepForm(
  doors: Pick<Doors, 'cookies' | 'signIn' | 'publicOrigin' | 'keptForms' | 'log'>,
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
  { app, demand }: Extract<Admission, { kind: 'sign-in' }>,
): Promise<Challenge> {
  refuseSamlHere(doors, seen);
  const origin = originAt(app, seen.hostName);
  const value = nonce(request.headers.cookie, doors.cookies.enter);
  const kept = await attempt(doors, request, response, seen, app, sha256(value));
  const facts = { requestId: seen.requestId, app: app.app };
  if ('id' in kept) doors.log.info('form-kept', facts);
  else doors.log.info('form-not-kept', { ...facts, code: kept.lost });
  return toSignIn(doors, app, addressOf(origin, kept, backOf(request, origin, seen.target)), value, demand);
}

async function attempt(
  { keptForms, cookies }: Pick<Doors, 'keptForms' | 'cookies'>,
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
  app: App,
  bind: string,
): Promise<{ readonly id: string } | { readonly lost: NotKept }> {
  const { headers } = request;
  const contentType = headers['content-type'] ?? '';
  if (app.keptFormBytes === 0) return { lost: 'FORM_NOT_KEPT' };
  if (!isSameOrigin(request, originAt(app, seen.hostName))) return { lost: 'FORM_FOREIGN' };
  if (!isFormType(contentType) || headers['content-encoding'] !== undefined) return { lost: 'FORM_UNSUPPORTED' };
  // The room is taken before a byte is read: what many send at once must not fill the memory either.
  const length = Number(headers['content-length'] ?? app.keptFormBytes);
  if (length > app.keptFormBytes) return { lost: 'FORM_TOO_LARGE' };
  const beside = seen.target.length + contentType.length + (headers.referer?.length ?? 0);
  const id = keptForms.claim(seen.client.address, length + beside);
  if (id === undefined) return { lost: 'FORM_NO_ROOM' };
  let isKept = false;
  try {
    const body = await rawBody(request, response, app.keptFormBytes);
    // The session has ended a second time, on the way from our page to the app: the form still waits.
    const waiting = isStandIn(request) ? standInOf(body)?.id : undefined;
    if (waiting !== undefined) return { id: waiting };
    const { hostName, target } = seen;
    const posted = { app: app.app, hostName, target, contentType, referer: headers.referer, body };
    await keptForms.keep(id, posted, bind, readToken(headers.cookie, cookies));
    isKept = true;
    return { id };
  } catch (error) {
    if (!(error instanceof CurfewError) || error.code !== 'BODY_TOO_LONG' || request.destroyed) throw error;
    // Nobody could read the answer before the rest of it is gone.
    request.resume();
    return { lost: 'FORM_TOO_LARGE' };
  } finally {
    if (!isKept) keptForms.free(id);
  }
}

/** The page the form was on, where that is the app's own; otherwise where it went. */
function backOf({ headers }: IncomingMessage, origin: string, target: string): string {
  const from = headers.referer === undefined ? null : URL.parse(headers.referer);
  return from?.origin === origin && from.pathname !== '/' ? `${from.pathname}${from.search}` : target;
}

/** Where the person comes back to; without the way back where the address would not be carried through the sign-in. */
function addressOf(origin: string, kept: { readonly id: string } | { readonly lost: NotKept }, back: string): string {
  const address = `${origin}${FORM_ADDRESS}?${new URLSearchParams({ ...kept }).toString()}`;
  const whole = `${address}&${new URLSearchParams({ back }).toString()}`;
  return whole.length > LONGEST_RETURN ? address : whole;
}
