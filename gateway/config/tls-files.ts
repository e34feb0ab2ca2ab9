// The certificates and keys that `upstreamTls` and `soapTls` name.

import { authoritiesFault } from '../http/settings.ts';
import { clientPairFault } from '../kernel/tls-settings.ts';
import type { UpstreamTls } from '../kernel/words.ts';
import { faultAt, textAt } from './cross-checks.ts';
import { valueAt } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import { readNamed } from './named-file.ts';
import type { PolicyFile } from './yaml.ts';

/** Reads them; `tls` is undefined where nothing stands at `place`. */
export function readTls(
  file: PolicyFile,
  place: KeyPath,
): { readonly tls: UpstreamTls | undefined; readonly faults: readonly Fault[] } {
  if (valueAt(file.value, place) === undefined) return { tls: undefined, faults: [] };
  const faults: Fault[] = [];
  const at = (key: string): KeyPath => [...place, key];
  const read = (key: string): string | undefined => readNamed(file, at(key), faults);
  const [ca, cert, key] = [read('ca'), read('cert'), read('key')];
  const caFault = ca === undefined ? undefined : authoritiesFault(ca);
  if (caFault !== undefined) faults.push(faultAt(file, at('ca'), caFault));
  const pair = cert === undefined || key === undefined ? undefined : clientPairFault(key, cert);
  if (pair !== undefined) faults.push(faultAt(file, at(pair.on), pair.message));
  const servername = textAt(file, at('serverName'));
  // Absent and not undefined: whoever speaks TLS takes an undefined name for a name.
  const named = Object.entries({ ca, cert, key, servername }).filter(([, value]) => value !== undefined);
  return { tls: Object.fromEntries(named), faults };
}
