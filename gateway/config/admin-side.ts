// How the gateway that runs is asked, whatever else stands on disk by now: who has to sign somebody out must not have to mend a policy first.

import { join } from 'node:path';
import { judge } from './explain.ts';
import { inOrder, type Fault } from './faults.ts';
import type { Configuration } from './load.ts';
import { readText } from './read.ts';
import { adminSideSchema } from './schema.ts';
import { parsePolicy } from './yaml.ts';

/** Where it is asked, and by what right. */
export interface AdminSide {
  readonly listen: Pick<Configuration['listen'], 'admin'>;
  readonly admin: Pick<Configuration['admin'], 'token'>;
}

/** Reads that alone from gateway.yaml. The faults are those that stand in its way. */
export function loadAdminSide(dir: string, env: NodeJS.ProcessEnv): AdminSide | { readonly faults: readonly Fault[] } {
  const file = join(dir, 'gateway.yaml');
  const text = readText(file);
  if (typeof text !== 'string') {
    const message = `${text.reason}; ${text.remedy ?? 'name the folder that the gateway runs with by --policies'}`;
    return { faults: [{ file, line: undefined, key: '', message }] };
  }
  const gateway = parsePolicy({ file, text }, { env: (key) => env[key], file: readText });
  const judged = judge(gateway, adminSideSchema);
  const own = gateway.faults.filter(({ key }) => /^(?:listen|admin\.token|$)/.test(key));
  if ('faults' in judged || own.length > 0)
    return { faults: inOrder(file, [...own, ...('faults' in judged ? judged.faults : [])]) };
  return judged.value;
}
