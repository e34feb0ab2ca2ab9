// One app's own side of SAML, whatever else is missing: identity providers want its metadata first.

import { readPolicies, readText } from './read.ts';
import { textAt } from './cross-checks.ts';
import { judge } from './explain.ts';
import type { Fault } from './faults.ts';
import type { AppConfiguration } from './load.ts';
import { readKeyPairs } from './referenced-files.ts';
import { appSchema } from './schema.ts';
import { parsePolicy, type Outside } from './yaml.ts';

/** What there is to know of an app with `saml` of its own; or why there is none of that name. */
export function loadOwnSide(
  dir: string,
  env: NodeJS.ProcessEnv,
  name: string,
): Pick<AppConfiguration, 'app' | 'hosts' | 'saml'> | { readonly faults: readonly Fault[] } {
  const outside: Outside = { env: (key) => env[key], file: readText };
  const files = readPolicies(dir).sources.map((source) => parsePolicy(source, outside));
  const appIn = (file: (typeof files)[number]) => textAt(file, ['app']);
  const file = files.find((one) => appIn(one) === name);
  if (file === undefined) {
    const apps = files.map(appIn).filter((one) => one !== undefined);
    return { faults: [fault(dir, `has no app called "${name}"; there is ${apps.join(', ') || 'none'}`)] };
  }
  const judged = judge(file, appSchema);
  if ('faults' in judged) return { faults: judged.faults };
  if (judged.value.saml === undefined) {
    return { faults: [fault(file.file, 'has no "saml" of its own: the metadata without --app is for this app, too')] };
  }
  const { keys, faults } = readKeyPairs(file);
  if (faults.length > 0) return { faults };
  const own = keys.filter((pair) => pair !== undefined);
  const { app, hosts, saml } = judged.value;
  return { app, hosts, saml: { ...saml, keys: own.length > 0 ? own : undefined } };
}

const fault = (file: string, message: string): Fault => ({ file, line: undefined, key: '', message });
