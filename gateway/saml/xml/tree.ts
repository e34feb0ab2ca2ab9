// A document in memory, and no more of it than checks and canonicalization read; what there is goes by its name in the DOM.

import { NS } from '../names.ts';

/** An attribute; a namespace declaration is one as well. */
export interface XmlAttribute {
  /** As it is spelt. */
  readonly name: string;
  /** Empty where there is none. */
  readonly prefix: string;
  readonly localName: string;
  /** Empty where there is none. */
  readonly namespaceURI: string;
  readonly value: string;
}

/** A run of text; never empty. */
export class XmlText {
  readonly nodeType = 3;
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }
}

/** A comment, as metadata may hold. It keeps the text on its two sides apart. */
export class XmlComment {
  readonly nodeType = 8;
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }
}

/** What an element may hold. */
export type XmlNode = XmlElement | XmlText | XmlComment;

/** An element and all below it. */
export class XmlElement {
  readonly nodeType = 1;
  /** The name as it is spelt. */
  readonly tagName: string;
  /** Empty where there is none, like its namespace. */
  readonly prefix: string;
  readonly localName: string;
  readonly namespaceURI: string;
  readonly attributes: XmlAttribute[];
  readonly childNodes: XmlNode[] = [];
  parentNode: XmlElement | undefined;

  constructor(name: string, prefix: string, localName: string, namespaceURI: string, attributes: XmlAttribute[]) {
    this.tagName = name;
    this.prefix = prefix;
    this.localName = localName;
    this.namespaceURI = namespaceURI;
    this.attributes = attributes;
  }

  appendChild(node: XmlNode): void {
    if (node.nodeType === 1) node.parentNode = this;
    this.childNodes.push(node);
  }

  /** Takes a child out; the text before it and the text behind it stay two. Throws where it is none. */
  removeChild(node: XmlNode): void {
    this.childNodes.splice(this.#placeOf(node), 1);
  }

  /** Puts an element in the place of a child. Throws where it is none. */
  replaceChild(element: XmlElement, child: XmlNode): void {
    this.childNodes.splice(this.#placeOf(child), 1, element);
    element.parentNode = this;
  }

  /** Counted from the end, a stranger would be the last child. */
  #placeOf(node: XmlNode): number {
    const at = this.childNodes.indexOf(node);
    if (at < 0) throw new TypeError('not a child of this element');
    return at;
  }

  /** The value of the attribute that is spelt so; null where there is none. */
  getAttribute(name: string): string | null {
    for (const attribute of this.attributes) if (attribute.name === name) return attribute.value;
    return null;
  }

  /** Declares a namespace that was not declared here. `prefix`: empty for the default one. */
  declare(prefix: string, value: string): void {
    const [name, localName] = prefix === '' ? ['xmlns', 'xmlns'] : [`xmlns:${prefix}`, prefix];
    this.attributes.push({ name, prefix: prefix && 'xmlns', localName, namespaceURI: NS.xmlns, value });
  }
}

/** The outermost element of the document. */
export function rootOf(element: XmlElement): XmlElement {
  let root = element;
  while (root.parentNode !== undefined) root = root.parentNode;
  return root;
}
