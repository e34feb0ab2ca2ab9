// Files with secrets that every account of the machine may read.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import type { Fault, KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

/** A warning for each of our keys, and for each file behind a secret, that others than its owner and group may read. */
export function openFileWarnings(files: readonly PolicyFile[]): Fault[] {
  return files.flatMap((file) => secretFiles(file).flatMap(({ path, name }) => warning(file, path, name)));
}

function secretFiles(file: PolicyFile): { readonly path: KeyPath; readonly name: string }[] {
  const pairs = entriesAt(file, ['saml', 'keys']).map(({ path }) => [...path, 'key']);
  const keys = [...pairs, ...entriesAt(file, ['jwt', 'keys']).map(({ path }) => path)];
  const secrets: KeyPath[] = [
    ['sessions', 'secret'],
    ['admin', 'token'],
  ];
  const several = entriesAt(file, ['sessions', 'secret']).map(({ path }) => path);
  return [
    ...keys.map((path) => ({ path, name: textAt(file, path) })),
    ...[...secrets, ...several].map((path) => ({ path, name: fileNamedIn(file.writtenAt(path)) })),
  ].flatMap(({ path, name }) => (name === undefined || name === '' ? [] : [{ path, name }]));
}

const fileNamedIn = (reference: string | undefined): string | undefined =>
  /^\$\{file:([^}]*)\}$/.exec(reference ?? '')?.[1];

function warning(file: PolicyFile, path: KeyPath, name: string): Fault[] {
  if (!othersMayRead(resolve(file.folder, name))) return [];
  return [
    faultAt(
      file,
      path,
      `"${name}" may be read by every account of this machine; take that away, by "chmod o=" and its name`,
    ),
  ];
}

const FOR_OTHERS = 0o004;

function othersMayRead(path: string): boolean {
  // Windows has no such rights, and says that everybody may.
  if (process.platform === 'win32') return false;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & FOR_OTHERS) !== 0;
}
