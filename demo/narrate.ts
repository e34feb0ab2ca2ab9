// What the gateway's audit lines say, in a line for people.

import type { AuditEvent } from '../gateway/kernel/audit.ts';

/** One line without a time; undefined for what another line tells already. */
export function narrate(event: AuditEvent): string | undefined {
  switch (event.event) {
    case 'sign-in':
      return `${event.nameId} signed in`;
    case 'logout-request':
      return logoutLine(event);
    case 'session-ended':
      // The line of its LogoutRequest counts it.
      return event.reason === 'idp-logout' ? undefined : `${event.nameId} is out (${event.reason}), ${cut(event)}`;
    case 'refused':
      return `refused a ${event.what}${event.idp === undefined ? '' : ` from ${event.idp}`}: ${event.code}`;
    default:
      return undefined;
  }
}

function logoutLine(event: Extract<AuditEvent, { event: 'logout-request' }>): string {
  const status = event.status.charAt(0).toUpperCase() + event.status.slice(1);
  const from = `LogoutRequest from ${event.idp} by ${BINDINGS[event.binding] ?? event.binding}`;
  if (event.repeated) return `${from}, the same as before: ${status} again, nothing left to do`;
  return `${from}: ${count(event.sessionsEnded, 'session')} ended, ${cut(event)}, ${status} in ${event.milliseconds} ms`;
}

const BINDINGS: Readonly<Record<string, string>> = { soap: 'SOAP', post: 'form POST', redirect: 'Redirect' };

const cut = ({ connectionsCut }: { readonly connectionsCut: number }): string =>
  `${count(connectionsCut, 'connection')} cut`;

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
