// Which AuthnRequest is answered. A Response says it twice, at its root and in the confirmation of the Subject (profiles §4.1.4.2).

import { attribute } from '../xml/elements.ts';
import type { XmlElement } from '../xml/tree.ts';

/** The ID of the AuthnRequest; undefined where nobody asked. What is empty is not said (saml-core §1.3.2): pysaml2 writes it so where nobody asked. */
export const questionOf = (element: XmlElement): string | undefined => attribute(element, 'InResponseTo') || undefined;
