// A part of gateway.yaml alone, whatever stands in the rest of it and in other files.

import { join } from 'node:path';
import type { ZodType } from 'zod';
import { judge } from './explain.ts';
import { inOrder, type Fault } from './faults.ts';
import { readText } from './read.ts';
import { parsePolicy } from './yaml.ts';

/** Reads what `schema` knows. The faults are those that stand in its way: of `own` keys, or of the file as a whole. */
export function loadGatewayPart<Part>(
  dir: string,
  env: NodeJS.ProcessEnv,
  schema: ZodType<Part>,
  own: RegExp,
): Part | { readonly faults: readonly Fault[] } {
  const file = join(dir, 'gateway.yaml');
  const text = readText(file);
  if (typeof text !== 'string') {
    const message = `${text.reason}; ${text.remedy ?? 'name the folder that the gateway runs with by --policies'}`;
    return { faults: [{ file, line: undefined, key: '', message }] };
  }
  const gateway = parsePolicy({ file, text }, { env: (key) => env[key], file: readText });
  const judged = judge(gateway, schema);
  const faults = gateway.faults.filter(({ key }) => key === '' || own.test(key));
  if ('faults' in judged || faults.length > 0)
    return { faults: inOrder(file, [...faults, ...('faults' in judged ? judged.faults : [])]) };
  return judged.value;
}
