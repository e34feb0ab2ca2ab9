// The text of an identity header: `${nameId}`, `${idp}` and `${attributes.NAME}` in any text.

import { slips } from '../kernel/nearest.ts';

/** A piece of a template: text as it stands, or something known about the person. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nameId' }
  | { readonly kind: 'idp' }
  | { readonly kind: 'attribute'; readonly name: string };

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

/** Reads a template; never throws. An attribute's name is all that stands between `attributes.` and `}`, dots and colons too. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = [];
  const faults: TemplateFault[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\{([^}]*)(\}?)/g)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const part = match[2] === '}' ? partOf(match[1] ?? '') : undefined;
    if (part !== undefined) parts.push(part);
    else faults.push(faultOf(match[0], match[1] ?? '', match[2] === '}'));
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return { parts, faults };
}

function partOf(reference: string): TemplatePart | undefined {
  if (reference === 'nameId' || reference === 'idp') return { kind: reference };
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
