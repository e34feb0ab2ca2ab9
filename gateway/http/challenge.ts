// What a request without a session gets: a browser that is going somewhere is sent to sign in, anything else is told so.

import type { IncomingMessage } from 'node:http';
import { sha256 } from '../kernel/random.ts';
import type { SignInDemand } from '../kernel/words.ts';
import { originAt, type App } from '../flows/app.ts';
import { LONGEST_RETURN } from '../flows/sign-in.ts';
import { refuseHttp } from './codes.ts';
import { nonce, setCookie } from './cookies.ts';
import type { Doors, Seen } from './doors.ts';
import { isNavigation } from './wants.ts';

/** An answer in its parts, for Koa and for a bare socket alike. */
export interface Challenge {
  readonly status: 303 | 401;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

const COMMON = { 'X-Curfew': 'SIGN_IN_NEEDED', 'Cache-Control': 'no-store' };
const ENTER_NONCE_SECONDS = 3600;
/** Where SAML messages go on the public host. */
const SAML_ADDRESS = /^\/saml\/(?:acs|slo|slo\/soap)(?:\?|$)/;

/** Throws SAML_AT_APP_HOST for what only an identity provider that was told a wrong address would ask for. */
export function refuseSamlHere({ publicOrigin }: Pick<Doors, 'publicOrigin'>, { target, hostName }: Seen): void {
  // Sent to sign in, the browser would come back with the next Response for this address, and so on without end.
  if (!SAML_ADDRESS.test(target)) return;
  throw refuseHttp('SAML_AT_APP_HOST', { detail: { host: hostName, publicUrl: publicOrigin } });
}

/** A redirect to sign in for a browser that is going somewhere, 401 with the address to sign in at for everything else. */
export function challenge(
  doors: Pick<Doors, 'cookies' | 'signIn' | 'publicOrigin'>,
  request: IncomingMessage,
  seen: Seen,
  app: App,
  demand: SignInDemand | undefined,
): Challenge {
  refuseSamlHere(doors, seen);
  const origin = originAt(app, seen.hostName);
  if (!isNavigation(request)) {
    const body = JSON.stringify({
      error: 'SIGN_IN_NEEDED',
      message: 'Please sign in.',
      requestId: seen.requestId,
      signIn: doors.signIn.address(app, `${origin}${app.path}`, '', demand),
    });
    return { status: 401, headers: { ...COMMON, 'Content-Type': 'application/json; charset=utf-8' }, body };
  }
  const wanted = `${origin}${seen.target}`;
  // A longer address is not carried through the sign-in: the person starts at the app's front page.
  const returnTo = wanted.length > LONGEST_RETURN ? `${origin}${app.path}` : wanted;
  return toSignIn(doors, app, returnTo, nonce(request.headers.cookie, doors.cookies.enter), demand);
}

/** Sends a browser to sign in and back to `returnTo`; `value` is the nonce it is known by until then. */
export function toSignIn(
  doors: Pick<Doors, 'cookies' | 'signIn'>,
  app: App,
  returnTo: string,
  value: string,
  demand?: SignInDemand,
): Challenge {
  const Location = doors.signIn.address(app, returnTo, sha256(value), demand);
  const cookie = setCookie(doors.cookies.enter, value, { sameSite: 'Lax', maxAgeSeconds: ENTER_NONCE_SECONDS });
  return {
    status: 303,
    headers: { ...COMMON, Location, 'Set-Cookie': cookie, 'Referrer-Policy': 'no-referrer' },
    body: '',
  };
}
