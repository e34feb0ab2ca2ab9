// The doors that hold when a message is whole: other policies may have taken the place of those that its first byte met, and a key that they took away
// must not be believed any more (docs/reload.md).

import { refuseHttp } from './codes.ts';
import type { Doors, OwnDoor } from './doors.ts';

/** Those that hold now: these, or whatever has taken their place since. */
export function inForce(doors: Doors): Doors {
  let latest = doors;
  while (latest.successor !== undefined) latest = latest.successor;
  return latest;
}

/** The same, of the service provider that an app has of its own at `hostName`. Throws NOT_FOUND where there is none any more. */
export const ownInForce = (doors: Doors, hostName: string): Doors =>
  found(doors, ({ publicHostName }) => publicHostName === hostName);

/** The same, by the name of its app. */
export const appsOwnInForce = (doors: Doors, app: string): Doors =>
  found(doors, ({ apps }) => apps.some((one) => one.app === app));

function found(doors: Doors, isMeant: (own: OwnDoor) => boolean): Doors {
  const latest = inForce(doors);
  const own = latest.ownDoors.find(isMeant);
  if (own === undefined) throw refuseHttp('NOT_FOUND', { detail: { reason: 'no service provider here any more' } });
  return { ...latest, ...own };
}
