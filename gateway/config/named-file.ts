// A file that a policy names: its text, or the fault that says why there is none.

import { resolve } from 'node:path';
import { faultAt, textAt } from './cross-checks.ts';
import { shown } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

/** The text of the file that is named at a place; undefined where none is, or where a fault says why it cannot be read, and what to do about it. */
export function readNamed(file: PolicyFile, path: KeyPath, faults: Fault[], remedy = ''): string | undefined {
  const name = textAt(file, path);
  if (name === undefined || name === '') return undefined;
  const text = file.read(resolve(file.folder, name));
  if (typeof text === 'string') return text;
  const toDo = text.remedy ?? remedy;
  faults.push(faultAt(file, path, `${shown(file, path, name)} ${text.reason}${toDo && `; ${toDo}`}`));
  return undefined;
}
