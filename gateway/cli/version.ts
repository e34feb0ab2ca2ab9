// `curfew --version`: which version this is, and what runs it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `curfew 0.1.0, Node.js v24.0.0`. */
export function versionLine(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly version: string;
  };
  return `curfew ${version}, Node.js ${process.version}`;
}
