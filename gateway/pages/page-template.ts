// The templates of people's pages: HTML with `{{name}}`, `{{#name}}…{{/name}}` and `{{^name}}…{{/name}}`, as Mustache has them, and nothing else.
// Everything is escaped, and a name stands where escaping is enough: in text, or between the quotes of an attribute.

import { escaped, Html } from './html.ts';

/** What a template is filled in with. */
export interface View {
  readonly [name: string]: string | Html | boolean | View | readonly View[] | undefined;
}

/** A piece of a template. `line` counts from 1. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'value';
      readonly name: string;
      readonly line: number;
      /** Stands between the quotes of an attribute, where even our own HTML is only text. */
      readonly isQuoted: boolean;
    }
  | {
      readonly kind: 'section';
      readonly name: string;
      readonly line: number;
      /** Shown where there is nothing by that name. */
      readonly isInverted: boolean;
      readonly pieces: readonly Piece[];
    };

/** What is wrong with a template, and where. */
export interface TemplateFault {
  readonly line: number;
  readonly message: string;
}

const TAG = /\{\{(?:([#^/])?\s*([A-Za-z]+)\s*|!(?:(?!\}\})[\s\S])*)\}\}|\{\{/g;

/** Reads a template, and finds what is wrong with how it is written. Never throws; a template with faults is not for filling in. */
export function readTemplate(text: string): { readonly pieces: readonly Piece[]; readonly faults: TemplateFault[] } {
  const faults: TemplateFault[] = [];
  const top: Piece[] = [];
  const open: { name: string; line: number; pieces: Piece[] }[] = [];
  const pieces = (): Piece[] => open.at(-1)?.pieces ?? top;
  let [from, line, position] = [0, 1, 'text' as Position];
  const pass = (upTo: number): void => {
    const between = text.slice(from, upTo);
    if (between !== '') pieces().push({ kind: 'text', text: between });
    position = positionAfter(position, between);
    line += between.split('\n').length - 1;
  };
  for (const match of text.matchAll(TAG)) {
    pass(match.index);
    from = match.index + match[0].length;
    const [written, sign, name] = match;
    const fault = (message: string): void => void faults.push({ line, message });
    if (written === '{{') fault('has "{{" that is none of {{name}}, {{#name}}, {{^name}}, {{/name}}');
    else if (name === undefined) line += written.split('\n').length - 1;
    else if (sign === undefined) {
      if (position !== 'text' && position !== '"' && position !== "'")
        fault(`has {{${name}}} inside a tag; put it in text, or in the quotes of an attribute`);
      pieces().push({ kind: 'value', name, line, isQuoted: position !== 'text' });
    } else if (position !== 'text') fault(`has {{${sign}${name}}} inside a tag; put the whole tag between`);
    else if (sign === '/') {
      const closed = open.pop();
      if (closed?.name !== name)
        fault(`has {{/${name}}} where ${closed === undefined ? 'nothing is open' : `{{/${closed.name}}} belongs`}`);
    } else {
      const inner: Piece[] = [];
      pieces().push({ kind: 'section', name, line, isInverted: sign === '^', pieces: inner });
      open.push({ name, line, pieces: inner });
    }
  }
  pass(text.length);
  for (const { name, line: at } of open) faults.push({ line: at, message: `has {{#${name}}} without {{/${name}}}` });
  if (position !== 'text') faults.push({ line, message: 'ends inside a tag' });
  return { pieces: top, faults };
}

/** Where the next character stands. */
type Position = 'text' | 'tag' | '"' | "'" | 'comment';

function positionAfter(before: Position, text: string): Position {
  let position = before;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (position === 'comment') {
      if (text.startsWith('-->', at)) position = 'text';
    } else if (position === 'text') {
      if (text.startsWith('<!--', at)) position = 'comment';
      else if (c === '<' && /[a-z/!?]/i.test(text[at + 1] ?? '')) position = 'tag';
    } else if (position === 'tag') {
      if (c === '>') position = 'text';
      // Anywhere else a quotation mark is a letter of a name to a browser.
      else if ((c === '"' || c === "'") && /=\s*$/.test(text.slice(Math.max(0, at - 8), at))) position = c;
    } else if (c === position) position = 'tag';
  }
  return position;
}

/** A template, filled in. What has no value is left out. */
export const fillIn = (pieces: readonly Piece[], view: View): Html => new Html(filled(pieces, [view]));

/** `views` from the outermost to the innermost: a section sees what is around it. */
function filled(pieces: readonly Piece[], views: readonly View[]): string {
  let text = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      text += piece.text;
      continue;
    }
    const value = views.findLast((view) => Object.hasOwn(view, piece.name))?.[piece.name];
    if (piece.kind === 'value') {
      if (typeof value === 'string') text += escaped(value);
      else if (value instanceof Html) text += piece.isQuoted ? escaped(value.text) : value.text;
    } else if (piece.isInverted) {
      if (isNothing(value)) text += filled(piece.pieces, views);
    } else if (!isNothing(value)) {
      const inner = Array.isArray(value) ? (value as readonly View[]) : [value];
      for (const one of inner) text += filled(piece.pieces, isView(one) ? [...views, one] : views);
    }
  }
  return text;
}

const isNothing = (value: View[string]): boolean =>
  value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0);

const isView = (value: unknown): value is View =>
  typeof value === 'object' && value !== null && !(value instanceof Html) && !Array.isArray(value);
