// Tickets: what brings a browser from the public host home to an app's host, once, within half a minute, in the browser that began.

import { plus } from '../kernel/clock.ts';
import { randomText, sameSecret } from '../kernel/random.ts';
import type { EpochMs, SessionId, Token } from '../kernel/words.ts';
import type { Session } from '../sessions/sessions.ts';
import { refuseFlow } from './codes.ts';
import type { SignInParts } from './sign-in.ts';
import { replace } from './replace.ts';
import { personOf, rememberTypist, type Person } from './typist.ts';

const TICKET_MS = 30_000;

interface Ticket {
  readonly session: SessionId;
  readonly hostName: string;
  readonly returnTo: string;
  readonly bind: string;
  readonly person: Person | undefined;
  readonly expiresAt: EpochMs;
}

/** Who redeems a ticket. */
export interface Redeeming {
  readonly ticket: string;
  readonly hostName: string;
  /** Hash of the nonce cookie on this host. */
  readonly bind: string | undefined;
  /** The session this browser had until now on this host. */
  readonly earlier: Session | undefined;
}

/** Gives tickets and redeems them. */
export type Tickets = ReturnType<typeof openTickets>;

/** Makes it; the tickets are in the ledger. */
export function openTickets(
  parts: Pick<SignInParts, 'sessions' | 'ledger' | 'endSession' | 'clock' | 'publicHostName'>,
) {
  const { sessions, ledger, clock } = parts;
  return {
    /** Home with a ticket, or straight where no ticket is needed. */
    async home(session: Session, returnTo: string, bind: string | undefined): Promise<string> {
      const { hostname } = new URL(returnTo);
      if (bind === undefined || hostname === parts.publicHostName) return returnTo;
      const id = randomText();
      const { id: sessionId, identity, expiresAt } = session;
      const person = personOf(identity);
      const ticket: Ticket = { session: sessionId, hostName: hostname, returnTo, bind, person, expiresAt };
      await ledger.keep('ticket', id, ticket, plus(clock.now(), TICKET_MS));
      return `${new URL(returnTo).origin}/.curfew/enter?ticket=${id}`;
    },

    /** Redeems a ticket on the app's host. Throws TICKET_REFUSED. */
    async enter(wish: Redeeming, requestId: string): Promise<{ token: Token; url: string; session: SessionId }> {
      const ticket = (await ledger.take('ticket', wish.ticket, clock.now())) as Ticket | undefined;
      const fits =
        ticket !== undefined &&
        wish.bind !== undefined &&
        ticket.hostName === wish.hostName &&
        sameSecret(ticket.bind, wish.bind);
      const token = fits ? await sessions.mint(ticket.session, ticket.hostName) : undefined;
      if (ticket === undefined || token === undefined) {
        throw refuseFlow('TICKET_REFUSED', { detail: { known: ticket !== undefined, host: wish.hostName } });
      }
      await rememberTypist(ledger, token, ticket.person, ticket.expiresAt);
      await replace(parts.endSession, [wish.earlier?.id], ticket.session, requestId);
      return { token, url: ticket.returnTo, session: ticket.session };
    },
  };
}
