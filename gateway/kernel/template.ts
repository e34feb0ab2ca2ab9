// Text about a person: `${nameId}`, `${idp}` and `${attributes.NAME}` in any text, and `${credentials.NAME}` where an app has
// accounts of its own.

import { slips } from './nearest.ts';
import type { Identity } from './words.ts';

/** A piece of a template: text as it stands, or something known about the person. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nameId' }
  | { readonly kind: 'idp' }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'credential'; readonly name: string };

/** What a template asks to be known. */
export type Reference = Exclude<TemplatePart, { kind: 'text' }>;

/** A person's names and passwords at one app. A Map, so that a name called `constructor` is only a name. */
export type Credentials = ReadonlyMap<string, string>;

/** Everybody's at one app, by `personKey`. */
export type People = ReadonlyMap<string, Credentials>;

/** One name at two identity providers is two people: neither is given what is the other's (P11). */
export const personKey = (idp: string, nameId: string): string => `${idp}/${nameId}`;

/** What is known of a person. */
export const credentialsOf = (people: People, { idp, nameId }: Identity): Credentials | undefined =>
  people.get(personKey(idp, nameId.value));

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

/** The first fault of a template as a whole sentence; undefined where it is good. */
export function templateFault(text: string, credentials?: 'with credentials'): string | undefined {
  const [fault] = parseTemplate(text, credentials).faults;
  return fault && `has "${fault.reference}", which ${fault.problem}; ${fault.remedy}`;
}

/** Whether a template asks for a person's credentials. */
export const asksCredentials = (text: string): boolean =>
  parseTemplate(text, 'with credentials').parts.some(({ kind }) => kind === 'credential');

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
    else faults.push(faultOf(match[0], match[1] ?? '', match[2] === '}', credentials !== undefined));
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

function faultOf(written: string, reference: string, isClosed: boolean, mayAskCredentials: boolean): TemplateFault {
  if (!isClosed) return { reference: written, problem: 'is not closed', remedy: `write "${written}}"` };
  const slipsTo = (name: string): number => slips(reference.toLowerCase(), name.toLowerCase());
  const [known] = KNOWN.toSorted((a, b) => slipsTo(a) - slipsTo(b));
  const [first = '', ...rest] = reference.split('.');
  const lists = ['attributes', ...(mayAskCredentials ? ['credentials'] : [])];
  const list = lists.find((one) => slips(first.toLowerCase(), one) <= 3);
  const nearest = list !== undefined && rest.join('.') !== '' ? `${list}.${rest.join('.')}` : known;
  return {
    reference: written,
    problem: 'names nothing known about a person',
    remedy: `did you mean "\${${nearest}}"?`,
  };
}
