// The XML parser, made strict: whatever it would only warn about is an error here.

import { DOMParser } from '@xmldom/xmldom';
import { refuse } from '../codes.ts';

/** Parses one document with one root element and nothing beside it but white space. Throws SAML_NOT_XML. */
export function parseXml(text: string): Element {
  const fail = (reason: string): never => {
    // What follows quotes the message, and a message is nothing for a log.
    throw refuse('SAML_NOT_XML', { detail: { reason: reason.split(/["'\n:=]/, 1)[0]?.slice(0, 120) } });
  };
  // The parser drops text in front of the root without a word.
  if (!/^\s*(?:<\?[^>]*>\s*)*<[^?]/.test(text)) fail('content beside the root');
  // A parser is made anew for each text: it keeps the handler it was given.
  const options = { errorHandler: { warning: fail, error: fail, fatalError: fail }, normalizeLineEndings: lineEnds };
  const parser = new DOMParser(options);
  const document = parser.parseFromString(text, 'text/xml');
  let root: Element | undefined;
  for (let node = document.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === 1 && root === undefined) root = node as Element;
    else if (node.nodeType === 1 || (node.nodeType === 3 && node.nodeValue?.trim() !== ''))
      fail('content beside the root');
  }
  return root ?? fail('no root element');
}

/** XML 1.0 §2.11. By itself the parser goes by XML 1.1, and makes line feeds of characters that may be somebody's name (U+0085, U+2028). */
const lineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
