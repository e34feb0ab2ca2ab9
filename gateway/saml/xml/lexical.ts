// One linear pass over the text before any parser sees it: no DTD, comment, CDATA, processing instruction or foreign
// entity gets in (saml-guard checks 7; XML 1.0 §2.2, §4.6).

import { refuse } from '../codes.ts';
import { CONTROL } from './characters.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

const DECLARATION = /^<\?xml[\s?]/;
const FOREIGN = /&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/;

/** Decodes strictly as UTF-8; a byte order mark is dropped. Throws SAML_ENCODING. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw refuse('SAML_ENCODING', { cause, detail: { reason: encodingOf(bytes) } });
  }
}

/** What it looks like, for whoever has to change it. UTF-16 begins with its byte order mark (XML 1.0 §4.3.3). */
function encodingOf([first, second]: Uint8Array): string {
  const isUtf16 = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe);
  return isUtf16 ? 'UTF-16' : 'octets that are no UTF-8';
}

/** Refuses what no SAML message may contain. Throws SAML_FORBIDDEN_MARKUP. */
export function forbidMarkup(text: string): void {
  const markup = text.indexOf('<!');
  // An XML declaration is all that may look like a processing instruction, and stands at the start (XML 1.0 §2.8).
  const instruction = text.indexOf('<?', DECLARATION.test(text) ? 2 : 0);
  if (markup >= 0 || instruction >= 0)
    throw refuse('SAML_FORBIDDEN_MARKUP', {
      detail: { reason: sortOf(text, markup), at: Math.max(markup, instruction) },
    });
  if (CONTROL.test(text)) throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'control character' } });
  // Which of the characters that are written by number exist is for whoever resolves them (characters.ts).
  if (FOREIGN.test(text)) throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'foreign entity' } });
}

/** What it is, in words; `markup` is below 0 where it is none of those. */
function sortOf(text: string, markup: number): string {
  if (markup < 0) return 'processing instruction';
  if (text.startsWith('<!--', markup)) return 'comment';
  return text.startsWith('<![CDATA[', markup) ? 'CDATA section' : 'document type';
}
