// Names (XML 1.0 §2.3) and what their two halves mean (Namespaces in XML 1.0).

import { refuse } from '../codes.ts';
import { NS } from '../names.ts';
import type { Scope } from './scope.ts';
import type { XmlAttribute } from './tree.ts';

/** Where the name that begins at `at` ends; `at` itself where there is none. */
export function nameEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code < ASCII.length) {
      const kind = ASCII[code];
      if (kind === NO_NAME || (kind === NO_START && end === at)) return end;
      end += 1;
    } else {
      const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
      if (!OTHER_NAME.test(character) || (end === at && OTHER_NO_START.test(character))) return end;
      end += character.length;
    }
  }
  return end;
}

/** Whether a name may begin so. */
const mayBegin = (name: string): boolean => nameEnd(name, 0) > 0;

/** Whether it is a name without a colon (xml-names §3: NCName). */
export const isNcName = (text: string): boolean =>
  text !== '' && !text.includes(':') && nameEnd(text, 0) === text.length;

/** A name in its two halves. Throws SAML_NOT_XML where it has more, or one that is none. */
export function halvesOf(name: string): { readonly prefix: string; readonly localName: string } {
  const colon = name.indexOf(':');
  if (colon < 0) return { prefix: '', localName: name };
  const localName = name.slice(colon + 1);
  if (colon === 0 || localName.includes(':') || !mayBegin(localName)) throw notXml('a malformed name');
  return { prefix: name.slice(0, colon), localName };
}

/** What a prefix stands for. Throws SAML_NOT_XML where nobody has declared it. */
export function uriOf(scope: Scope, prefix: string): string {
  if (prefix === 'xml') return XML;
  const uri = scope.uriOf(prefix) ?? (prefix === '' ? '' : undefined);
  if (uri === undefined) throw notXml('a prefix that nobody declared');
  return uri;
}

/**
 * The attributes of one tag with their namespaces: the default one is not theirs (xml-names §6.2). Throws SAML_NOT_XML where one is there twice, under
 * whatever prefixes (§6.3).
 */
export function attributesOf(found: readonly Omit<XmlAttribute, 'namespaceURI'>[], scope: Scope): XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  for (const { name, prefix, localName, value } of found) {
    const isDeclaration = prefix === 'xmlns' || name === 'xmlns';
    const namespaceURI = isDeclaration ? NS.xmlns : prefix === '' ? '' : uriOf(scope, prefix);
    for (const other of attributes)
      if (other.localName === localName && other.namespaceURI === namespaceURI) throw notXml('an attribute twice');
    attributes.push({ name, prefix, localName, namespaceURI, value });
  }
  return attributes;
}

/** Whether a prefix may be declared to stand for this (xml-names §2.2, §3); of the white space around a URI some parsers know nothing, so there may be none. */
export function mayDeclare(prefix: string, uri: string): boolean {
  if (uri !== uri.trim() || uri === NS.xmlns || prefix === 'xmlns') return false;
  return prefix === 'xml' || uri === XML ? prefix === 'xml' && uri === XML : prefix === '' || uri !== '';
}

const notXml = (reason: string) => refuse('SAML_NOT_XML', { detail: { reason } });
const XML = 'http://www.w3.org/XML/1998/namespace';

const [NO_NAME, NO_START, START] = [0, 1, 2];
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) return START;
  return /[-.\d]/.test(character) ? NO_START : NO_NAME;
});
const OTHER_NAME =
  /^[\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c-\u200d\u203f\u2040\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}]$/u;
const OTHER_NO_START = /^[\u00b7\u0300-\u036f\u203f\u2040]$/;
