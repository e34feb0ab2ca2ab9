// One message in a document, one assertion in a Response, and nothing of the kind anywhere else: without a second
// candidate there is nothing to mistake for the signed one (XSW1-8, saml-guard check 11).

import { refuse } from '../../codes.ts';
import { NS } from '../../names.ts';
import { children, eachElement } from '../../xml/elements.ts';
import { rootOf } from '../../xml/tree.ts';
import type { Structure } from '../message.ts';

const ASSERTIONS = new Set(['Assertion', 'EncryptedAssertion']);

/** Refuses with SAML_NESTED where a message or assertion stands anywhere but in its one place, or is not there once. */
export function nesting({ root, kind }: Structure): void {
  let assertions = 0;
  eachElement(rootOf(root), (element) => {
    if (element === root) return;
    if (element.namespaceURI === NS.protocol && /(Request|Query|Response|Resolve)$/.test(element.localName)) {
      throw refuse('SAML_NESTED', { detail: { element: element.localName } });
    }
    if (element.namespaceURI !== NS.assertion || !ASSERTIONS.has(element.localName)) return;
    assertions += 1;
    if (kind !== 'Response' || element.parentNode !== root) {
      throw refuse('SAML_NESTED', { detail: { element: element.localName } });
    }
  });
  if (kind !== 'Response' || assertions === 1) return;
  // A refusal has no assertion, and is for the row that reads Status to name (saml-core §3.2.2.2).
  const failed = assertions === 0 && children(root, 'protocol', 'Status').length === 1;
  throw failed ? refuse('SAML_STATUS') : refuse('SAML_NESTED', { detail: { assertions } });
}
