// Text about a person: `${nameId}`, `${idp}` and `${attributes.NAME}` in any text, and `${credentials.NAME}` where an app has
// accounts of its own.

import type { Identity } from '../kernel/words.ts';
import { slips } from '../kernel/nearest.ts';

/** A piece of a template: text as it stands, or something known about the person. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nameId' }
  | { readonly kind: 'idp' }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'credential'; readonly name: string };

/** What a template asks to be known. */
export type Reference = Exclude<TemplatePart, { kind: 'text' }>;

/** A person's names and passwords at one app. */
export type Credentials = ReadonlyMap<string, string>;

/** What is wrong with a template, and what to write instead. */
export interface TemplateFault {
  /** As written, such as `${nameID}`. */
  readonly reference: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A template, read. */
export interface ParsedTemplate {
  readonly parts: readonly TemplatePart[];
  /** Empty where the template is good. */
  readonly faults: readonly TemplateFault[];
}

const KNOWN = ['nameId', 'idp', 'attributes.NAME'] as const;

/** The text with everything put in; undefined where something is not known. */
export function fillIn(
  parts: readonly TemplatePart[],
  valueOf: (reference: Reference) => string | undefined,
): string | undefined {
  let text = '';
  for (const part of parts) {
    const value = part.kind === 'text' ? part.text : valueOf(part);
    if (value === undefined) return undefined;
    text += value;
  }
  return text;
}

/** Every value of what is asked for. */
export function valuesOf(reference: Reference, identity: Identity, credentials?: Credentials): readonly string[] {
  if (reference.kind === 'nameId') return [identity.nameId.value];
  if (reference.kind === 'idp') return [identity.idp];
  if (reference.kind === 'attribute') return identity.attributes.get(reference.name) ?? [];
  const own = credentials?.get(reference.name);
  return own === undefined ? [] : [own];
}

/** For `fillIn`: the value where there is exactly one. */
export const onlyValue =
  (identity: Identity, credentials?: Credentials) =>
  (reference: Reference): string | undefined => {
    const [value, ...more] = valuesOf(reference, identity, credentials);
    return more.length > 0 ? undefined : value;
  };

/** Reads a template; never throws. An attribute's name is all that stands between `attributes.` and `}`, dots and colons too. */
export function parseTemplate(text: string, credentials?: 'with credentials'): ParsedTemplate {
  const parts: TemplatePart[] = [];
  const faults: TemplateFault[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\{([^}]*)(\}?)/g)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const part = match[2] === '}' ? partOf(match[1] ?? '', credentials !== undefined) : undefined;
    if (part !== undefined) parts.push(part);
    else faults.push(faultOf(match[0], match[1] ?? '', match[2] === '}'));
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return { parts, faults };
}

function partOf(reference: string, mayAskCredentials: boolean): TemplatePart | undefined {
  if (reference === 'nameId' || reference === 'idp') return { kind: reference };
  const own = reference.startsWith('credentials.') ? reference.slice('credentials.'.length) : '';
  if (own !== '' && mayAskCredentials) return { kind: 'credential', name: own };
  const name = reference.startsWith('attributes.') ? reference.slice('attributes.'.length) : '';
  return name === '' ? undefined : { kind: 'attribute', name };
}

function faultOf(written: string, reference: string, isClosed: boolean): TemplateFault {
  if (!isClosed) return { reference: written, problem: 'is not closed', remedy: `write "${written}}"` };
  const slipsTo = (name: string): number => slips(reference.toLowerCase(), name.toLowerCase());
  const [known] = KNOWN.toSorted((a, b) => slipsTo(a) - slipsTo(b));
  const [first = '', ...rest] = reference.split('.');
  const isAttribute = rest.length > 0 && slips(first.toLowerCase(), 'attributes') <= 3;
  const nearest = isAttribute && rest.join('.') !== '' ? `attributes.${rest.join('.')}` : known;
  return {
    reference: written,
    problem: 'names nothing known about a person',
    remedy: `did you mean "\${${nearest}}"?`,
  };
}
