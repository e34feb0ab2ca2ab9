// Files with secrets that every account of the machine may read.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import type { Fault, KeyPath } from './faults.ts';
import { namesOf } from './read.ts';
import type { PolicyFile } from './yaml.ts';

/** A warning for each file with a key, a password or another secret that others than its owner and group may read. */
export function openFileWarnings(files: readonly PolicyFile[]): Fault[] {
  return files.flatMap((file) => [
    ...keyFiles(file).flatMap(({ path, name }) => warning(file, path, name)),
    // Whatever is put in from a file is taken for a secret, but for certificates, which are everybody's to read.
    ...file.fromFiles.flatMap(({ path, name }) => (isPublic(file, name) ? [] : warning(file, path, name))),
  ]);
}

/** The files that are named by a key of their own. */
function keyFiles(file: PolicyFile): { readonly path: KeyPath; readonly name: string }[] {
  const paths: KeyPath[] = [
    ...entriesAt(file, ['saml', 'keys']).map(({ path }) => [...path, 'key']),
    ...entriesAt(file, ['jwt', 'keys']).map(({ path }) => path),
    ...entriesAt(file, ['identityProviders']).map(({ path }) => [...path, 'soapTls', 'key']),
    ['upstreamTls', 'key'],
    ['signIn', 'credentials'],
  ];
  const folder = ['tls', 'certificates'];
  const certificates = textAt(file, folder) ?? '';
  const keys =
    certificates === '' ? [] : namesOf(resolve(file.folder, certificates)).filter((name) => name.endsWith('.key'));
  return [
    ...paths.flatMap((path) => {
      const name = textAt(file, path) ?? '';
      return name === '' ? [] : [{ path, name }];
    }),
    ...keys.map((name) => ({ path: folder, name: join(certificates, name) })),
  ];
}

function isPublic(file: PolicyFile, name: string): boolean {
  const text = file.read(resolve(file.folder, name));
  return typeof text !== 'string' || (text.includes('-----BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY'));
}

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
