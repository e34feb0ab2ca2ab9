// Puts what was encrypted in the place of its ciphertext (xmlenc-core1 §4.4). The content was a stranger's until now: it goes through the lexical
// limits and the strict parser that every message goes through.

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { refuse } from '../codes.ts';
import { NS } from '../names.ts';
import { xml, Markup } from '../ours/markup.ts';
import { children, isElement } from '../xml/elements.ts';
import { decodeUtf8, forbidMarkup, limitComplexity, type XmlLimits } from '../xml/lexical.ts';
import { declarations, namespacesInScope } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse.ts';
import { opened } from './decrypt.ts';
import type { Sealed } from './sealed.ts';

/**
 * Replaces `encrypted` by the element in it, which must be the SAML assertion element called `name`. Throws SAML_ENCRYPTED, one and the same whatever
 * went wrong: no key of ours, changed octets, and content that is none are not told apart (no oracle).
 */
export function openedInPlace(
  encrypted: Element,
  sealed: Sealed,
  keys: readonly KeyObject[],
  name: 'Assertion' | 'NameID',
  limits: XmlLimits,
): void {
  const own = declarations(encrypted);
  const inScope = [
    ...namespacesInScope(encrypted),
    ...[...own].map(([prefix, namespaceURI]) => ({ prefix, namespaceURI })),
  ];
  const around = xml`<around${inScope.map(({ prefix, namespaceURI }) => declaration(prefix, namespaceURI))}>`.text;
  const found = opened(sealed, keys, (content) => {
    const element = onlyElement(content, around, limits);
    return element !== undefined && isElement(element, 'assertion', name) ? element : undefined;
  });
  if (found === undefined) throw refuse('SAML_ENCRYPTED');
  const element = encrypted.ownerDocument.importNode(found, true);
  // The wrapper goes, and what it declared with it; canonicalization may ask for it.
  const declared = declarations(element);
  for (const [prefix, namespaceURI] of own) {
    if (!declared.has(prefix)) element.setAttributeNS(NS.xmlns, qualified(prefix), namespaceURI);
  }
  encrypted.parentNode?.replaceChild(element, encrypted);
}

/**
 * The one element in what was decrypted. It may lean on namespaces that are declared around it, so it is parsed between tags that declare them; that its
 * own tags match was seen before, so it cannot close them.
 */
function onlyElement(content: Buffer, around: string, limits: XmlLimits): Element | undefined {
  try {
    const text = decodeUtf8(content);
    forbidMarkup(text);
    limitComplexity(text, limits);
    const wrapper = parseXml(`${around}${text.replace(/^<\?xml[^>]*\?>/, '')}</around>`);
    const [element, second] = children(wrapper);
    const alone = Array.from(wrapper.childNodes).every((node) => node === element || node.nodeValue?.trim() === '');
    return alone && second === undefined ? element : undefined;
  } catch (error) {
    if (error instanceof CurfewError) return undefined;
    throw error;
  }
}

const qualified = (prefix: string): string => (prefix === '' ? 'xmlns' : `xmlns:${prefix}`);

const declaration = (prefix: string, namespaceURI: string): Markup =>
  xml` ${new Markup(qualified(prefix))}="${namespaceURI}"`;
