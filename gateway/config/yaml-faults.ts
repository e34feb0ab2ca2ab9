// What the YAML reader has against a text, as a sentence that says what to write.

import type { YAMLError } from 'yaml';

type Code = YAMLError['code'];

const INDENT = 'indent the keys of one section alike, by spaces, and write a colon and a space after each';

/** Where the reader's own words leave somebody who is new to YAML alone. */
const REMEDIES: Partial<Record<Code, string>> = {
  TAB_AS_INDENT: 'write spaces',
  BAD_INDENT: INDENT,
  MULTILINE_IMPLICIT_KEY: INDENT,
  BLOCK_AS_IMPLICIT_KEY: `${INDENT}; a value that holds a colon and a space stands in quotes`,
  UNEXPECTED_TOKEN: 'between { and } a value such as "${nameId}" stands in quotes',
  BAD_SCALAR_START: 'put the value in quotes',
  DUPLICATE_KEY: 'leave one of the two out',
  MISSING_CHAR: 'close what was opened on this line or before it',
  MULTIPLE_DOCS: 'one file is one document: leave "---" out, and give each app a file of its own',
};

/** The first fault of each line: what follows on the same line only says that the reader has lost its way. */
export function firstOfEachLine<T extends { readonly line: number }>(found: readonly T[]): T[] {
  return found.filter(({ line }, index) => found.findIndex((other) => other.line === line) === index);
}

/** One of its errors in words. Quotes nothing of the file, which may hold a secret where it should not. */
export function yamlFault({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  // What follows a colon may quote the file.
  const own = message.split(/: |;|\n|\\/)[0] ?? code;
  const remedy = REMEDIES[code];
  return `is no YAML: ${own}${remedy === undefined ? '' : `; ${remedy}`}`;
}
