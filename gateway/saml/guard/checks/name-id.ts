// A LogoutRequest names the person. One without a readable name must not be read as "everybody" (saml-core §3.7.1).

import { refuse } from '../../codes.ts';
import { children } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';
import { onlyNameId } from './subject.ts';

/** Refuses with SAML_NAME_ID a LogoutRequest without exactly one NameID. */
export function nameId({ root }: Signed): void {
  if (onlyNameId(root) !== undefined) return;
  const detail = children(root, 'assertion', 'BaseID').length > 0 ? { reason: 'BaseID' } : {};
  throw refuse('SAML_NAME_ID', { detail });
}
