// Whoever signs in on a browser takes the place of whoever was there (P10).

import type { SessionId } from '../kernel/words.ts';
import type { EndSession } from './end-session.ts';

/** Ends the earlier sessions of a browser in which another lives now. */
export async function replace(
  endSession: EndSession,
  earlier: readonly (SessionId | undefined)[],
  now: SessionId,
  requestId: string,
): Promise<void> {
  for (const id of new Set(earlier)) {
    if (id !== undefined && id !== now) await endSession(id, { reason: 'replaced', requestId });
  }
}
