// The Issuer is the identity provider whose key signed (saml-core §2.2.5, profiles §4.1.4.2, §4.4.4.1).

import { refuse } from '../../codes.ts';
import { FORMAT } from '../../names.ts';
import { attribute, bareText, children } from '../../xml/elements.ts';
import type { Signed, TrustedIdp } from '../message.ts';
import type { XmlElement } from '../../xml/tree.ts';

/** Refuses with SAML_ISSUER an Issuer that is absent, of another Format, or somebody else. */
export function issuer({ root, assertion, signedRoot, idp }: Signed): void {
  const onRoot = issuerOf(root);
  // A Response whose assertion alone is signed may leave its own Issuer out (profiles §4.1.4.2).
  if (onRoot === undefined ? signedRoot : !isIssuer(idp, onRoot)) throw refuse('SAML_ISSUER');
  if (assertion !== root && !isIssuer(idp, issuerOf(assertion))) throw refuse('SAML_ISSUER');
}

/** The Issuer's value without surrounding white space; undefined where there is none that names an entity. */
export function issuerOf(element: XmlElement): string | undefined {
  const [found, second] = children(element, 'assertion', 'Issuer');
  if (found === undefined || second !== undefined) return undefined;
  // An empty one says nothing (saml-core §1.3.2): libraries write attributes that they have no value for.
  const format = attribute(found, 'Format');
  return format === undefined || format === '' || format === FORMAT.entity ? bareText(found) : undefined;
}

/** Whether an Issuer value names this identity provider. */
export const isIssuer = (idp: TrustedIdp, value: string | undefined): boolean =>
  value !== undefined && (value === idp.entityId || idp.issuers.includes(value));
