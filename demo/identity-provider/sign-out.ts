// The story of signing out: begun here for a person everywhere, or by a service provider's LogoutRequest.

import { type Answer, xml } from './answers.ts';
import { tellByBackChannel, type BackChannelOptions, type SignOutReport } from './back-channel.ts';
import { byBrowser, composeLogoutResponse, inSoap } from './compose.ts';
import { logoutResponseFields } from './fields.ts';
import { askNext } from './front-channel.ts';
import { STATUS } from './names.ts';
import type { LogoutRequest } from './read.ts';
import type { Received } from './receive.ts';
import { Refusal } from './refusal.ts';
import { logoutAddress } from './service-provider.ts';
import { endSessions, type State } from './state.ts';
import { sessionsMeant, sessionsOf, targetsOf } from './targets.ts';

/** Ends every session of the person and tells every service provider, server to server. One report for each. */
export async function signOutByBackChannel(
  state: State,
  username: string,
  options: BackChannelOptions = {},
): Promise<readonly SignOutReport[]> {
  const sessions = sessionsOf(state, username);
  endSessions(state, sessions);
  return Promise.all(targetsOf(sessions).map((target) => tellByBackChannel(state, target, options)));
}

/** Ends every session of the person and sends the browser on a round of the service providers. */
export function signOutByBrowser(state: State, username: string, binding: 'redirect' | 'post'): Answer {
  const sessions = sessionsOf(state, username);
  endSessions(state, sessions);
  return askNext(state, { username, binding, remaining: targetsOf(sessions), reports: [] });
}

/**
 * Answers a service provider's LogoutRequest over the binding it came by: ends the sessions it means and tells the other
 * service providers. A session that is gone already is no error.
 */
export async function answerLogoutRequest(state: State, asked: Received<LogoutRequest>): Promise<Answer> {
  const { sp, binding, message } = asked;
  const destination = logoutAddress(sp, binding, 'response');
  if (binding !== 'soap' && destination === undefined) {
    throw new Refusal(`The service provider has no address for answers by ${binding}.`);
  }
  const sessions = sessionsMeant(state, asked);
  endSessions(state, sessions);
  const others = targetsOf(sessions, sp.entityId);
  const reports = await Promise.all(others.map((target) => tellByBackChannel(state, target)));
  const allOut = reports.every(({ codes }) => codes[0] === STATUS.success && !codes.includes(STATUS.partialLogout));
  const answer = composeLogoutResponse(
    state,
    logoutResponseFields({
      issuer: state.entityId,
      destination: binding === 'soap' ? undefined : destination,
      inResponseTo: message.id,
      now: state.clock.now(),
      // saml-core §3.7.3.2: the first code speaks of this identity provider alone, the second of everybody else.
      codes: allOut ? [STATUS.success] : [STATUS.success, STATUS.partialLogout],
    }),
  );
  if (binding === 'soap') return xml(inSoap(state, answer), 'text/xml; charset=utf-8');
  return byBrowser(state, binding, destination ?? '', answer, asked.relayState);
}
