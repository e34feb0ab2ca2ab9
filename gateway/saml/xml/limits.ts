// How much XML a message may be, counted while it is read.

import { refuse } from '../codes.ts';
import type { XmlElement } from './tree.ts';

/** How much XML a message may be. */
export interface XmlLimits {
  readonly maxTags: number;
  readonly maxDepth: number;
  readonly maxAttributesPerTag: number;
  /** In the whole text, namespace declarations included. */
  readonly maxAttributes: number;
  /** Characters of the namespaces of all elements and attributes: the exclusive form may write each anew (xml-exc-c14n §3). */
  readonly maxNamespaces: number;
}

/** For what we wrote ourselves or were configured to trust: some are gone through one within the other. */
export const TRUSTED: XmlLimits = {
  ...{ maxTags: Infinity, maxDepth: 500, maxAttributesPerTag: 100 },
  ...{ maxAttributes: Infinity, maxNamespaces: Infinity },
};

/** In characters, whatever the limits. Without it 120 KB that are used 1,900 times had a canonical form of 230 MB. */
const LONGEST_NAMESPACE = 256;

/** Counts what is read. Throws SAML_TOO_COMPLEX for what is one more than the limit. */
export class Complexity {
  readonly #limits: XmlLimits;
  #tags = 0;
  #attributes = 0;
  #namespaces = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
  }

  /** An attribute, and which of its tag it is. */
  attribute(inTag: number): void {
    this.#attributes += 1;
    if (inTag > this.#limits.maxAttributesPerTag || this.#attributes > this.#limits.maxAttributes)
      throw this.#refused({ inTag });
  }

  declaration(namespace: string): void {
    if (namespace.length > LONGEST_NAMESPACE) throw this.#refused({ namespace: namespace.length });
  }

  /** An element, and how many there are around it. */
  element({ namespaceURI, attributes }: XmlElement, depth: number): void {
    this.#tags += 1;
    this.#namespaces += namespaceURI.length;
    for (const attribute of attributes) this.#namespaces += attribute.namespaceURI.length;
    const { maxTags, maxDepth, maxNamespaces } = this.#limits;
    if (this.#tags > maxTags || depth >= maxDepth || this.#namespaces > maxNamespaces) throw this.#refused({ depth });
  }

  #refused(what: Readonly<Record<string, number>>) {
    const [tags, attributes, namespaces] = [this.#tags, this.#attributes, this.#namespaces];
    return refuse('SAML_TOO_COMPLEX', { detail: { tags, attributes, namespaces, ...what } });
  }
}
