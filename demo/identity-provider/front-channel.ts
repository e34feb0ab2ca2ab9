// Telling service providers through the browser, one after the other: LogoutRequest out, LogoutResponse back, next.

import { randomText } from '../../gateway/kernel/random.ts';
import { type Answer, html } from './answers.ts';
import type { SignOutReport } from './back-channel.ts';
import { byBrowser, composeLogoutRequest } from './compose.ts';
import { logoutRequestFields } from './fields.ts';
import { signedOutPage } from './pages.ts';
import type { LogoutResponse } from './read.ts';
import type { Received } from './receive.ts';
import { Refusal } from './refusal.ts';
import { logoutAddress } from './service-provider.ts';
import type { State } from './state.ts';
import type { Target } from './targets.ts';

/** A logout under way: the target that was asked last, those still to be asked, and what the others said. */
export interface Chain {
  readonly username: string;
  readonly binding: 'redirect' | 'post';
  readonly asked: Target;
  readonly begun: number;
  readonly relayState: string;
  readonly remaining: readonly Target[];
  readonly reports: readonly SignOutReport[];
}

/** Asks the next target, or shows what came of it where there is none left. */
export function askNext(state: State, chain: Pick<Chain, 'username' | 'binding' | 'remaining' | 'reports'>): Answer {
  const [target, ...remaining] = chain.remaining;
  if (!target) return html(signedOutPage(chain.username, chain.reports));
  const { binding } = chain;
  const destination = logoutAddress(target.sp, binding, 'request');
  if (destination === undefined) {
    const problem = `its metadata has no address for logout by ${binding}`;
    const report = { sp: target.sp.entityId, binding, requestId: undefined, milliseconds: 0, codes: [], problem };
    return askNext(state, { ...chain, remaining, reports: [...chain.reports, report] });
  }
  const { sessionIndexes, nameId } = target;
  const now = state.clock.now();
  const message = composeLogoutRequest(
    state,
    logoutRequestFields({ issuer: state.entityId, destination, now, nameId, sessionIndexes }),
  );
  const relayState = randomText(128);
  const begun = performance.now();
  state.chains.set(message.id ?? '', { ...chain, asked: target, begun, relayState, remaining });
  return byBrowser(state, binding, destination, message, relayState);
}

/** Takes the LogoutResponse of the target that was asked, and goes on. Throws a Refusal where nobody was asked. */
export function takeAnswer(state: State, { message, sp, binding, relayState }: Received<LogoutResponse>): Answer {
  const requestId = message.inResponseTo ?? '';
  const chain = state.chains.get(requestId);
  if (!chain || chain.asked.sp.entityId !== sp.entityId) throw new Refusal('This LogoutResponse was not asked for.');
  // saml-bindings §3.4.3, §3.5.3: the RelayState of a request comes back with its answer, unchanged.
  if (relayState !== chain.relayState)
    throw new Refusal('The LogoutResponse came without the RelayState of its request.');
  state.chains.delete(requestId);
  const milliseconds = Math.round(performance.now() - chain.begun);
  const report: SignOutReport = {
    sp: sp.entityId,
    binding: binding === 'soap' ? 'post' : binding,
    requestId,
    milliseconds,
    codes: message.codes,
  };
  return askNext(state, { ...chain, reports: [...chain.reports, report] });
}
