// Who was asked to sign in anew has done so: an identity provider may overlook ForceAuthn and answer with the sign-in of this morning.

import { refuse } from '../../codes.ts';
import type { Expected, Signed } from '../message.ts';
import { authentication } from './authn-statement.ts';
import { questionOf } from '../question.ts';

/** Refuses with SAML_FORCE_AUTHN an answer whose AuthnInstant is before the AuthnRequest that forced it, beyond the clock skew (saml-core §3.4.1). */
export async function forceAuthn(message: Signed, { memory, clockSkewMs }: Expected): Promise<void> {
  const id = questionOf(message.root);
  const forcedAt = id === undefined ? undefined : (await memory.readAuthnRequest(id))?.forcedAt;
  if (forcedAt === undefined) return;
  const before = forcedAt - authentication(message.assertion).instant;
  if (before > clockSkewMs) throw refuse('SAML_FORCE_AUTHN', { detail: { secondsBefore: before / 1000 } });
}
