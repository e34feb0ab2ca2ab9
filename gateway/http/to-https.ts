// Where a request that came in plain http should have gone.

import { originForm } from '../policy/path.ts';
import { hostName } from '../policy/table.ts';
import type { Doors } from './doors.ts';

/**
 * The https address of what was asked for, on the host it was asked for; undefined where that host is nobody's: a stranger must not be
 * able to have us send people anywhere.
 */
export function httpsAddress(
  { apps, publicOrigin }: Pick<Doors, 'apps' | 'publicOrigin'>,
  host: string,
  target: string,
): string | undefined {
  const name = hostName(host);
  const origins = [publicOrigin, ...apps.flatMap(({ origins }) => origins)];
  const origin = origins.find((one) => new URL(one).hostname === name);
  const path = originForm(target, host);
  return origin === undefined || !path.startsWith('/') ? undefined : `${origin}${path}`;
}
