// The files of `pages`: a logo, and a folder of templates. Only what has the name of a template is opened, and nothing outside the folder.

import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { whyNoFile } from '../kernel/regular-file.ts';
import { faultsInTemplate, logoAddress, MAX_LOGO_BYTES, MAX_TEMPLATE_BYTES, STYLE_FILE } from '../pages/settings.ts';
import { faultAt, textAt } from './cross-checks.ts';
import { shown } from './explain.ts';
import type { Fault } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

/** What was read. */
export interface PageFiles {
  /** As a `data:` address. */
  readonly logo: string | undefined;
  /** By the names of the files; those with faults as well. */
  readonly templates: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
}

/** Reads and judges them all. */
export function readPageFiles(gateway: PolicyFile): PageFiles {
  const faults: Fault[] = [];
  const logo = readLogo(gateway, faults);
  const templates = readTemplates(gateway, faults);
  return { logo, templates, faults };
}

function readLogo(gateway: PolicyFile, faults: Fault[]): string | undefined {
  const place = ['pages', 'logo'];
  const name = textAt(gateway, place);
  if (name === undefined || name === '') return undefined;
  const read = bounded(resolve(gateway.folder, name), MAX_LOGO_BYTES);
  const address = 'bytes' in read ? logoAddress(read.bytes) : undefined;
  if (address !== undefined) return address;
  const reason = 'reason' in read ? read.reason : 'is no SVG, PNG, JPEG or WebP picture';
  faults.push(faultAt(gateway, place, `${shown(gateway, place, name)} ${reason}`));
  return undefined;
}

function readTemplates(gateway: PolicyFile, faults: Fault[]): Record<string, string> {
  const place = ['pages', 'templates'];
  const name = textAt(gateway, place);
  if (name === undefined || name === '') return {};
  const folder = resolve(gateway.folder, name);
  const shownAs = isAbsolute(name) ? name : join(dirname(gateway.file), name);
  const names = namesIn(folder);
  if (names === undefined) {
    faults.push(faultAt(gateway, place, `${shown(gateway, place, name)} is no folder that can be read`));
    return {};
  }
  const read = names.flatMap((file): [string, string][] => {
    const fault = (line: number | undefined, message: string): void =>
      void faults.push({ file: join(shownAs, file), line, key: '', message });
    const inside = realPath(join(folder, file));
    // A link may lead about within the folder, as those of a Kubernetes volume do, and nowhere else.
    if (inside?.startsWith(`${realPath(folder) ?? folder}${sep}`) !== true) {
      fault(undefined, 'leads out of the folder, or nowhere');
      return [];
    }
    const found = bounded(inside, MAX_TEMPLATE_BYTES);
    const text = 'bytes' in found ? decoded(found.bytes) : undefined;
    if (text === undefined) {
      fault(undefined, 'reason' in found ? found.reason : 'is not UTF-8 text');
      return [];
    }
    for (const { line, message } of faultsInTemplate(file, text)) fault(line, message);
    return [[file, text]];
  });
  return Object.fromEntries(read);
}

/** What could be meant as a template; a README or a source of the logo may lie beside. */
function namesIn(folder: string): string[] | undefined {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.filter((name) => /\.html?$/i.test(name) || name === STYLE_FILE || /\.css$/i.test(name)).sort();
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** A file of at most so many bytes. Nothing but a file is read: a pipe would never end. */
function bounded(path: string, most: number): { readonly bytes: Buffer } | { readonly reason: string } {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    const fault = whyNoFile(stat);
    if (fault !== undefined) return { reason: fault };
    return stat.size > most ? { reason: `is larger than ${most / 1024} KiB` } : { bytes: readFileSync(file) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { reason: code === 'ENOENT' ? 'is not there' : `cannot be read (${String(code)})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
