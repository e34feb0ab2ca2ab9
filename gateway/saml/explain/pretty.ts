// A message as people read it: one element a line, long base64 cut short, so that what is printed can be read and can not be sent again.

import type { XmlElement } from '../xml/tree.ts';

const LONGEST_TEXT = 120;
const ENDS = 24;

/** The element and all below it, indented. Depth is bounded by the lexical limits. */
export function pretty(element: XmlElement, indent = ''): string {
  const attributes = element.attributes.map(({ name, value }) => ` ${name}="${quoted(value)}"`);
  const head = `${indent}<${element.tagName}${attributes.join('')}`;
  const nodes = element.childNodes.filter((node) => node.nodeType === 1 || node.data.trim() !== '');
  if (nodes.length === 0) return `${head}/>`;
  const elements = nodes.filter((node) => node.nodeType === 1);
  if (elements.length === 0) {
    return `${head}>${shortened(element.tagName, nodes.map((node) => (node.nodeType === 1 ? '' : node.data)).join(''))}</${element.tagName}>`;
  }
  const inside = nodes.map((node) =>
    node.nodeType === 1 ? pretty(node, `${indent}  `) : `${indent}  ${shortened(element.tagName, node.data)}`,
  );
  return [`${head}>`, ...inside, `${indent}</${element.tagName}>`].join('\n');
}

/** A signature's value is cut whatever its length: what was captured may still be good for somebody. */
function shortened(name: string, text: string): string {
  const packed = text.trim();
  const isSignature = name.endsWith('SignatureValue');
  const isBase64 = packed.length > LONGEST_TEXT && /^[A-Za-z0-9+/=\s]+$/.test(packed);
  if (!isSignature && !isBase64) return quoted(packed);
  return `${packed.slice(0, ENDS)}… (${packed.length} characters)`;
}

const quoted = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\s*\n\s*/g, ' ');
