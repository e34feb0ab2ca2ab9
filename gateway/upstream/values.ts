// What is written into the fields of an app's own sign-in form: `${nameId}`, `${idp}`, `${attributes.NAME}` and
// `${credentials.NAME}` in any text.

import type { Identity } from '../kernel/words.ts';

/** One person's entry in the credentials file. A Map, so that a name called `constructor` is only a name. */
export type Credentials = ReadonlyMap<string, string>;

/** The text, or undefined where something in it is not known of this person. */
export type Template = (identity: Identity, credentials: Credentials | undefined) => string | undefined;

const REFERENCE = /\$\{([^}]*)(\}?)/g;

/** What is wrong with a template, and what to write; undefined where it is good. */
export function templateFault(text: string): string | undefined {
  for (const [written, name = '', end] of text.matchAll(REFERENCE)) {
    if (end === '') return `has "${written}", which is not closed; write "${written}}"`;
    if (!/^(?:nameId|idp|attributes\..+|credentials\..+)$/.test(name)) {
      return `has "${written}", which names nothing known about a person; known are \${nameId}, \${idp}, \${attributes.NAME} and \${credentials.NAME}`;
    }
  }
  return undefined;
}

/** The names behind `credentials.` in a template. */
export const credentialsIn = (text: string): string[] =>
  [...text.matchAll(/\$\{credentials\.([^}]+)\}/g)].map(([, name = '']) => name);

/**
 * Compiles a template without faults. An attribute must have exactly one value: as whom somebody signs in is no matter of
 * choice.
 */
export function compileTemplate(text: string): Template {
  const parts = text.split(/(\$\{[^}]*\})/);
  return (identity, credentials) => {
    const values = parts.map((part) =>
      part.startsWith('${') ? valueOf(part.slice(2, -1), identity, credentials) : part,
    );
    return values.includes(undefined) ? undefined : values.join('');
  };
}

function valueOf(name: string, identity: Identity, credentials: Credentials | undefined): string | undefined {
  if (name === 'nameId') return identity.nameId.value;
  if (name === 'idp') return identity.idp;
  const [kind, rest] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
  if (kind === 'credentials') return credentials?.get(rest);
  const [value, ...more] = identity.attributes.get(rest) ?? [];
  return more.length > 0 ? undefined : value;
}
