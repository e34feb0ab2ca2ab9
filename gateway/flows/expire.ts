// The clock as one of those who end sessions: what is idle too long or past its lifetime, and what a crash left half done.

import type { Clock } from '../kernel/clock.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Endings } from './endings.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { EndSession } from './end-session.ts';
import type { Goodbyes } from './goodbyes.ts';
import type { Untold } from './untold.ts';

/** What the clock needs to end sessions. */
export interface ExpireParts {
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly endSession: EndSession;
  readonly endings: Pick<Endings, 'again'>;
}

/** Ends every session whose time has come, removes what has expired, and finishes what could not be finished before. Returns how many sessions it ended. */
export async function expireSessions({ sessions, clock, endSession, endings }: ExpireParts): Promise<number> {
  let ended = 0;
  // The nodes' time is heard from the store: before that everybody may look idle by a clock that is wrong.
  await sessions.ready();
  await endings.again();
  for (;;) {
    const due = await sessions.due(clock.now());
    const results = await Promise.all(due.map(({ id, reason }) => endSession(id, { reason })));
    const count = results.filter((result) => result !== undefined).length;
    ended += count;
    // Whatever another node is ending at this moment is not ours to wait for.
    if (count === 0) break;
  }
  await sessions.sweep(clock.now());
  return ended;
}

/** Finishes what a process that died had begun to end: the door was closed, the last of it is still there. */
export function finishEndings({
  sessions,
  goodbyes,
  endings,
  elsewhere,
  untold,
}: Pick<ExpireParts, 'sessions'> & {
  readonly goodbyes: Goodbyes;
  readonly endings: Pick<Endings, 'last'>;
  readonly elsewhere: Pick<Elsewhere, 'told'>;
  readonly untold: Pick<Untold, 'note'>;
}): Promise<void> {
  return sessions.adopt(async (left) => {
    await Promise.all(
      left.map(async (session) => {
        const said = await goodbyes.say(session);
        await endings.last(session.id, async () => {
          await elsewhere.told(session.id, said);
          // By whose word it was to end went with the process: it may have been a LogoutRequest that is still to be answered.
          await untold.note(session, said);
          await sessions.forget(session.id);
        });
      }),
    );
  });
}
