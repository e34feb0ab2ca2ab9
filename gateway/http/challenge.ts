// What a request without a session gets: a browser that is going somewhere is sent to sign in, anything else is told so.

import type { IncomingMessage } from 'node:http';
import { sha256 } from '../kernel/random.ts';
import type { App } from '../flows/app.ts';
import { LONGEST_RETURN } from '../flows/sign-in.ts';
import { refuseHttp } from './codes.ts';
import { nonce, setCookie } from './cookies.ts';
import type { Doors, Seen } from './doors.ts';
import { isNavigation } from './wants.ts';

/** An answer in its parts, for Koa and for a bare socket alike. */
export interface Challenge {
  readonly status: 303 | 401;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ENTER_NONCE_SECONDS = 3600;
/** Where SAML messages go on the public host. */
const SAML_ADDRESS = /^\/saml\/(?:acs|slo|slo\/soap)(?:\?|$)/;

/** A redirect to sign in for a browser that is going somewhere, 401 with the address to sign in at for everything else. */
/** Throws SAML_AT_APP_HOST for what only an identity provider that was told a wrong address would ask for. */
export function challenge(
  doors: Pick<Doors, 'cookies' | 'signIn' | 'publicOrigin'>,
  request: IncomingMessage,
  seen: Seen,
  app: App,
): Challenge {
  // Sent to sign in, the browser would come back with the next Response for this address, and so on without end.
  if (SAML_ADDRESS.test(seen.target)) {
    throw refuseHttp('SAML_AT_APP_HOST', { detail: { host: seen.hostName, publicUrl: doors.publicOrigin } });
  }
  const origin = app.origins[app.hosts.findIndex(({ name }) => name === seen.hostName)] ?? app.origins[0];
  const common = { 'X-Curfew': 'SIGN_IN_NEEDED', 'Cache-Control': 'no-store' };
  if (!isNavigation(request)) {
    const body = JSON.stringify({
      error: 'SIGN_IN_NEEDED',
      message: 'Please sign in.',
      requestId: seen.requestId,
      signIn: doors.signIn.address(app, `${origin}${app.path}`, ''),
    });
    return { status: 401, headers: { ...common, 'Content-Type': 'application/json; charset=utf-8' }, body };
  }
  const wanted = `${origin}${seen.target}`;
  // A longer address is not carried through the sign-in: the person starts at the app's front page.
  const returnTo = wanted.length > LONGEST_RETURN ? `${origin}${app.path}` : wanted;
  const value = nonce(request.headers.cookie, doors.cookies.enter);
  const Location = doors.signIn.address(app, returnTo, sha256(value));
  const cookie = setCookie(doors.cookies.enter, value, { sameSite: 'Lax', maxAgeSeconds: ENTER_NONCE_SECONDS });
  return {
    status: 303,
    headers: { ...common, Location, 'Set-Cookie': cookie, 'Referrer-Policy': 'no-referrer' },
    body: '',
  };
}
