// Puts what was encrypted in the place of its ciphertext (xmlenc-core1 §4.4). The content was a stranger's until now: it goes through the lexical
// limits and the strict parser that every message goes through.

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { refuse } from '../codes.ts';
import { isElement } from '../xml/elements.ts';
import { decodeUtf8, forbidMarkup } from '../xml/lexical.ts';
import { declarations, namespacesInScope } from '../xml/namespaces.ts';
import { parseXml, type XmlLimits } from '../xml/parse.ts';
import { opened } from './decrypt.ts';
import type { Sealed } from './sealed.ts';
import type { XmlElement } from '../xml/tree.ts';

/**
 * Replaces `encrypted` by the element in it, which must be the SAML assertion element called `name`. Throws SAML_ENCRYPTED, one and the same whatever
 * went wrong: no key of ours, changed octets, and content that is none are not told apart (no oracle).
 */
export function openedInPlace(
  encrypted: XmlElement,
  sealed: Sealed,
  keys: readonly KeyObject[],
  name: 'Assertion' | 'NameID',
  limits: XmlLimits,
): void {
  const own = declarations(encrypted);
  const inScope = [...namespacesInScope(encrypted).map(({ prefix, namespaceURI }) => [prefix, namespaceURI]), ...own];
  const around = Object.fromEntries(inScope) as Record<string, string>;
  const found = opened(sealed, keys, (content) => {
    const element = elementIn(content, around, limits);
    return element !== undefined && isElement(element, 'assertion', name) ? element : undefined;
  });
  if (found === undefined) throw refuse('SAML_ENCRYPTED');
  // The wrapper goes, and what it declared with it; canonicalization may ask for it.
  const declared = declarations(found);
  for (const [prefix, namespaceURI] of own) {
    if (!declared.has(prefix)) found.declare(prefix, namespaceURI);
  }
  encrypted.parentNode?.replaceChild(found, encrypted);
}

/** The one element in what was decrypted. It may lean on namespaces that are declared around it. */
function elementIn(
  content: Buffer,
  around: Readonly<Record<string, string>>,
  limits: XmlLimits,
): XmlElement | undefined {
  try {
    const text = decodeUtf8(content);
    forbidMarkup(text);
    return parseXml(text, limits, around);
  } catch (error) {
    if (error instanceof CurfewError) return undefined;
    throw error;
  }
}
