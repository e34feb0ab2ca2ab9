// Takes a message in: which service provider says it sent it, whether its key signed it, whether it is for us and for now.

import type { Arrival } from './bindings.ts';
import { readMessage, parseXml, type Message } from './read.ts';
import { Refusal } from './refusal.ts';
import type { ServiceProvider } from './service-provider.ts';
import type { State } from './state.ts';
import { checkQuerySignature, hasSignature, signedRoot } from './verify.ts';

const CLOCK_SKEW_MS = 180_000;

/** A verified message. */
export interface Received<M extends Message = Message> {
  readonly message: M;
  readonly sp: ServiceProvider;
  readonly binding: Arrival['binding'];
  readonly relayState: string | undefined;
}

/** Verifies a message that arrived at `address`, and remembers it. Throws a Refusal with the reason. */
export function receive(state: State, arrival: Arrival, address: string): Received {
  const claimed = readMessage(parseXml(arrival.xml));
  const sp = state.serviceProviders.get(claimed.issuer);
  if (!sp) throw new Refusal(`No service provider with the entityID "${claimed.issuer}" is registered.`);
  const message = readMessage(verifiedRoot(arrival, sp));
  const isResponse = message.kind === 'LogoutResponse';
  if (isResponse !== (arrival.parameter === 'SAMLResponse')) {
    throw new Refusal(`A ${message.kind} does not travel as ${arrival.parameter}.`);
  }
  // Redirect and POST require it of signed messages (saml-bindings §3.4.5.2, §3.5.5.2); SOAP does not.
  if (message.destination !== address && (arrival.binding !== 'soap' || message.destination !== undefined)) {
    throw new Refusal(`The message is for "${message.destination ?? ''}", not for "${address}".`);
  }
  checkTimes(message, state.clock.now());
  const received = { message, sp, binding: arrival.binding, relayState: arrival.relayState };
  state.received.push(received);
  return received;
}

function verifiedRoot(arrival: Arrival, sp: ServiceProvider): Element {
  if (arrival.binding !== 'redirect') return signedRoot(arrival.xml, sp.signingCertificates);
  checkQuerySignature(arrival.signed, sp.signingCertificates);
  const root = parseXml(arrival.xml);
  // saml-bindings §3.4.4.1: the signature in the XML is removed before it is deflated.
  if (hasSignature(root)) throw new Refusal('A message by Redirect must not have a signature in its XML.');
  return root;
}

function checkTimes(message: Message, now: number): void {
  const age = now - Date.parse(message.issueInstant);
  if (!(Math.abs(age) <= CLOCK_SKEW_MS))
    throw new Refusal(`The message is from another time: ${message.issueInstant}.`);
  if (message.kind !== 'LogoutRequest' || message.notOnOrAfter === undefined) return;
  if (!(now < Date.parse(message.notOnOrAfter) + CLOCK_SKEW_MS)) throw new Refusal('The LogoutRequest has expired.');
}
