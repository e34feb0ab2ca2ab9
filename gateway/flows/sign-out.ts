// The person leaves by themselves: our session ends first, and only then is the identity provider told, so that one that is down
// changes nothing (P9).

import { plus, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { AppTold } from '../saml/guard/message.ts';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import type { IdentityProvider, ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger, Session } from '../sessions/sessions.ts';
import type { EndSession } from './end-session.ts';

/** What signing out needs. */
export interface SignOutParts {
  readonly endSession: EndSession;
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly soapCall: SoapCall;
  readonly clock: Clock;
  readonly log: Log;
}

/** Posts a SOAP body and answers with the SOAP body that came back. Rejects after its own deadline. */
export type SoapCall = (url: string, body: string) => Promise<Buffer>;

/** Either the browser carries a LogoutRequest on, or all is done and this is what the identity provider said. */
export type Left =
  | { readonly kind: 'send'; readonly message: Exclude<Outgoing, { binding: 'soap' }> }
  | {
      readonly kind: 'done';
      readonly idp: 'told' | 'partial' | 'failed' | 'not-told';
      readonly apps: readonly AppTold[];
    };

/** Ends the session, then tells the identity provider, if it takes a logout. */
export type SignOut = (session: Session, app: string | undefined, requestId: string) => Promise<Left>;

/** How long we wait to hear from an identity provider that asks the person questions first. */
const AWAITED_MS = 15 * 60_000;

/** Makes it. Where the store cannot be asked it rejects, and the identity provider is not told. */
export function openSignOut(parts: SignOutParts): SignOut {
  const { endSession, ledger, serviceProvider, clock } = parts;
  return async (session, app, requestId) => {
    const ended = await endSession(session.id, { reason: 'person', requestId });
    const apps = (ended?.goodbyes ?? []).map((said) => ({ app: said.app, told: said.outcome.kind === 'told' }));
    const idp = serviceProvider.identityProvider(session.identity.idp);
    const request = idp && serviceProvider.signOutRequest(idp, session.identity, clock.now());
    if (idp === undefined || request === undefined) return { kind: 'done', idp: 'not-told', apps };
    await ledger.keep('logout-request', request.id, { idp: idp.name, app, apps }, plus(clock.now(), AWAITED_MS));
    if (request.message.binding !== 'soap') return { kind: 'send', message: request.message };
    return { kind: 'done', idp: await askBySoap(parts, idp, request.message), apps };
  };
}

async function askBySoap(
  { soapCall, serviceProvider, clock, log }: SignOutParts,
  idp: IdentityProvider,
  message: Extract<Outgoing, { binding: 'soap' }>,
): Promise<'told' | 'partial' | 'failed'> {
  try {
    const xml = await soapCall(message.url, message.body);
    const arrived = {
      binding: 'soap',
      field: 'SAMLResponse',
      endpoint: message.url,
      relayState: undefined,
      xml,
    } as const;
    const answer = await serviceProvider.inspect(arrived, undefined, clock.now());
    if (answer.kind !== 'LogoutResponse') throw answer.kind === 'refused' ? answer.error : new Error(answer.kind);
    return answer.outcome === 'success' ? 'told' : answer.outcome;
  } catch (error) {
    log.warn('identity-provider-not-told', { idp: idp.name, error: String(error) });
    return 'failed';
  }
}
