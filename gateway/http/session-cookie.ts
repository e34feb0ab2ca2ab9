// Whose session a request to one of our own addresses belongs to.

import type { Context } from 'koa';
import type { Session } from '../sessions/sessions.ts';
import { readToken } from './cookies.ts';
import type { Doors, State } from './doors.ts';

/** The living session this browser has on the host it asked for; undefined where there is none. Rejects where the store cannot be asked. */
export async function sessionHere(
  doors: Pick<Doors, 'cookies' | 'sessions' | 'clock'>,
  ctx: Context & { readonly state: State },
): Promise<Session | undefined> {
  const token = readToken(ctx.get('cookie'), doors.cookies);
  return token && (await doors.sessions.find(token, ctx.state.seen.hostName, doors.clock.now()));
}
