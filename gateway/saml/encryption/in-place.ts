// Puts what was encrypted in the place of its ciphertext (xmlenc-core1 §4.4). The content was a stranger's until now: it goes through the lexical
// limits and the strict parser that every message goes through.

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { refuse } from '../codes.ts';
import { NS } from '../names.ts';
import { isElement } from '../xml/elements.ts';
import { decodeUtf8, forbidMarkup } from '../xml/lexical.ts';
import { declarations, namespacesInScope } from '../xml/namespaces.ts';
import type { XmlLimits } from '../xml/limits.ts';
import { parseXml } from '../xml/parse.ts';
import { opened } from './decrypt.ts';
import type { Sealed } from './sealed.ts';
import type { XmlElement } from '../xml/tree.ts';

/** What may be encrypted. */
export type SealedName = 'Assertion' | 'NameID' | 'Attribute';

/**
 * What prefixes stand for by custom. The exclusive form leaves out what is declared and not used, so a signature around a ciphertext does not cover namespaces that only what is
 * inside uses, and Santuario does not write those into it. As they arrived they could be a stranger's, and elements would disappear from what was signed.
 */
const CUSTOMARY: Readonly<Record<string, string>> = {
  xs: NS.schema,
  xsd: NS.schema,
  xsi: NS.schemaInstance,
  ds: NS.signature,
  saml: NS.assertion,
  saml2: NS.assertion,
};

/**
 * Replaces `encrypted` by the element in it, which must be the SAML assertion element called `name`. `arrived`: the same element where it stood before the signature around it
 * was verified. Throws SAML_ENCRYPTED, one and the same whatever went wrong: no key of ours, changed octets, and content that is none are not told apart (no oracle).
 */
export function openedInPlace(
  encrypted: XmlElement,
  sealed: Sealed,
  keys: readonly KeyObject[],
  name: SealedName,
  limits: XmlLimits,
  arrived: XmlElement = encrypted,
): void {
  const own = declarations(encrypted);
  const inScope = [...namespacesInScope(encrypted).map(({ prefix, namespaceURI }) => [prefix, namespaceURI]), ...own];
  const signed = Object.fromEntries(inScope) as Record<string, string>;
  const around = { ...CUSTOMARY, ...signed };
  const found = opened(sealed, keys, (content) => {
    const element = elementIn(content, around, limits);
    return element !== undefined && isElement(element, 'assertion', name) ? element : undefined;
  });
  if (found === undefined) throw refuse('SAML_ENCRYPTED');
  // The wrapper goes, and what it declared with it; canonicalization may ask for it, and for what the signature around it left out.
  const declared = declarations(found);
  const lost = namespacesInScope(arrived).filter(
    ({ prefix, namespaceURI }) => around[prefix] === namespaceURI && !Object.hasOwn(signed, prefix),
  );
  for (const [prefix, uri] of [...own, ...lost.map(({ prefix, namespaceURI }) => [prefix, namespaceURI] as const)]) {
    if (!declared.has(prefix)) found.declare(prefix, uri);
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
