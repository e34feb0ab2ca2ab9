// What is encrypted cannot be read, and what cannot be read is not passed over (saml-guard check 15).

import { refuse } from '../../codes.ts';
import { NS } from '../../names.ts';
import { eachElement } from '../../xml/elements.ts';
import type { Structure } from '../message.ts';

const ENCRYPTED = new Set(['EncryptedAssertion', 'EncryptedID', 'NewEncryptedID']);

/** Refuses with SAML_ENCRYPTED an encrypted assertion or identifier. An EncryptedAttribute is only an attribute that is not there. */
export function encryption({ root }: Structure): void {
  eachElement(root, (element) => {
    if (element.namespaceURI === NS.assertion && ENCRYPTED.has(element.localName)) throw refuse('SAML_ENCRYPTED');
  });
}
