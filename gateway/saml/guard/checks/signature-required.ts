// Who may speak unsigned: nobody, but a LogoutResponse where the operator says so, because it ends nothing (P4;
// profiles §4.4.4.1, saml-core §3.7.1). What vouches from outside (the query's signature, a client certificate) was judged before.

import { refuse } from '../../codes.ts';
import { child, children } from '../../xml/elements.ts';
import type { Structure } from '../message.ts';

/** Refuses with SAML_UNSIGNED a message that carries no signature over what would be read. */
export function signatureRequired(message: Structure): void {
  if (!isSigned(message) && !mayBeUnsigned(message)) throw refuse('SAML_UNSIGNED');
}

/** Whether the operator lets this identity provider send such a message unsigned. */
export const mayBeUnsigned = ({ kind, idp }: Pick<Structure, 'kind' | 'idp'>): boolean =>
  kind === 'LogoutResponse' && idp.allow.unsignedLogoutResponse;

function isSigned({ root, kind, signedOutside }: Structure): boolean {
  if (signedOutside || child(root, 'signature', 'Signature') !== undefined) return true;
  if (kind !== 'Response') return false;
  // What is signed inside an encrypted assertion cannot be seen yet; this row runs again once it can.
  if (child(root, 'assertion', 'EncryptedAssertion') !== undefined) return true;
  return children(root, 'assertion', 'Assertion').some(
    (assertion) => child(assertion, 'signature', 'Signature') !== undefined,
  );
}
