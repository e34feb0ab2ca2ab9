// No SessionIndex means all sessions of the person, so an empty one must not slip through as none (saml-core §3.7.3.1).

import { refuse } from '../../codes.ts';
import { bareText, children } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';
import type { XmlElement } from '../../xml/tree.ts';

const MOST = 64;

/** Refuses with SAML_SESSION_INDEX an empty SessionIndex, one with markup inside, or more than 64. */
export function sessionIndex({ root }: Signed): void {
  sessionIndexesOf(root);
}

/** Every SessionIndex of a LogoutRequest, without surrounding white space. Throws SAML_SESSION_INDEX. */
export function sessionIndexesOf(root: XmlElement): string[] {
  const found = children(root, 'protocol', 'SessionIndex').map((element) => bareText(element) ?? '');
  if (found.includes('') || found.length > MOST)
    throw refuse('SAML_SESSION_INDEX', { detail: { count: found.length } });
  return found;
}
