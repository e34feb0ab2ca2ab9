// Namespace declarations, as canonicalization and decryption need them: what holds at an element, wherever it was declared.

import { NS } from '../names.ts';
import type { XmlElement } from './tree.ts';

/** A namespace declaration that is in scope from outside; an empty default one is none. */
export interface NamespaceInScope {
  readonly prefix: string;
  readonly namespaceURI: string;
}

/** Declarations that hold at `element` and stand on its ancestors; the nearest of a prefix wins. */
export function namespacesInScope(element: XmlElement): NamespaceInScope[] {
  const own = declarations(element);
  const found = new Map<string, string>();
  for (let node = element.parentNode; node !== undefined; node = node.parentNode) {
    for (const [prefix, uri] of declarations(node)) {
      if (!own.has(prefix) && !found.has(prefix)) found.set(prefix, uri);
    }
  }
  return [...found].map(([prefix, namespaceURI]) => ({ prefix, namespaceURI }));
}

/** The declarations on the element itself: namespaces by prefix, the default one under the empty prefix. */
export function declarations(element: XmlElement): Map<string, string> {
  const found = new Map<string, string>();
  for (const { namespaceURI, name, localName, value } of element.attributes) {
    if (namespaceURI === NS.xmlns) found.set(name === 'xmlns' ? '' : localName, value);
  }
  return found;
}
