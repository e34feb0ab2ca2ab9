// What is encrypted stands where it may, once, in a form and with algorithms that are allowed; all of it read without a key. An encrypted name
// beside a plain one would leave it to us which is meant (saml-core §2.4.1, §3.7.1; saml-guard check 15).

import { sealedIn } from '../../encryption/sealed.ts';
import { refuse } from '../../codes.ts';
import { NS, type MessageKind } from '../../names.ts';
import { children, eachElement, isElement } from '../../xml/elements.ts';
import type { Structure } from '../message.ts';
import type { XmlElement } from '../../xml/tree.ts';

const ENCRYPTED = new Set(['EncryptedAssertion', 'EncryptedID', 'NewEncryptedID']);
const IDENTIFIERS = new Set(['EncryptedID', 'NameID', 'BaseID']);

/**
 * Refuses with SAML_ENCRYPTED what is encrypted at another place or in another form, with SAML_ENCRYPTION_ALGORITHM what is encrypted with
 * a forbidden algorithm. An EncryptedAttribute that does not open is only an attribute that is not there.
 */
export function encryption({ root, kind, idp }: Structure): void {
  eachElement(root, (element) => {
    const isOfSaml = element.namespaceURI === NS.assertion || element.namespaceURI === NS.protocol;
    if (!isOfSaml || !ENCRYPTED.has(element.localName)) return;
    if (!mayStand(kind, root, element))
      throw refuse('SAML_ENCRYPTED', { detail: { reason: 'place', element: element.localName } });
    sealedIn(element, idp.allow);
  });
}

function mayStand(kind: MessageKind, root: XmlElement, element: XmlElement): boolean {
  if (kind === 'Response') return isAssertionOf(root, element) || isSubjectOf(root, element);
  return kind === 'LogoutRequest' && isNameOf(root, element);
}

const isAssertionOf = (root: XmlElement, element: XmlElement): boolean =>
  element.parentNode === root && isElement(element, 'assertion', 'EncryptedAssertion');

/** The name of the Subject of the Response's own assertion. */
function isSubjectOf(root: XmlElement, element: XmlElement): boolean {
  const subject = element.parentNode as XmlElement;
  const assertion = subject.parentNode as XmlElement | null;
  return (
    isElement(subject, 'assertion', 'Subject') &&
    assertion?.parentNode === root &&
    isElement(assertion, 'assertion', 'Assertion') &&
    isNameOf(subject, element)
  );
}

/** The one identifier among the children. */
const isNameOf = (holder: XmlElement, element: XmlElement): boolean =>
  element.parentNode === holder &&
  isElement(element, 'assertion', 'EncryptedID') &&
  children(holder).filter((one) => one.namespaceURI === NS.assertion && IDENTIFIERS.has(one.localName)).length === 1;
