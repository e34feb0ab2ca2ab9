// Turns what a schema has against a file into sentences: what was expected, and what to write.

import { stringify } from 'yaml';
import type * as z from 'zod';
import { nearest } from '../kernel/nearest.ts';
import { formatKey, type Fault, type KeyPath } from './faults.ts';
import { describedAt, describeSchema, exampleOf, type Described } from './schema.ts';
import type { PolicyFile } from './yaml.ts';

type Issue = z.core.$ZodIssue;

/** Lets a schema judge a file: what it makes of it, or everything that is wrong. */
export function judge<S extends z.ZodType>(
  file: PolicyFile,
  schema: S,
): { readonly value: z.output<S> } | { readonly faults: readonly Fault[] } {
  if (file.value === undefined) return { faults: file.faults };
  // A room's own sentence wins; what has none is explained here from the description of the key.
  const result = schema.safeParse(file.value, { error: () => '' });
  if (result.success) return { value: result.data };
  return { faults: explainAll(file, describeSchema(schema), result.error.issues, []) };
}

/** A value as a fault may show it: in quotes, or as the reference it came from. */
export function shown(file: PolicyFile, path: KeyPath, value: unknown): string {
  return file.writtenAt(path) ?? quoted(String(value));
}

/** In quotes, at most 80 characters, and without what is often secret in an address: name and password, and the query. */
const quoted = (value: string): string =>
  JSON.stringify(
    value
      .replace(/[^/\s]*:[^/\s]*@/, '…@')
      .replace(/(:\/\/[^?]*)\?.*/s, '$1?…')
      .slice(0, 80),
  );

/** A section with an unknown key is not also told that something is missing in it. */
function explainAll(file: PolicyFile, schema: Described, issues: readonly Issue[], around: KeyPath): Fault[] {
  const place = (issue: Issue): string => JSON.stringify(issue.path);
  const misspelt = issues.filter((issue) => issue.code === 'unrecognized_keys').map(place);
  return issues
    .filter((issue) => issue.code !== 'custom' || !misspelt.includes(place(issue)))
    .flatMap((issue) => explain(file, schema, issue, around));
}

function explain(file: PolicyFile, schema: Described, issue: Issue, around: KeyPath): Fault[] {
  const path = [...around, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const fault = (at: KeyPath, message: string): Fault => ({
    file: file.file,
    line: file.lineOf(at),
    key: formatKey(at),
    message,
  });
  if (issue.code === 'unrecognized_keys') {
    const section = describedAt(schema, path);
    const known = knownKeys(section);
    return issue.keys.map((key) => fault([...path, key], belongsDeeper(key, section) ?? unknownName(key, known)));
  }
  const meant = issue.code === 'invalid_union' ? alternativeMeant(issue.errors) : undefined;
  if (meant !== undefined) return explainAll(file, schema, meant, path);
  return [fault(path, sentence(file, path, describedAt(schema, path) ?? {}, issue.message))];
}

/** Of a key that stands too far to the left: in which section it is known. */
function belongsDeeper(key: string, section: Described | undefined): string | undefined {
  const [inside] = Object.entries(section?.properties ?? {}).filter(([, inner]) => knownKeys(inner).includes(key));
  return inside && `unknown name here; it is known in "${inside[0]}": indent it below that`;
}

/** "unknown name", with the nearest known one. */
export function unknownName(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `unknown name; did you mean "${meant}"?`;
  return known.length === 0 ? 'unknown name' : `unknown name; known here: ${known.join(', ')}`;
}

function sentence(file: PolicyFile, path: KeyPath, described: Described, message: string): string {
  const reference = file.writtenAt(path);
  // What is said of a secret never repeats it; what is said of other values may.
  if (reference !== undefined && described.title?.includes('secret') === true && message !== '')
    return `${reference} ${message}`;
  if (reference !== undefined) return `${reference} does not fit; expected ${expected(described)}`;
  const value = valueAt(file.value, path);
  if (message !== '') return withValue(value, described, message);
  if (value === undefined) return `is missing; write ${lineToWrite(path, described) ?? expected(described)}`;
  if (value === null) return `is empty; expected ${expected(described)}`;
  if (typeof value === 'number' && unitMissing(value, described)) return withValue(String(value), described, '');
  const words = [described, ...(described.anyOf ?? [])].flatMap((one) => (one.enum ?? []).map(String));
  if (words.length > 0 && typeof value === 'string') return withValue(value, described, notOneOf(value, words));
  if (described.type === 'string' && described.title !== 'address:port' && typeof value !== 'object')
    return `is ${kindOf(value)}; put it in quotes`;
  return `is ${kindOf(value)}; expected ${expected(described)}`;
}

/** Puts the value in front of a sentence that speaks of it ("is …", "has …"), unless it must not be shown. */
function withValue(value: unknown, described: Described, message: string): string {
  if (typeof value !== 'string' || described.title?.includes('secret') === true) return message;
  if (unitMissing(value, described)) {
    // Nobody can tell whether `30` is seconds or minutes.
    return described.title === 'duration'
      ? `"${value}" has no unit; write "${value}m" for minutes, or ms, s, h, d`
      : `"${value}" has no unit; write "${value}MiB", or B, KiB, GiB`;
  }
  if (message !== '' && !/^(?:is|has|does|names|needs)\b/.test(message)) return message;
  const example = exampleOf(described);
  const remedy = message.includes(';') || example === undefined ? '' : `; write ${JSON.stringify(example)}`;
  return `${quoted(value)} ${message}${remedy}`;
}

const unitMissing = (value: string | number, { title }: Described): boolean =>
  (title === 'duration' || title === 'size') && /^\d+$/.test(String(value));

function notOneOf(value: string, words: readonly string[]): string {
  const meant = nearest(value, words);
  return `is not known here; ${meant === undefined ? `write one of ${words.join(', ')}` : `did you mean "${meant}"?`}`;
}

function expected(described: Described): string {
  const kind = described.title ?? kindOfType(described);
  const example = exampleOf(described);
  return example === undefined ? kind : `${kind}, such as ${flow(example)}`;
}

function kindOfType(described: Described): string {
  if (described.enum !== undefined) return `one of ${described.enum.join(', ')}`;
  if (described.type === 'object') return `a section with ${knownKeys(described).join(', ') || 'names'}`;
  if (described.type === 'array') return 'a list';
  return described.type === 'boolean' ? 'true or false' : 'text';
}

function lineToWrite(path: KeyPath, described: Described): string | undefined {
  const key = path.findLast((part) => typeof part === 'string');
  const example = exampleOf(described);
  if (example === undefined || key === undefined) return undefined;
  const line = `${key}: ${flow(example)}`;
  return line.includes('"') ? `\`${line}\`` : `"${line}"`;
}

const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();

/** Of several kinds of value the one the writer meant: whose fault is not that it is another kind. */
const alternativeMeant = (alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  alternatives.find((issues) =>
    issues.some((issue) => issue.path.length > 0 || issue.message !== '' || issue.code === 'unrecognized_keys'),
  );

const knownKeys = (described: Described | undefined): string[] =>
  [described, ...(described?.anyOf ?? [])].flatMap((one) => Object.keys(one?.properties ?? {}));

/** Never the value itself: it may be a secret that only lacks its quotes. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'a section' : `a ${typeof value}`;
}

/** The value at a place of a parsed document; undefined where there is none. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}
