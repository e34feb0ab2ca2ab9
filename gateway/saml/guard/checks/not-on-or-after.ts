// A LogoutRequest that says when it ends is not obeyed afterwards (saml-core §3.7.1). Auth0, Shibboleth and authentik say
// nothing; their IssueInstant bounds them.

import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { instant } from './issue-instant.ts';

/** Refuses with SAML_EXPIRED a LogoutRequest whose NotOnOrAfter has passed, or cannot be read. */
export function notOnOrAfter({ root }: Signed, { now, clockSkewMs }: Expected): void {
  const text = attribute(root, 'NotOnOrAfter');
  if (text !== undefined && !(now < (instant(text) ?? -Infinity) + clockSkewMs)) throw refuse('SAML_EXPIRED');
}
