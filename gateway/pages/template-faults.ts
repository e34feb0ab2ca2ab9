// What is wrong with an operator's template: how it is written, names that its page has not, and what the pages' policy would not let work.

import { nearest } from '../kernel/nearest.ts';
import { LANGUAGES } from './languages.ts';
import { readTemplate, type Piece, type TemplateFault } from './page-template.ts';
import { COMMON, PAGE_NAMES, REQUIRED, SHAPES, type PageName, type Shape } from './shapes.ts';

/** The file whose rules come after the built-in ones. */
export const STYLE_FILE = 'style.css';

/** The page that a file is for, and the language where its name says one; undefined where it is for none. */
export function templateNamed(file: string): { readonly page: PageName; readonly language?: string } | undefined {
  const [, name = '', language] = /^([a-z-]+)(?:\.([a-z]{2}))?\.html$/.exec(file) ?? [];
  const page = PAGE_NAMES.find((one) => one === name);
  if (page === undefined) return undefined;
  if (language === undefined) return { page };
  return LANGUAGES.some((one) => one === language) ? { page, language } : undefined;
}

/** Everything that is wrong with the text of a file; empty where it can be used. `file` is its name. */
export function faultsInTemplate(file: string, text: string): readonly TemplateFault[] {
  if (file === STYLE_FILE) return faultsInStyle(text);
  const page = templateNamed(file)?.page;
  if (page === undefined) return [{ line: 1, message: unknownFile(file) }];
  const { pieces, faults } = readTemplate(text);
  const names = new Set<string>();
  const unknown = unknownNames(pieces, [COMMON, SHAPES[page]], names);
  const missing = (REQUIRED[page] ?? []).filter((name) => !names.has(name));
  return [
    ...faults,
    ...unknown,
    ...missing.map((name) => ({ line: 1, message: `has no {{${name}}}, without which the page is of no use` })),
    ...useless(text),
  ];
}

const unknownFile = (file: string): string => {
  const known = [...PAGE_NAMES.map((name) => `${name}.html`), STYLE_FILE];
  const meant = nearest(file, known);
  const languages = LANGUAGES.map((language) => `.${language}.html`).join(', ');
  return `is no template; ${meant === undefined ? `known are ${known.join(', ')}, and of each .html also ${languages}` : `did you mean "${meant}"?`}`;
};

function unknownNames(pieces: readonly Piece[], scopes: readonly Shape[], names: Set<string>): TemplateFault[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'text') return [];
    const { name, line } = piece;
    const found = scopes.findLast((scope) => Object.hasOwn(scope, name))?.[name];
    if (found === undefined) {
      const known = scopes.flatMap((scope) => Object.keys(scope));
      const meant = nearest(name, known);
      const remedy = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean {{${meant}}}?`;
      return [{ line, message: `has {{${name}}}, which is not known here; ${remedy}` }];
    }
    names.add(name);
    if (piece.kind === 'value') {
      if (typeof found === 'string') return [];
      return [{ line, message: `has {{${name}}}, which has names inside it; write {{#${name}}}…{{/${name}}}` }];
    }
    return unknownNames(
      piece.pieces,
      typeof found === 'string' || piece.isInverted ? scopes : [...scopes, found],
      names,
    );
  });
}

const POLICY: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /<\/?\s*(?:script|style|link|meta|base|iframe|frame|frameset|object|embed|applet|svg|math|template|form|html|head|body|title|textarea|noscript|xmp|plaintext)\b/gi,
    (found) => `has ${found.replace(/\s/g, '')}>, which these pages do not take`,
  ],
  [
    /<[^<>]*\s(?:on[a-z]+|style|srcset|formaction|ping)\s*=/gi,
    (found) => `has an attribute ${lastWord(found)}, which would do nothing here`,
  ],
  [
    /<[^<>]*\ssrc\s*=\s*(?!["'](?:data:image\/|\{\{\s*logo\s*\}\}))[^\s>]*/gi,
    () => 'loads something from elsewhere; write src="data:image/…" or use pages.logo',
  ],
  [/(?:java|vb)script:/gi, (found) => `has ${found} which would do nothing here`],
];

const lastWord = (found: string): string => /([a-z]+)\s*=$/i.exec(found)?.[1] ?? found;

/** The policy of the pages keeps each of these from working, so nobody is hurt; but whoever wrote it should know. */
function useless(text: string): TemplateFault[] {
  return POLICY.flatMap(([pattern, message]) =>
    [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
      line: text.slice(0, index + found.trimEnd().length).split('\n').length,
      message: message(found),
    })),
  );
}

/** It stands inside an element, which nothing in it may end; and the policy lets it load nothing. */
function faultsInStyle(text: string): TemplateFault[] {
  return [...text.matchAll(/<|@import|url\(\s*["']?(?!data:)/gi)].map(({ index, 0: found }) => ({
    line: text.slice(0, index).split('\n').length,
    message:
      found === '<'
        ? 'has "<", which has no place in a style'
        : 'loads something from elsewhere, which these pages do not; write url(data:…)',
  }));
}
