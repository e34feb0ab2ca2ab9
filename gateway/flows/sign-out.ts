// The person leaves by themselves: our session ends first, and only then is the identity provider told, so that one that is down
// changes nothing (P9).

import type { Clock } from '../kernel/clock.ts';
import type { AppTold } from '../saml/guard/message.ts';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Session } from '../sessions/sessions.ts';
import type { EndSession } from './end-session.ts';
import type { Said, TellIdp } from './tell-idp.ts';

/** What signing out needs. */
export interface SignOutParts {
  readonly endSession: EndSession;
  readonly serviceProvider: ServiceProvider;
  readonly tellIdp: TellIdp;
  readonly clock: Clock;
}

/** Where a person leaves from. */
export interface LeavingFrom {
  readonly app: string | undefined;
  /** Where an identity provider that ends its session at a plain address is to send them back to. */
  readonly returnTo: string;
}

/** Either the browser goes on to the identity provider, or all is done and this is what the identity provider said. */
export type Left =
  | { readonly kind: 'send'; readonly message: Exclude<Outgoing, { binding: 'soap' }> }
  | { readonly kind: 'go'; readonly url: string }
  | { readonly kind: 'done'; readonly idp: Said | 'not-told'; readonly apps: readonly AppTold[] };

/** Ends the session, then tells the identity provider, if it takes a logout. */
export type SignOut = (session: Session, from: LeavingFrom, requestId: string) => Promise<Left>;

/** Makes it. Where the store cannot be asked it rejects, and the identity provider is not told. */
export function openSignOut({ endSession, serviceProvider, tellIdp, clock }: SignOutParts): SignOut {
  return async (session, { app, returnTo }, requestId) => {
    const ended = await endSession(session.id, { reason: 'person', requestId });
    const apps = (ended?.goodbyes ?? []).map((said) => ({ app: said.app, told: said.outcome.kind === 'told' }));
    const idp = serviceProvider.identityProvider(session.identity.idp);
    if (idp === undefined) return { kind: 'done', idp: 'not-told', apps };
    const url = serviceProvider.signOutAddress(idp, returnTo);
    if (url !== undefined) return { kind: 'go', url };
    const request = serviceProvider.signOutRequest(idp, session.identity, clock.now(), 'person');
    if (request === undefined) return { kind: 'done', idp: 'not-told', apps };
    await tellIdp.remember(request.id, { idp: idp.name, app, apps });
    if (request.message.binding !== 'soap') return { kind: 'send', message: request.message };
    return { kind: 'done', idp: await tellIdp.ask(idp, request.message), apps };
  };
}
