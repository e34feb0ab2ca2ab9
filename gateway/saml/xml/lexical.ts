// One linear pass over the text before any parser sees it: no DTD, comment, CDATA, processing instruction or foreign
// entity gets in, and nothing that is expensive to parse (saml-guard checks 7; XML 1.0 §2.2, §4.6).

import { refuse } from '../codes.ts';

/** How much XML a message may be. */
export interface XmlLimits {
  readonly maxTags: number;
  readonly maxDepth: number;
  readonly maxAttributesPerTag: number;
  /** In the whole text, namespace declarations included. */
  readonly maxAttributes: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const ENTITY = /&(?:(?:lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&/g;
const ATTRIBUTE = /=\s*(?:"[^"<]*"|'[^'<]*')/g;

/** Decodes strictly as UTF-8; a byte order mark is dropped. Throws SAML_ENCODING. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw refuse('SAML_ENCODING', { cause });
  }
}

/** Refuses what no SAML message may contain. Throws SAML_FORBIDDEN_MARKUP. */
export function forbidMarkup(text: string): void {
  const markup = text.search(/<!|<\?(?!xml[\s?])/);
  if (markup >= 0 || text.lastIndexOf('<?') > 0) throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { at: markup } });
  if (CONTROL.test(text)) throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'control character' } });
  for (const [entity, decimal, hexadecimal] of text.matchAll(ENTITY)) {
    if (entity === '&') throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'foreign entity' } });
    const code = decimal ?? hexadecimal;
    if (code !== undefined && !isCharacter(parseInt(code, decimal === undefined ? 16 : 10))) {
      throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'character reference' } });
    }
  }
}

/** XML 1.0 §2.2: Char. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/**
 * Counts tags, levels and attributes without building anything, and sees that every tag is closed by its own name: the parser passes over an end
 * tag that closes nothing, and over an end that never comes. Throws SAML_TOO_COMPLEX, SAML_NOT_XML.
 */
export function limitComplexity(text: string, limits: XmlLimits): void {
  let tags = 0;
  let attributes = 0;
  const open: string[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 0x3f) continue; // the XML declaration
    const end = tagEnd(text, at);
    if (next === 0x2f) {
      if (open.pop() !== withoutSpaceBehind(text, at + 2, end)) throw unbalanced();
      continue;
    }
    const tag = text.slice(at + 1, end);
    const here = countAttributes(tag);
    tags += 1;
    attributes += here;
    if (!tag.endsWith('/')) open.push(nameOf(tag));
    const most = Math.max(here / limits.maxAttributesPerTag, attributes / limits.maxAttributes);
    if (tags > limits.maxTags || open.length > limits.maxDepth || most > 1) {
      throw refuse('SAML_TOO_COMPLEX', { detail: { tags, depth: open.length, attributes } });
    }
  }
  if (open.length > 0) throw unbalanced();
}

/** Where the tag that opens at `at` closes, not fooled by `>` inside a quoted value. */
function tagEnd(text: string, at: number): number {
  let quote = 0;
  for (let i = at + 1; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 0x22 || c === 0x27) quote = c;
    else if (c === 0x3e) return i;
    else if (c === 0x3c) break;
  }
  throw refuse('SAML_NOT_XML', { detail: { reason: 'a tag does not close' } });
}

const unbalanced = () => refuse('SAML_NOT_XML', { detail: { reason: 'tags do not match' } });

/** The name of a start tag: up to white space or `/`. */
const nameOf = (tag: string): string => /^[^\s/]*/.exec(tag)?.[0] ?? '';

/** An end tag may have white space behind its name (XML 1.0 §3.1). A loop: a pattern would try every blank of a long run anew. */
function withoutSpaceBehind(text: string, from: number, to: number): string {
  let end = to;
  while (end > from && ' \t\r\n'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(from, end);
}

const countAttributes = (tag: string): number => tag.match(ATTRIBUTE)?.length ?? 0;
