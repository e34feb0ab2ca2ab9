// Whether an app's answer says that it has ended its own session and knows the person no more.

import { namedBy } from './names.ts';
import type { ExpiredWhen } from './terms.ts';

/** Judges an answer by its head: bodies pass unread, and most are compressed. `target` is what was asked for. */
export type IsExpired = (status: number, location: string | undefined, target: string) => boolean;

/** Stands for the app itself where an address is relative. */
const HERE = 'app.invalid';

/** `hostnames` are those of the app, its upstream's among them: a redirect to anywhere else is no login page of its own. */
export function compileExpiry({ statuses, redirect }: ExpiredWhen, hostnames: readonly string[]): IsExpired {
  const isNamed = redirect === undefined ? undefined : namedBy([redirect]);
  const own = new Set([HERE, ...hostnames]);
  return (status, location, target) => {
    if (statuses.includes(status)) return true;
    if (isNamed === undefined || location === undefined || status < 300 || status > 399) return false;
    const url = URL.parse(location, `http://${HERE}${target}`);
    if (url === null || !own.has(url.hostname)) return false;
    return isNamed(redirect?.includes('?') === true ? url.pathname + url.search : url.pathname);
  };
}
