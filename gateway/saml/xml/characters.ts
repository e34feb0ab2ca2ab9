// The characters of a document, and what stands for them (XML 1.0 §2.2, §2.11, §4.1, §3.3.3).

import { refuse } from '../codes.ts';

/** Characters that XML does not have, as far as they can be in UTF-8. */
export const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** XML 1.0 §2.2: Char. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

/** The text with one kind of line end (XML 1.0 §2.11); XML 1.1 has more, which may be in somebody's name. Throws SAML_NOT_XML. */
export function characters(text: string): string {
  if (CONTROL.test(text) || !text.isWellFormed())
    throw refuse('SAML_NOT_XML', { detail: { reason: 'a character that XML does not have' } });
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** What stands between two tags, with its references resolved. Throws SAML_NOT_XML. */
export function textOf(written: string): string {
  if (written.includes(']]>')) throw refuse('SAML_NOT_XML', { detail: { reason: 'the end of a CDATA section' } });
  return resolved(written);
}

/** What stands between quotation marks, with its references resolved: white space is written as a reference, or is a blank (XML 1.0 §3.3.3). Throws SAML_NOT_XML. */
export function valueOf(written: string): string {
  if (written.includes('<')) throw refuse('SAML_NOT_XML', { detail: { reason: 'a value with a tag in it' } });
  return resolved(/[\t\n]/.test(written) ? written.replaceAll(/[\t\n]/g, ' ') : written);
}

const KNOWN: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
const REFERENCE = /&(?:([a-z]{2,4})|#(\d+)|#x([0-9a-fA-F]+));|&/g;

const resolved = (written: string): string =>
  written.includes('&') ? written.replaceAll(REFERENCE, meantBy) : written;

function meantBy(_: string, name?: string, decimal?: string, hexadecimal?: string): string {
  const digits = decimal ?? hexadecimal;
  const code = digits === undefined ? NaN : parseInt(digits, decimal === undefined ? 16 : 10);
  const character = name === undefined ? (isCharacter(code) ? String.fromCodePoint(code) : undefined) : KNOWN.get(name);
  if (character === undefined) throw refuse('SAML_NOT_XML', { detail: { reason: 'an unknown reference' } });
  return character;
}
