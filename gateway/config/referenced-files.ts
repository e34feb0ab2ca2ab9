// The files that gateway.yaml and the apps name: keys, certificates, metadata, credentials. Read and judged from what is
// written, so that a fault elsewhere hides none of theirs.

import { resolve } from 'node:path';
import { authoritiesFault } from '../http/settings.ts';
import type { UpstreamTls } from '../kernel/words.ts';
import { clientPairFault, signingKeyFault } from '../proxy/settings.ts';
import { isCertificate, isMetadataUrl, keyPairFault } from '../saml/settings.ts';
import { personKey, type People } from '../kernel/template.ts';
import { credentialsSchema } from '../upstream/settings.ts';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import { judge, shown, valueAt } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import { readText } from './read.ts';
import { parsePolicy, type Outside, type PolicyFile } from './yaml.ts';

/** What was read; an entry is undefined where a fault says why. */
export interface ReferencedFiles {
  readonly keys: readonly ({ readonly key: string; readonly cert: string } | undefined)[];
  readonly jwtKeys: readonly (string | undefined)[];
  readonly identityProviders: readonly (IdentityProviderFiles | undefined)[];
  readonly faults: readonly Fault[];
}

/** What an identity provider's entry names: metadata as text where it is a file, certificates as PEM. */
export interface IdentityProviderFiles {
  readonly metadata:
    { readonly path: string; readonly text: string } | { readonly url: string; readonly ca: string | undefined };
  readonly signedBy: string | undefined;
}

/** Reads them all. `judgeMetadata` says what is wrong with an identity provider's metadata, or undefined. */
export function readReferencedFiles(
  gateway: PolicyFile,
  judgeMetadata: (
    text: string,
    wanted: { entityId?: string | undefined; signedBy?: string | undefined; artifacts?: boolean },
  ) => string | undefined,
): ReferencedFiles {
  const faults: Fault[] = [];
  const read = (path: KeyPath): string | undefined => {
    const name = textAt(gateway, path);
    if (name === undefined || name === '') return undefined;
    const text = readText(resolve(gateway.folder, name));
    if (typeof text === 'string') return text;
    faults.push(faultAt(gateway, path, `${shown(gateway, path, name)} ${text.reason}`));
    return undefined;
  };

  const keys = entriesAt(gateway, ['saml', 'keys']).map(({ path }) => {
    const [key, cert] = [read([...path, 'key']), read([...path, 'cert'])];
    if (key === undefined || cert === undefined) return undefined;
    const fault = keyPairFault(key, cert);
    if (fault === undefined) return { key, cert };
    faults.push(faultAt(gateway, [...path, fault.on], fault.message));
    return undefined;
  });

  const jwtKeys = entriesAt(gateway, ['jwt', 'keys']).map(({ path }) => {
    const text = read(path);
    const message = text === undefined ? undefined : signingKeyFault(text);
    if (message === undefined) return text;
    faults.push(faultAt(gateway, path, message));
    return undefined;
  });

  const certificate = (place: KeyPath): string | undefined => {
    const pem = read(place);
    if (pem === undefined || isCertificate(pem)) return pem;
    faults.push(faultAt(gateway, place, 'is no PEM certificate'));
    return undefined;
  };

  const identityProviders = entriesAt(gateway, ['identityProviders']).map(({ path }) => {
    const place = [...path, 'metadata'];
    const [signedBy, ca] = [certificate([...path, 'signedBy']), certificate([...path, 'ca'])];
    const written = textAt(gateway, place) ?? '';
    if (isMetadataUrl(written)) return { metadata: { url: written, ca }, signedBy };
    const text = read(place);
    if (text === undefined) return undefined;
    const artifacts = textAt(gateway, [...path, 'signOn', 'responseBinding']) === 'artifact';
    const message = judgeMetadata(text, { entityId: textAt(gateway, [...path, 'entityId']), signedBy, artifacts });
    if (message === undefined) return { metadata: { path: resolve(gateway.folder, written), text }, signedBy };
    faults.push(faultAt(gateway, place, message));
    return undefined;
  });
  const clientCa = read(['tls', 'clientCa']);
  const caFault = clientCa === undefined ? undefined : authoritiesFault(clientCa);
  if (caFault !== undefined) faults.push(faultAt(gateway, ['tls', 'clientCa'], caFault));
  return { keys, jwtKeys, identityProviders, faults };
}

/** Reads the credentials file an app names, if it names one: by NameID. No fault repeats anything that stands in it. */
export function readCredentials(
  app: PolicyFile,
  outside: Outside,
): { readonly people?: People; readonly faults: readonly Fault[] } {
  const place = ['signIn', 'credentials'];
  const name = textAt(app, place);
  if (name === undefined || name === '') return { faults: [] };
  const path = resolve(app.folder, name);
  const text = readText(path);
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

/** Reads what an app's upstreamTls names; undefined where it has none. */
export function readUpstreamTls(app: PolicyFile): {
  readonly tls: UpstreamTls | undefined;
  readonly faults: readonly Fault[];
} {
  if (valueAt(app.value, ['upstreamTls']) === undefined) return { tls: undefined, faults: [] };
  const faults: Fault[] = [];
  const at = (key: string): KeyPath => ['upstreamTls', key];
  const read = (key: string): string | undefined => {
    const name = textAt(app, at(key));
    if (name === undefined || name === '') return undefined;
    const text = readText(resolve(app.folder, name));
    if (typeof text === 'string') return text;
    faults.push(faultAt(app, at(key), `${shown(app, at(key), name)} ${text.reason}`));
    return undefined;
  };
  const [ca, cert, key] = [read('ca'), read('cert'), read('key')];
  const caFault = ca === undefined ? undefined : authoritiesFault(ca);
  if (caFault !== undefined) faults.push(faultAt(app, at('ca'), caFault));
  const pair = cert === undefined || key === undefined ? undefined : clientPairFault(key, cert);
  if (pair !== undefined) faults.push(faultAt(app, at(pair.on), pair.message));
  const servername = textAt(app, at('serverName'));
  // Absent and not undefined: whoever speaks TLS takes an undefined name for a name.
  const named = Object.entries({ ca, cert, key, servername }).filter(([, value]) => value !== undefined);
  return { tls: Object.fromEntries(named), faults };
}
