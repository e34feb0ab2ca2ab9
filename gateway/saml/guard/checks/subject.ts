// The Subject names one person, in text and nothing else (saml-core §2.4.1, §2.2.3).

import { withoutSpaceAround } from '../../../kernel/white-space.ts';
import type { Identity, NameId } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute, children, plainText } from '../../xml/elements.ts';
import { attributesOf } from '../attributes.ts';
import type { Signed, TrustedIdp } from '../message.ts';
import type { XmlElement } from '../../xml/tree.ts';

/** Refuses with SAML_SUBJECT an assertion without exactly one readable NameID, or without the one value that people are known by. */
export function subject({ assertion, idp }: Signed): void {
  namesOf(assertion, idp);
}

/** What the person is known by here, and the NameID of the assertion where that is something else. Throws SAML_SUBJECT. */
export function namesOf(assertion: XmlElement, idp: TrustedIdp): Pick<Identity, 'nameId' | 'issuedNameId'> {
  const issued = subjectNameId(assertion);
  const { nameIdFrom } = idp;
  if (nameIdFrom === undefined) return asKnown(issued);
  const [value, second] = attributesOf(assertion, idp).get(nameIdFrom) ?? [];
  // Of several values none is the person's name more than the others.
  if (value === undefined || withoutSpaceAround(value) === '' || second !== undefined)
    throw refuse('SAML_SUBJECT', { detail: { reason: `not exactly one value of ${nameIdFrom}` } });
  return { nameId: { value }, issuedNameId: issued };
}

/** Products that write XML for people put the value on a line of its own; an app cannot be told a name with a line break. Logouts go by it as issued. */
function asKnown(issued: NameId): Pick<Identity, 'nameId' | 'issuedNameId'> {
  const value = withoutSpaceAround(issued.value);
  return value === issued.value ? { nameId: issued } : { nameId: { ...issued, value }, issuedNameId: issued };
}

/** The NameID of an assertion. Throws SAML_SUBJECT. */
export function subjectNameId(assertion: XmlElement): NameId {
  const [found, second] = children(assertion, 'assertion', 'Subject');
  const nameId = found !== undefined && second === undefined ? onlyNameId(found) : undefined;
  if (nameId === undefined) throw refuse('SAML_SUBJECT');
  return nameId;
}

/** The one NameID among the children, as sent, with all its qualifiers; undefined where there is not exactly one. */
export function onlyNameId(parent: XmlElement): NameId | undefined {
  const [element, second] = children(parent, 'assertion', 'NameID');
  if (element === undefined || second !== undefined || children(parent, 'assertion', 'BaseID').length > 0)
    return undefined;
  const value = plainText(element);
  if (value === undefined || withoutSpaceAround(value) === '') return undefined;
  return {
    value,
    format: attribute(element, 'Format'),
    nameQualifier: attribute(element, 'NameQualifier'),
    spNameQualifier: attribute(element, 'SPNameQualifier'),
    spProvidedId: attribute(element, 'SPProvidedID'),
  };
}
