// Tells an identity provider by SOAP, server to server, that a session here is over: where a person left, and, where its settings say so, where
// nobody is there whose browser could carry the message: a session that timed out, or that an administrator ended.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { EndReason, UpstreamTls } from '../kernel/words.ts';
import type { SentLogoutRequest } from '../saml/guard/message.ts';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import type { IdentityProvider, ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger, Session } from '../sessions/sessions.ts';
import { inTurn } from './in-turn.ts';

/** What telling needs. */
export interface TellIdpParts {
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly soapCall: SoapCall;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Tracing;
}

/** Posts a SOAP body and answers with the SOAP body that came back. Rejects after its own deadline. */
export type SoapCall = (url: string, body: string, tls?: UpstreamTls) => Promise<Buffer>;

/** What an identity provider said of a LogoutRequest of ours. */
export type Said = 'told' | 'partial' | 'failed';

/** The telling, and what is still being told. */
export interface TellIdp {
  /** Sends a LogoutRequest that was remembered before, and waits for the answer. Never rejects. */
  ask(idp: IdentityProvider, message: Extract<Outgoing, { binding: 'soap' }>): Promise<Said>;
  /** Remembers what a LogoutRequest is about until its answer is there. */
  remember(id: string, sent: SentLogoutRequest): Promise<void>;
  /** For a session that has ended: tells in the background where the identity provider is to know. Nothing waits for it. */
  ended(session: Session, reason: EndReason): void;
  /** Resolves when everybody who is to be told by now was. */
  settled(): Promise<void>;
  /** Lets those who are being told hear it, and tells nobody else. */
  close(): Promise<void>;
}

/** How long we wait to hear from an identity provider that asks the person questions first. */
const AWAITED_MS = 15 * 60_000;
/** After a long stop thousands of sessions may time out at once: so many calls at a time, and no more waiting than this. */
const AT_ONCE = 4;
const MOST_WAITING = 5000;

/** Makes it, with nothing to be told. */
export function openTellIdp(parts: TellIdpParts): TellIdp {
  const { ledger, serviceProvider, clock, log, tracing } = parts;
  const lanes = inTurn();
  const waiting = new Set<Promise<void>>();
  let next = 0;
  let closed = false;

  const remember: TellIdp['remember'] = (id, sent) =>
    ledger.keep('logout-request', id, sent, plus(clock.now(), AWAITED_MS));

  async function tell(idp: IdentityProvider, { identity }: Session, reason: Unattended): Promise<Said | undefined> {
    if (closed) return undefined;
    // Written when it is sent, not when it began to wait: it is good for five minutes.
    const request = serviceProvider.signOutRequest(idp, identity, clock.now(), reason);
    if (request?.message.binding !== 'soap') throw new Error(NO_SOAP);
    await remember(request.id, { idp: idp.name, app: undefined });
    const said = await askBySoap(parts, idp, request.message);
    log.info('identity-provider-asked', { idp: idp.name, reason, said });
    return said;
  }

  /** The waiting for others is in it. */
  const timed = <S extends Said | undefined>(idp: IdentityProvider, tell: () => Promise<S>): Promise<S> =>
    tracing.step('tell-idp', { idp: idp.name }, async (step) => {
      const said = await tell();
      step.note({ ...(said && { outcome: said }), ...(said === 'failed' && { failure: said }) });
      return said;
    });

  return {
    remember,
    ask: (idp, message) => timed(idp, () => askBySoap(parts, idp, message)),
    ended(session, reason) {
      const idp = serviceProvider.identityProvider(session.identity.idp);
      if (!idp?.logoutOnTimeout || !isUnattended(reason)) return;
      if (waiting.size >= MOST_WAITING) {
        log.warn('identity-provider-not-told', { idp: idp.name, error: `${MOST_WAITING} are waiting already` });
        return;
      }
      next += 1;
      const lane = `${idp.name} ${next % AT_ONCE}`;
      const told = timed(idp, () => lanes(lane, () => tell(idp, session, reason))).then(
        () => {},
        (error: unknown) => log.warn('identity-provider-not-told', { idp: idp.name, error: String(error) }),
      );
      waiting.add(told);
      void told.finally(() => waiting.delete(told));
    },
    async settled() {
      await Promise.all(waiting);
    },
    async close() {
      closed = true;
      await Promise.all(waiting);
    },
  };
}

const NO_SOAP =
  'its metadata offers no logout by SOAP, or logout.binding forbids it; without a browser there is no other way';

/** Why a session ends with nobody there. */
type Unattended = Extract<EndReason, 'idle' | 'lifetime' | 'administrator'>;

const isUnattended = (reason: EndReason): reason is Unattended =>
  reason === 'idle' || reason === 'lifetime' || reason === 'administrator';

async function askBySoap(
  { soapCall, serviceProvider, clock, log }: TellIdpParts,
  idp: IdentityProvider,
  { url, body }: Extract<Outgoing, { binding: 'soap' }>,
): Promise<Said> {
  try {
    const xml = await soapCall(url, body, idp.soapTls);
    const arrived = { binding: 'soap', field: 'SAMLResponse', endpoint: url, relayState: undefined, xml } as const;
    const answer = await serviceProvider.inspect(arrived, undefined, clock.now());
    if (answer.kind !== 'LogoutResponse') throw answer.kind === 'refused' ? answer.error : new Error(answer.kind);
    return answer.outcome === 'success' ? 'told' : answer.outcome;
  } catch (error) {
    log.warn('identity-provider-not-told', { idp: idp.name, error: String(error) });
    return 'failed';
  }
}
