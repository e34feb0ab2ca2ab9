// Writes XML: every value is escaped here and nowhere else.

export type XmlAttributes = Readonly<Record<string, string | undefined>>;

const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
const IN_ATTRIBUTE: Readonly<Record<string, string>> = { ...IN_TEXT, '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/** `value` as element content. CR is written as a reference, because a parser turns a bare one into LF (XML 1.0 §2.11). */
export const text = (value: string): string => value.replace(/[&<>\r]/g, (character) => IN_TEXT[character] ?? '');

/** `value` between double quotes. Tab and LF are written as references, or a parser makes blanks of them (XML 1.0 §3.3.3). */
export const quoted = (value: string): string =>
  value.replace(/[&<>"\r\n\t]/g, (character) => IN_ATTRIBUTE[character] ?? '');

/** One element. Attributes and content that are undefined are left out; content is XML already (`text` makes it). */
export function element(name: string, attributes: XmlAttributes, ...content: readonly (string | undefined)[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${quoted(value)}"`))
    .join('');
  const inside = content.filter((part) => part !== undefined).join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

/** An element with text in it; undefined where the text is. */
export const textElement = (
  name: string,
  value: string | undefined,
  attributes: XmlAttributes = {},
): string | undefined => (value === undefined ? undefined : element(name, attributes, text(value)));
