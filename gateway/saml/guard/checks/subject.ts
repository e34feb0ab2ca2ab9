// The Subject names one person, in text and nothing else (saml-core §2.4.1, §2.2.3).

import type { NameId } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute, children, plainText } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';

/** Refuses with SAML_SUBJECT an assertion without exactly one readable NameID. */
export function subject({ assertion }: Signed): void {
  subjectNameId(assertion);
}

/** The NameID of an assertion. Throws SAML_SUBJECT. */
export function subjectNameId(assertion: Element): NameId {
  const [found, second] = children(assertion, 'assertion', 'Subject');
  const nameId = found !== undefined && second === undefined ? onlyNameId(found) : undefined;
  if (nameId === undefined) throw refuse('SAML_SUBJECT');
  return nameId;
}

/** The one NameID among the children, as sent, with all its qualifiers; undefined where there is not exactly one. */
export function onlyNameId(parent: Element): NameId | undefined {
  const [element, second] = children(parent, 'assertion', 'NameID');
  if (element === undefined || second !== undefined || children(parent, 'assertion', 'BaseID').length > 0)
    return undefined;
  const value = plainText(element);
  if (value === undefined || value.trim() === '') return undefined;
  return {
    value,
    format: attribute(element, 'Format'),
    nameQualifier: attribute(element, 'NameQualifier'),
    spNameQualifier: attribute(element, 'SPNameQualifier'),
    spProvidedId: attribute(element, 'SPProvidedID'),
  };
}
