// A message is for the address it arrived at, so that one meant for another service cannot be carried here
// (bindings §3.4.5.2, §3.5.5.2).

import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';

/** Refuses with SAML_DESTINATION_MISMATCH; Destination is required where the message itself is signed, but not over SOAP, nor for what we fetched. */
export function destination({ root, signedRoot, isFetched, binding, endpoint, kind }: Signed): void {
  const found = attribute(root, 'Destination');
  if (found === undefined || found === '') {
    // Entra leaves it out of its LogoutResponses, which end nothing here.
    const required = signedRoot && isFetched !== true && binding !== 'soap' && kind !== 'LogoutResponse';
    if (required) throw refuse('SAML_DESTINATION_MISMATCH', { detail: { expected: endpoint, received: 'none' } });
    return;
  }
  if (!sameAddress(found, endpoint)) {
    throw refuse('SAML_DESTINATION_MISMATCH', { detail: { expected: endpoint, received: found.slice(0, 200) } });
  }
}

/**
 * Equal but for what RFC 3986 §6.2.2 calls equal: case of scheme and host, a default port that is spelled out. An address with a query of its own is
 * meant with that; one without is meant whatever query it was called with.
 */
export function sameAddress(named: string, endpoint: string): boolean {
  const called = named.includes('?') ? endpoint : (endpoint.split('?', 1)[0] ?? endpoint);
  return (
    named === called || (URL.canParse(named) && URL.canParse(called) && new URL(named).href === new URL(called).href)
  );
}
