// One linear pass over the text before any parser sees it: no DTD, comment, CDATA, processing instruction or foreign
// entity gets in, and nothing that is expensive to parse (saml-guard checks 7; XML 1.0 §2.2, §4.6).

import { refuse } from '../codes.ts';

export interface XmlLimits {
  readonly maxTags: number;
  readonly maxDepth: number;
  readonly maxAttributesPerTag: number;
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

/** Counts tags, levels and attributes without building anything. Throws SAML_TOO_COMPLEX. */
export function limitComplexity(text: string, limits: XmlLimits): void {
  let tags = 0;
  let depth = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 0x3f) continue; // the XML declaration
    if (next === 0x2f) {
      depth -= 1;
      continue;
    }
    const end = tagEnd(text, at);
    tags += 1;
    if (text.charCodeAt(end - 1) !== 0x2f) depth += 1;
    const attributes = end - at > limits.maxAttributesPerTag * 4 ? countAttributes(text.slice(at, end)) : 0;
    if (tags > limits.maxTags || depth > limits.maxDepth || attributes > limits.maxAttributesPerTag) {
      throw refuse('SAML_TOO_COMPLEX', { detail: { tags, depth, attributes } });
    }
  }
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

const countAttributes = (tag: string): number => tag.match(ATTRIBUTE)?.length ?? 0;
