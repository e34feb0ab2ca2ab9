// A Response answers a question that this very browser is waiting on: otherwise somebody could sign a victim's browser in
// as himself (profiles §4.1.4.3, §4.1.5).

import { refuse } from '../../codes.ts';
import type { Expected, Signed } from '../message.ts';
import { questionOf } from '../question.ts';

/** Refuses with SAML_UNSOLICITED what answers nothing, unless allowed; with SAML_IN_RESPONSE_TO what answers another's question. */
export async function inResponseTo(message: Signed, { memory, browser }: Expected): Promise<void> {
  const { idp } = message;
  const id = questionOf(message.root);
  if (id === undefined) {
    if (!idp.allow.unsolicitedResponse) throw refuse('SAML_UNSOLICITED');
    return;
  }
  const request = await memory.readAuthnRequest(id);
  if (request === undefined) throw refuse('SAML_IN_RESPONSE_TO', { detail: { reason: 'unknown or used' } });
  if (request.idp !== idp.name)
    throw refuse('SAML_IN_RESPONSE_TO', { detail: { reason: 'another identity provider' } });
  if (request.browser !== browser) throw refuse('SAML_IN_RESPONSE_TO', { detail: { reason: 'another browser' } });
}
