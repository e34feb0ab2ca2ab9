// Gathers what every room declares in its codes.ts, without naming the rooms: a new room's codes are documented as
// soon as they exist.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Codes } from '../kernel/errors.ts';

/** The codes of each room under `gateway` (its path), in the order of the rooms' names. */
export async function codesOfRooms(gateway: string): Promise<ReadonlyMap<string, Codes>> {
  const rooms = new Map<string, Codes>();
  const files = readdirSync(gateway, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^\w+[/\\]codes\.ts$/.test(path),
  );
  for (const file of files.sort()) {
    const exported = (await import(pathToFileURL(join(gateway, file)).href)) as Record<string, unknown>;
    const lists = Object.entries(exported).filter(([name]) => name.endsWith('_CODES'));
    const codes: Codes = Object.assign({}, ...lists.map(([, list]) => list)) as Codes;
    rooms.set(file.split(/[/\\]/)[0] ?? file, codes);
  }
  return rooms;
}
