// Reading elements by their full name. A prefix never matters, a namespace always does.

import { withoutSpaceAround } from '../../kernel/white-space.ts';
import { NS } from '../names.ts';
import type { XmlElement } from './tree.ts';

/** A namespace by our name for it. */
export type Namespace = keyof typeof NS;

/** Child elements, all or those with this name, in document order. */
export function children(parent: XmlElement, namespace?: Namespace, name?: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const node of parent.childNodes) {
    if (node.nodeType === 1 && (namespace === undefined || isElement(node, namespace, name ?? ''))) found.push(node);
  }
  return found;
}

/** The first child element with this name. */
export const child = (parent: XmlElement, namespace: Namespace, name: string): XmlElement | undefined =>
  children(parent, namespace, name)[0];

/** Whether an element has this full name. */
export const isElement = (element: XmlElement, namespace: Namespace, name: string): boolean =>
  element.namespaceURI === NS[namespace] && element.localName === name;

/** An attribute without a namespace; undefined where it is absent, so that an empty one is told apart. */
export const attribute = (element: XmlElement, name: string): string | undefined =>
  element.getAttribute(name) ?? undefined;

/** The same without white space around it, which is no part of an address, a time or a token (XML Schema 2 §4.3.6): for metadata, which people edit. */
export function collapsed(element: XmlElement, name: string): string | undefined {
  const value = attribute(element, name);
  return value === undefined ? undefined : withoutSpaceAround(value);
}

/** The text of an element that holds nothing but text; undefined where it holds an element (saml-guard check 21). */
export function plainText(element: XmlElement): string | undefined {
  let text = '';
  for (const node of element.childNodes) {
    if (node.nodeType !== 3) return undefined;
    text += node.data;
  }
  return text;
}

/** The same without white space around it: products that write XML for people put the text on a line of its own. */
export function bareText(element: XmlElement): string | undefined {
  const text = plainText(element);
  return text === undefined ? undefined : withoutSpaceAround(text);
}

/** Visits the element and all below it. Depth is bounded by the lexical limits. */
export function eachElement(element: XmlElement, visit: (element: XmlElement) => void): void {
  visit(element);
  for (const node of element.childNodes) if (node.nodeType === 1) eachElement(node, visit);
}
