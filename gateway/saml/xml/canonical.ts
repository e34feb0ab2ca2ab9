// Canonical XML (xml-c14n 1.0, xml-exc-c14n) of one element and all below it. A fault here cannot make anybody believed: what is read afterwards are
// the very bytes written here, and they are the signer's or they are not.

import type { NamespaceInScope } from './namespaces.ts';
import type { XmlAttribute, XmlElement } from './tree.ts';

/** What makes one canonicalization differ from another. */
export interface CanonicalForm {
  /** Namespaces where they are used, and not all that are in scope. */
  readonly isExclusive: boolean;
  readonly withComments: boolean;
}

/** A namespace that an element written before has declared, and those before it. */
interface Rendered {
  readonly prefix: string;
  readonly uri: string;
  readonly before: Rendered | undefined;
}

/** In a PrefixList, the namespace of names without a prefix (xml-exc-c14n §4). */
const DEFAULT = '#default';

/**
 * The canonical form. `inScope`: namespaces declared around the element. `prefixList`: prefixes that the exclusive form treats as the inclusive one does. Nothing is
 * taken over of `xml:` attributes around the element (xml-c14n §2.4): where there are any, the form is not the signer's.
 */
export function canonicalText(
  element: XmlElement,
  { isExclusive, withComments }: CanonicalForm,
  inScope: readonly NamespaceInScope[],
  prefixList: readonly string[],
): string {
  const listed = new Set(prefixList.map((prefix) => (prefix === DEFAULT ? '' : prefix)));
  const isInherited = (prefix: string): boolean => !isExclusive || listed.has(prefix);
  const inheritsAny = !isExclusive || listed.size > 0;
  let text = '';

  const write = (element: XmlElement, before: Rendered | undefined, around: readonly NamespaceInScope[]): void => {
    const { prefix, namespaceURI, attributes } = element;
    let rendered = before;
    let count = 0;
    const declare = (prefix: string, uri: string): void => {
      if (prefix === 'xml' || uriOf(rendered, prefix) === uri) return;
      rendered = { prefix, uri, before: rendered };
      count += 1;
    };
    declare(prefix, namespaceURI);
    const own: XmlAttribute[] = [];
    for (const attribute of attributes) {
      if (attribute.prefix === 'xmlns') {
        if (inheritsAny && isInherited(attribute.localName)) declare(attribute.localName, attribute.value);
      } else if (attribute.name === 'xmlns') {
        if (inheritsAny && isInherited('')) declare('', attribute.value);
      } else {
        own.push(attribute);
        if (attribute.prefix !== '') declare(attribute.prefix, attribute.namespaceURI);
      }
    }
    for (const { prefix, namespaceURI } of around) if (isInherited(prefix)) declare(prefix, namespaceURI);

    text += `<${element.tagName}`;
    if (count > 0) text += declarations(rendered, count);
    if (own.length > 1) own.sort(byName);
    for (const { name, value } of own) text += ` ${name}="${escapedValue(value)}"`;
    text += '>';
    for (const node of element.childNodes) {
      if (node.nodeType === 1) write(node, rendered, []);
      else if (node.nodeType === 3) text += escapedText(node.data);
      else if (withComments) text += `<!--${node.data}-->`;
    }
    text += `</${element.tagName}>`;
  };

  const declared = new Set(
    element.attributes.map(({ prefix, localName, name }) =>
      prefix === 'xmlns' ? localName : name === 'xmlns' ? '' : undefined,
    ),
  );
  write(element, undefined, inheritsAny ? inScope.filter(({ prefix }) => !declared.has(prefix)) : []);
  return text;
}

/** What a prefix stands for in what has been written; nothing is declared to be nothing (xml-c14n §2.3). */
function uriOf(rendered: Rendered | undefined, prefix: string): string {
  for (let at = rendered; at !== undefined; at = at.before) if (at.prefix === prefix) return at.uri;
  return '';
}

/** The newest `count`, the default namespace first, then by prefix (xml-c14n §2.2). */
function declarations(rendered: Rendered | undefined, count: number): string {
  const found: Rendered[] = [];
  for (let at = rendered; at !== undefined && found.length < count; at = at.before) found.push(at);
  if (count > 1) found.sort((a, b) => byCode(a.prefix, b.prefix));
  return found.map(({ prefix, uri }) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapedValue(uri)}"`).join('');
}

const byCode = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Without a namespace first, then by namespace, then by name (xml-c14n §2.2). */
const byName = (a: XmlAttribute, b: XmlAttribute): number =>
  byCode(a.namespaceURI, b.namespaceURI) || byCode(a.localName, b.localName);

const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const IN_VALUE: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '"': '&quot;' },
  ...{ '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' },
};

const escapedText = (text: string): string =>
  /[&<>\r]/.test(text) ? text.replaceAll(/[&<>\r]/g, (found) => IN_TEXT[found] ?? '') : text;

const escapedValue = (value: string): string =>
  /[&<"\t\n\r]/.test(value) ? value.replaceAll(/[&<"\t\n\r]/g, (found) => IN_VALUE[found] ?? '') : value;
