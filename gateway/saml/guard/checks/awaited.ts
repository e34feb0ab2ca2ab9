// A LogoutResponse answers a LogoutRequest of ours that this identity provider was asked. It ends nothing either way: the sessions
// were dead before we asked (P9; saml-core §3.2.2).

import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';

/** Refuses with SAML_UNAWAITED what answers nothing, something answered already, or another identity provider's question. */
export async function awaited({ root, idp }: Signed, { memory }: Expected): Promise<void> {
  const id = attribute(root, 'InResponseTo');
  const request = id === undefined ? undefined : await memory.readLogoutRequest(id);
  if (request?.idp !== idp.name) throw refuse('SAML_UNAWAITED', { detail: { known: request !== undefined } });
}
