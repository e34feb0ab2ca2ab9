// Only a Response that says Success begins anything (saml-core §3.2.2.2).

import { refuse } from '../../codes.ts';
import { STATUS } from '../../names.ts';
import { attribute, child } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';
import type { XmlElement } from '../../xml/tree.ts';

/** Refuses with SAML_STATUS a Response whose top-level status is not Success. */
export function status({ root }: Signed): void {
  const [top, second] = statusCodes(root);
  if (top !== STATUS.success) {
    throw refuse('SAML_STATUS', { detail: { status: top?.slice(0, 120), second: second?.slice(0, 120) } });
  }
}

/** The status codes of a message, from the top level down; at most three are read. */
export function statusCodes(message: XmlElement): string[] {
  const codes: string[] = [];
  let holder = child(message, 'protocol', 'Status');
  while (holder !== undefined && codes.length < 3) {
    holder = child(holder, 'protocol', 'StatusCode');
    if (holder !== undefined) codes.push(attribute(holder, 'Value') ?? '');
  }
  return codes;
}
