// `POST /sessions/meant`: which sessions a LogoutRequest would end, asked by `curfew explain`. The store may belong to this process alone, so only the
// running gateway can say. Ends nothing.

import type Router from '@koa/router';
import { issuedNameId, type NameId } from '../kernel/words.ts';
import type { AdminState } from './admin-guard.ts';
import { bodyOf, recordIn } from './body.ts';
import type { Session } from '../sessions/sessions.ts';

/** Whom a LogoutRequest names, and at which identity provider of ours. */
export interface Named {
  readonly idp: string;
  /** The app whose own service provider it was sent to; undefined: the gateway's. */
  readonly sp?: string | undefined;
  readonly nameId: NameId;
  readonly sessionIndexes: readonly string[];
}

/**
 * The sessions that are meant. Where there are none, those with one of the SessionIndexes, and where those are none, those whose NameID is nearly the same.
 * Undefined: no such identity provider.
 */
export type Meant = (named: Named) => Promise<Record<'meant' | 'others' | 'alike', readonly Session[]> | undefined>;

/** One of them, as it is told. */
export interface ToldSession {
  readonly nameId: string;
  readonly format: string | undefined;
  readonly sessionIndexes: readonly string[];
  readonly since: string;
  readonly until: string;
}

/** The answer. */
export interface ToldMeant {
  readonly meant: readonly ToldSession[];
  readonly others: readonly ToldSession[];
  readonly alike: readonly ToldSession[];
}

/** Adds the route. 400 for what is no question, 403 for a page's script, 404 for an identity provider that nobody knows. */
export function meantRoute(router: Router<AdminState>, meant: Meant): void {
  router.post('/sessions/meant', async (ctx) => {
    // No page asks this, not even ours.
    if (ctx.get('origin') !== '' || ctx.get('sec-fetch-site') !== '') return ctx.throw(403);
    const named = namedIn(await bodyOf(ctx.req));
    if (named === undefined) return ctx.throw(400, 'expected {"idp", "nameId": {"value"}, "sessionIndexes": []}');
    const found = await meant(named);
    if (found === undefined) return ctx.throw(404, 'no identity provider, or no service provider, of that name');
    ctx.set('Cache-Control', 'no-store');
    const { meant: ended, others, alike } = found;
    ctx.body = {
      meant: ended.map(told),
      others: others.map(told),
      alike: alike.map(told),
    } satisfies ToldMeant;
  });
}

function namedIn(text: string | undefined): Named | undefined {
  const { idp, sp, nameId, sessionIndexes } = recordIn(text);
  const { value, format, nameQualifier, spNameQualifier } = (nameId ?? {}) as Record<string, unknown>;
  if (typeof idp !== 'string' || typeof value !== 'string' || value === '') return undefined;
  const optional = [sp, format, nameQualifier, spNameQualifier];
  if (!optional.every((one) => one === undefined || typeof one === 'string')) return undefined;
  // No SessionIndexes mean all sessions, so that a list that cannot be read must not pass for none.
  if (!Array.isArray(sessionIndexes) || !sessionIndexes.every((index) => typeof index === 'string')) return undefined;
  return {
    idp,
    sp: sp as string | undefined,
    nameId: { value, format, nameQualifier, spNameQualifier } as NameId,
    sessionIndexes,
  };
}

/** By the name that the identity provider gave, which is what it names in its LogoutRequests. */
const told = ({ identity, createdAt, expiresAt }: Session): ToldSession => ({
  nameId: issuedNameId(identity).value,
  format: issuedNameId(identity).format,
  sessionIndexes: identity.sessionIndexes,
  since: new Date(createdAt).toISOString(),
  until: new Date(expiresAt).toISOString(),
});
