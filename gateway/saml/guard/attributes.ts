// Attribute values of a signed assertion, by Name (saml-core §2.7.3), and by the names that the operator has given them.

import type { Attributes } from '../../kernel/words.ts';
import { NS } from '../names.ts';
import { attribute, children, plainText } from '../xml/elements.ts';
import type { TrustedIdp } from './message.ts';
import type { XmlElement } from '../xml/tree.ts';

/**
 * Values by attribute Name; the values of two Attributes with one Name are put together. A value with markup inside is left out: a header
 * cannot carry it; so is one that is nil, which is no value and not an empty one (saml-core §2.7.3.1.1).
 *
 * A name of the operator's stands for the Attribute of that Name, or, where none has it, of that FriendlyName, which nothing but this list may
 * go by (saml-core §2.7.3.1). What comes under such a name by itself does not count: it is not what the operator means.
 */
export function attributesOf(
  assertion: XmlElement,
  { attributeNames }: Pick<TrustedIdp, 'attributeNames'>,
): Attributes {
  const byName = valuesBy(assertion, 'Name');
  if (attributeNames === undefined) return byName;
  const byFriendlyName = valuesBy(assertion, 'FriendlyName');
  const found = new Map([...byName].filter(([name]) => !attributeNames.has(name)));
  for (const [ours, theirs] of attributeNames) {
    const values = byName.get(theirs) ?? byFriendlyName.get(theirs);
    if (values !== undefined) found.set(ours, values);
  }
  return found;
}

function valuesBy(assertion: XmlElement, by: 'Name' | 'FriendlyName'): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const statement of children(assertion, 'assertion', 'AttributeStatement')) {
    for (const element of children(statement, 'assertion', 'Attribute')) {
      const name = attribute(element, by);
      if (name === undefined || name === '') continue;
      const values = children(element, 'assertion', 'AttributeValue').map(valueOf);
      found.set(name, [...(found.get(name) ?? []), ...values.filter((value) => value !== undefined)]);
    }
  }
  return found;
}

const valueOf = (element: XmlElement): string | undefined => (isNil(element) ? undefined : plainText(element));

/** xsi:nil, a boolean in either of its spellings (XML Schema 1 §2.6.2, 2 §3.2.2). */
const isNil = ({ attributes }: XmlElement): boolean =>
  attributes.some(
    ({ namespaceURI, localName, value }) =>
      namespaceURI === NS.schemaInstance && localName === 'nil' && /^\s*(?:true|1)\s*$/.test(value),
  );
