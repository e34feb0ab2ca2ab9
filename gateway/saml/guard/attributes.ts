// Attribute values of a signed assertion, by Name (saml-core §2.7.3).

import type { Attributes } from '../../kernel/words.ts';
import { attribute, children, plainText } from '../xml/elements.ts';

/**
 * Values by attribute Name; the values of two Attributes with one Name are put together. A value with markup inside is left
 * out: a header cannot carry it.
 */
export function attributesOf(assertion: Element): Attributes {
  const found = new Map<string, string[]>();
  for (const statement of children(assertion, 'assertion', 'AttributeStatement')) {
    for (const element of children(statement, 'assertion', 'Attribute')) {
      const name = attribute(element, 'Name');
      if (name === undefined || name === '') continue;
      const values = children(element, 'assertion', 'AttributeValue').map(plainText);
      found.set(name, [...(found.get(name) ?? []), ...values.filter((value) => value !== undefined)]);
    }
  }
  return found;
}
