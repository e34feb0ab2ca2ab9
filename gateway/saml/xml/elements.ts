// Reading elements by their full name. A prefix never matters, a namespace always does.

import { withoutSpaceAround } from '../../kernel/white-space.ts';
import { NS } from '../names.ts';

/** A namespace by our name for it. */
export type Namespace = keyof typeof NS;

/** Child elements, all or those with this name, in document order. */
export function children(parent: Element, namespace?: Namespace, name?: string): Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === 1 && (namespace === undefined || isElement(node as Element, namespace, name ?? ''))) {
      found.push(node as Element);
    }
  }
  return found;
}

/** The first child element with this name. */
export const child = (parent: Element, namespace: Namespace, name: string): Element | undefined =>
  children(parent, namespace, name)[0];

/** Whether an element has this full name. */
export const isElement = (element: Element, namespace: Namespace, name: string): boolean =>
  element.namespaceURI === NS[namespace] && element.localName === name;

/** An attribute without a namespace; undefined where it is absent, so that an empty one is told apart. */
export const attribute = (element: Element, name: string): string | undefined =>
  element.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;

/** The text of an element that holds nothing but text; undefined where it holds an element (saml-guard check 21). */
export function plainText(element: Element): string | undefined {
  let text = '';
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType !== 3) return undefined;
    text += node.nodeValue ?? '';
  }
  return text;
}

/** The same without white space around it: products that write XML for people put the text on a line of its own. */
export function bareText(element: Element): string | undefined {
  const text = plainText(element);
  return text === undefined ? undefined : withoutSpaceAround(text);
}

/** Visits the element and all below it. Depth is bounded by the lexical limits. */
export function eachElement(element: Element, visit: (element: Element) => void): void {
  visit(element);
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === 1) eachElement(node as Element, visit);
  }
}
