// How many processes serve: what the command line says, or gateway.yaml, as far as the store can be shared.

import { readWorkers } from '../ops/settings.ts';
import { isRedisAddress } from '../sessions/settings.ts';
import { textAt } from './cross-checks.ts';
import { shown, valueAt } from './explain.ts';
import { formatKey, type Fault, type KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

const PLACE: KeyPath = ['workers'];
const STORE: KeyPath = ['sessions', 'store'];
const WRITE = 'write "redis://host:6379/0" there, or let one process serve';

/** More than one needs a store that they can share: otherwise each would have people signed in of whom the others know nothing (P1). */
export function workerFaults(gateway: PolicyFile, asked: string | undefined): Fault[] {
  const wanted = asked === undefined ? valueAt(gateway.value, PLACE) : readWorkers(asked);
  const place = asked === undefined ? placeIn(gateway) : ON_COMMAND_LINE;
  if (wanted === undefined && asked !== undefined)
    return [{ ...place, message: `${JSON.stringify(asked)} is no number of workers; write 1 to 64, or auto` }];
  if (typeof wanted !== 'number' || wanted < 2) return [];
  const store = textAt(gateway, STORE);
  if (store !== undefined && isRedisAddress(store)) return [];
  const named = store === undefined ? 'the default' : shown(gateway, STORE, store);
  return [
    { ...place, message: `asks for ${wanted} processes, and sessions.store (${named}) belongs to one; ${WRITE}` },
  ];
}

const ON_COMMAND_LINE = { file: '--workers', line: undefined, key: '' };

const placeIn = (gateway: PolicyFile): Omit<Fault, 'message'> => ({
  file: gateway.file,
  line: gateway.lineOf(PLACE),
  key: formatKey(PLACE),
});
