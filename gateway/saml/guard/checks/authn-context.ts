// What was asked for is what the answer carries: an identity provider may answer with less (saml-core §3.3.2.2.1 forbids it, some do it).

import { refuse } from '../../codes.ts';
import type { Expected, Signed } from '../message.ts';
import { authentication } from './authn-statement.ts';
import { questionOf } from '../question.ts';

/** Refuses with SAML_AUTHN_CONTEXT an answer that carries none of the contexts of authentication that were asked for. */
export async function authnContext(message: Signed, { memory }: Expected): Promise<void> {
  const id = questionOf(message.root);
  const contexts = id === undefined ? undefined : (await memory.readAuthnRequest(id))?.contexts;
  if (contexts === undefined || contexts.length === 0) return;
  const { context } = authentication(message.assertion);
  if (!contexts.includes(context ?? ''))
    throw refuse('SAML_AUTHN_CONTEXT', { detail: { wanted: contexts, context: context?.slice(0, 200) } });
}
