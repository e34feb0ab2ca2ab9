// XML by tagged template: whatever is put in is escaped, once, where it is put in. samlify's own placeholders are not used for
// values, because they are replaced one after the other: a NameID of `{SessionIndex}` would itself be expanded.

import { randomBytes } from 'node:crypto';

/** A piece of XML that is safe to put into another. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** Markup from a template; every interpolated text is escaped for element and attribute position alike. */
export function xml(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(texts.reduce((before, text, at) => before + rendered(parts[at - 1]) + text));
}

/** ` name="value"`, or nothing where there is no value: an absent attribute must stay absent. */
export const maybe = (name: string, value: string | undefined): Markup =>
  value === undefined ? new Markup('') : xml`${new Markup(` ${name}`)}="${value}"`;

/** A message ID: 160 random bits behind an underscore, because an NCName starts with no digit (saml-core §1.3.4). */
export const messageId = (): string => `_${randomBytes(20).toString('hex')}`;

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replace(/[&<>"'\t\r\n]/g, (c) => `&#${c.charCodeAt(0)};`);
}
