// Who may ask at the operator's address. Probes may ask whether it is alive and ready; for the rest one has the token, or sits on this
// machine. What changes something must not come from a page of somebody else's that a browser here shows.

import type { Context, Middleware } from 'koa';
import type { Right } from '../flows/administrator.ts';
import type { Allowances, Rate } from '../kernel/allowance.ts';
import type { Measures } from '../kernel/measures.ts';
import { sameSecret } from '../kernel/random.ts';
import { subscriber } from '../kernel/subscriber.ts';
import type { May } from '../pages/sessions-page.ts';

/** Koa's state behind the guard. */
export interface AdminState {
  readonly by: Right;
  /** What they may end; without this everything. Only for what is shown: the admission decides. */
  readonly may?: May;
  /** Called when something is about to be ended: of whom. Throws where the administrator may no longer. */
  readonly ending?: ((target: { readonly session?: string; readonly nameId?: string }) => void) | undefined;
}

const FOR_PROBES = ['/healthz', '/readyz'];
const LOOPBACK_NAME = /^(?:127(?:\.\d+){3}|\[::1\]|(?:[\w-]+\.)*localhost)$/i;
const LOOPBACK_ADDRESS = /^(?:::ffff:)?127\.|^::1$/;

/** What guards the token against being guessed. */
export interface Guesses {
  readonly allowances: Allowances;
  /** Wrong tokens of one address. */
  readonly most: Rate | undefined;
  readonly measures: Pick<Measures, 'count'>;
}

/** Answers 401, 403, 421 or 429 to whoever may not, and tells the others by what they may. */
export const guard =
  (token: string | undefined, guesses: Guesses): Middleware<AdminState> =>
  (ctx, next) => {
    if (FOR_PROBES.includes(ctx.path)) return next();
    const refusal =
      (token === undefined ? fromElsewhere(ctx) : withoutToken(ctx, token, guesses)) ??
      (isOwn(ctx) ? undefined : FOREIGN);
    if (refusal === undefined) {
      ctx.state = { by: token === undefined ? 'loopback' : 'token' };
      return next();
    }
    const [status, text] = refusal;
    ctx.status = status;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = `${text}\n`;
    return undefined;
  };

type Refusal = readonly [status: number, text: string] | undefined;

const FOREIGN: Refusal = [403, 'This may only be sent by the page itself, or as JSON.'];

/** A name that leads here by DNS is how a page elsewhere would reach this address (DNS rebinding), so the Host has to be ours. */
function fromElsewhere(ctx: Context): Refusal {
  const name = URL.parse(`http://${ctx.get('host')}`)?.hostname ?? '';
  if (!LOOPBACK_ADDRESS.test(ctx.req.socket.remoteAddress ?? ''))
    return [403, 'Only from this machine, or with admin.token.'];
  return LOOPBACK_NAME.test(name) ? undefined : [421, 'Ask by 127.0.0.1 or localhost.'];
}

/** As a bearer token (RFC 6750 §2.1), or as the password of a browser (RFC 7617). */
function withoutToken(ctx: Context, token: string, { allowances, most, measures }: Guesses): Refusal {
  const from = `admin token ${subscriber(ctx.req.socket.remoteAddress ?? '')}`;
  const waitMs = allowances.wait(from, most);
  if (waitMs > 0) {
    // The right one is not looked at either: otherwise guessing would go on behind the 429.
    measures.count('limited', { what: 'admin-tokens', by: 'address' });
    ctx.set('Retry-After', String(Math.ceil(waitMs / 1000)));
    return [429, 'Too many wrong tokens came from this address.'];
  }
  const [scheme = '', credentials = ''] = ctx.get('authorization').split(' ', 2);
  const password = Buffer.from(credentials, 'base64').toString();
  const shown =
    scheme.toLowerCase() === 'bearer'
      ? credentials
      : scheme.toLowerCase() === 'basic'
        ? password.slice(password.indexOf(':') + 1)
        : '';
  if (sameSecret(shown, token)) return undefined;
  // A browser that asks for the password first has shown none.
  if (shown !== '') allowances.take(from, most);
  ctx.set('WWW-Authenticate', 'Basic realm="curfew", charset="UTF-8"');
  return [401, 'Show admin.token: as a bearer token, or as the password.'];
}

/** Every browser says from where it posts; what is no browser says that it sends JSON, which no form of a page can. */
function isOwn(ctx: Context): boolean {
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return true;
  const [site, origin] = [ctx.get('sec-fetch-site'), ctx.get('origin')];
  if (site !== '') return site === 'same-origin';
  if (origin !== '') return URL.parse(origin)?.host === ctx.get('host');
  return ctx.method === 'DELETE' || ctx.is('application/json') === 'application/json';
}
