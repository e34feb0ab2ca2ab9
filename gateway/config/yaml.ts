// YAML text as plain values, with the line of every key and `${env:NAME}` and `${file:PATH}` put in. Remembers which
// values came from outside the file, so that no fault repeats one.

import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { formatKey, type Fault, type KeyPath } from './faults.ts';
import type { PolicySource } from './read.ts';
import { firstOfEachLine, yamlFault } from './yaml-faults.ts';
import type { Unreadable } from './read.ts';

/** A policy file as it was read. */
export interface PolicyFile {
  readonly file: string;
  /** The folder relative paths start from. */
  readonly folder: string;
  /** Undefined where the text is no YAML: then `faults` says so, and nothing else can be judged. */
  readonly value: unknown;
  /** YAML faults and references that lead nowhere. */
  readonly faults: readonly Fault[];
  /** The line of a key, or of the nearest thing around it that is there. */
  lineOf(path: KeyPath): number;
  /** The text of a file that it names; `path` is absolute. */
  readonly read: Outside['file'];
  /** The `${env:…}` or `${file:…}` a value came from, undefined where it stands in the file. */
  writtenAt(path: KeyPath): string | undefined;
  /** Every `${file:…}`: where it stands, and the file as it is named there. */
  readonly fromFiles: readonly { readonly path: KeyPath; readonly name: string }[];
}

/** What `${env:NAME}` and `${file:PATH}` are looked up in. */
export interface Outside {
  env(name: string): string | undefined;
  /** `path` is absolute. */
  file(path: string): string | Unreadable;
}

/** Reads one policy file. Aliases are refused: a file shows what it means where it means it. */
export function parsePolicy({ file, text }: PolicySource, outside: Outside): PolicyFile {
  const lines = new LineCounter();
  // Where it is silent the reader passes over a second document, and with it whatever somebody thinks is in force.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const folder = dirname(resolve(file));
  const faults: Fault[] = [];
  const placed = new Map<string, number>();
  const written = new Map<string, string>();
  const fromFiles: { path: KeyPath; name: string }[] = [];
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line;
  const fault = (line: number, path: KeyPath, message: string): void => {
    faults.push({ file, line, key: formatKey(path), message });
  };

  const found = [...document.errors, ...document.warnings].map((error) => ({ error, line: lineAt(error.pos[0]) }));
  for (const { error, line } of firstOfEachLine(found)) fault(line, [], yamlFault(error));
  const value = document.errors.length > 0 ? undefined : valueOf(document.contents, []);
  return {
    file,
    folder,
    value,
    faults,
    lineOf,
    read: (path) => outside.file(path),
    writtenAt: (path) => written.get(JSON.stringify(path)),
    fromFiles,
  };

  function valueOf(node: unknown, path: KeyPath): unknown {
    const line = lineAt((node as Node | null)?.range?.[0]);
    if (!placed.has(JSON.stringify(path))) placed.set(JSON.stringify(path), line);
    if (isMap(node)) {
      const entries = node.items.map((pair) => {
        const key = isScalar(pair.key) ? pair.key.value : undefined;
        const keyLine = lineAt((pair.key as Node | null)?.range?.[0]);
        if (typeof key !== 'string' || key === '__proto__') {
          fault(keyLine, path, 'has a key that is not text; put it in quotes');
          return undefined;
        }
        placed.set(JSON.stringify([...path, key]), keyLine);
        return [key, valueOf(pair.value, [...path, key])] as const;
      });
      return Object.fromEntries(entries.filter((entry) => entry !== undefined));
    }
    if (isSeq(node)) return node.items.map((item, index) => valueOf(item, [...path, index]));
    if (isScalar(node)) return typeof node.value === 'string' ? filledIn(node.value, path) : node.value;
    if (node !== null)
      fault(
        line,
        path,
        'is an alias, which is not read here; write it out, or put it in quotes where the star is meant',
      );
    return null;
  }

  function filledIn(text: string, path: KeyPath): string {
    return text.replaceAll(/\$\{(env|file):([^}]*)\}/g, (reference, kind: string, name: string) => {
      written.set(JSON.stringify(path), reference);
      if (kind === 'file') fromFiles.push({ path, name });
      const found = kind === 'env' ? outside.env(name) : outside.file(resolve(folder, name));
      if (typeof found === 'string') return kind === 'env' ? found : found.replace(/\r?\n$/, '');
      const reason = found?.reason ?? 'is not set in the environment; set it for the process that runs curfew';
      const remedy = found?.remedy ?? (reason === 'is not there' ? 'make that file, or correct its name' : '');
      fault(lineOf(path), path, `${reference} ${reason}${remedy && `; ${remedy}`}`);
      return reference;
    });
  }

  function lineOf(path: KeyPath): number {
    for (let length = path.length; length > 0; length--) {
      const line = placed.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}
