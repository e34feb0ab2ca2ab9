// The files that an app's policy names: credentials, certificates towards the app, keys of a service provider of its own.

import { resolve } from 'node:path';
import { personKey, type People } from '../kernel/template.ts';
import type { UpstreamTls } from '../kernel/words.ts';
import { credentialsSchema } from '../upstream/settings.ts';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import { judge, shown } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import { readKeyPairs, type ReferencedFiles } from './referenced-files.ts';
import { readTls } from './tls-files.ts';
import { parsePolicy, type Outside, type PolicyFile } from './yaml.ts';

/** What was read. */
export interface AppFiles {
  /** What the app's own sign-in is filled in with, by NameID. */
  readonly people: People | undefined;
  readonly tls: UpstreamTls | undefined;
  /** As PEM; undefined where the app has none of its own. */
  readonly keys: ReferencedFiles['keys'] | undefined;
  readonly faults: readonly Fault[];
}

/** Reads them all. */
export function readAppFiles(app: PolicyFile, outside: Outside): AppFiles {
  const credentials = readCredentials(app, outside);
  const upstream = readTls(app, ['upstreamTls']);
  const own = readKeyPairs(app);
  return {
    people: credentials.people,
    tls: upstream.tls,
    keys: own.keys.length > 0 ? own.keys : undefined,
    faults: [...credentials.faults, ...upstream.faults, ...own.faults],
  };
}

/** Reads the credentials file an app names, if it names one: by NameID. No fault repeats anything that stands in it. */
function readCredentials(
  app: PolicyFile,
  outside: Outside,
): { readonly people?: People; readonly faults: readonly Fault[] } {
  const place = ['signIn', 'credentials'];
  const name = textAt(app, place);
  if (name === undefined || name === '') return { faults: [] };
  const path = resolve(app.folder, name);
  const text = app.read(path);
  if (typeof text !== 'string') return { faults: [faultAt(app, place, `${shown(app, place, name)} ${text.reason}`)] };
  const file = parsePolicy({ file: path, text }, outside);
  const judged = judge(file, credentialsSchema);
  const faults = [...file.faults, ...('faults' in judged ? judged.faults : namesNoProvider(app, place, judged.value))];
  return 'value' in judged && faults.length === 0 ? { people: judged.value, faults } : { faults };
}

/** Where an app lets people of several identity providers in, every entry says whose NameID it is for (P11). */
function namesNoProvider(app: PolicyFile, place: KeyPath, people: People): Fault[] {
  const providers = entriesAt(app, ['identityProviders']).map(({ path }) => textAt(app, path) ?? '');
  const isFor = (key: string): boolean => providers.some((name) => key.startsWith(personKey(name, '')));
  if (providers.length < 2 || [...people.keys()].every(isFor)) return [];
  const example = personKey(providers[0] ?? '', 'alice@example.com');
  return [
    faultAt(
      app,
      place,
      `has entries that do not say of which identity provider; write "${example}" for "alice@example.com"`,
    ),
  ];
}

/** By identity provider and NameID. Where there is one identity provider, its name need not be written before every NameID. */
export const keyed = (people: People, [only = '', ...more]: readonly string[]): People =>
  more.length > 0 ? people : new Map([...people].map(([nameId, own]) => [personKey(only, nameId), own]));
