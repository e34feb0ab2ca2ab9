// XML by tagged template: whatever is put in is escaped, once, where it is put in, and as canonical XML writes it
// (xml-c14n §2.3). A template whose own text is canonical therefore makes what its signature is over (sign.ts).

import { openDraw } from '../../kernel/random.ts';

/** A piece of XML that is safe to put into another. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** Markup from a template; a text that is put in directly after `="` is an attribute's value, any other an element's. */
export function xml(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    texts.reduce((before, text, at) => before + rendered(parts[at - 1], texts[at - 1]?.endsWith('="') === true) + text),
  );
}

/** ` name="value"`, or nothing where there is no value: an absent attribute must stay absent. */
export const maybe = (name: string, value: string | undefined): Markup =>
  value === undefined ? new Markup('') : xml`${new Markup(` ${name}`)}="${value}"`;

/** Makes message IDs: 160 random bits behind an underscore, because an NCName starts with no digit (saml-core §1.3.4). */
export function openMessageIds(): () => string {
  const draw = openDraw(20, 'hex');
  return () => `_${draw()}`;
}

const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const IN_ATTRIBUTE: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '"': '&quot;' },
  ...{ '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' },
};

function rendered(part: Part, isAttribute: boolean): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return isAttribute
    ? String(part).replace(/[&<"\t\n\r]/g, (c) => IN_ATTRIBUTE[c] ?? c)
    : String(part).replace(/[&<>\r]/g, (c) => IN_TEXT[c] ?? c);
}
