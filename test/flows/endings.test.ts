import test from 'ava';
import type { Ended } from '../../gateway/flows/end-session.ts';
import { openEndings } from '../../gateway/flows/endings.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { EpochMs, SessionId } from '../../gateway/kernel/words.ts';
import type { Session } from '../../gateway/sessions/sessions.ts';
import { anna } from '../sessions/people.ts';

const session = (id: string): Session => ({
  ...{ id: id as SessionId, identity: anna(), createdAt: 0 as EpochMs, expiresAt: 1 as EpochMs },
});
const endedOf = (one: Session): Ended => ({ session: one, connectionsCut: 0, cutAt: 0 as EpochMs, goodbyes: [] });

/** An ending, and its two steps. */
function begun() {
  const closing = Promise.withResolvers<Session | undefined>();
  const ended = Promise.withResolvers<Ended | undefined>();
  return { closing, ended };
}
const isMeant = ({ id }: Session): boolean => id === 'meant';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an ending under way is waited for until it is over, whether or not the store has answered yet (P1)', async (t) => {
  for (const answersFirst of [true, false]) {
    const endings = openEndings({ log: silentLog });
    const { closing, ended } = begun();
    endings.follow(closing.promise, ended.promise);
    if (answersFirst) closing.resolve(session('meant'));
    await turn();
    const told: (readonly Ended[])[] = [];
    const asked = endings.of(isMeant).then((all) => told.push(all));
    closing.resolve(session('meant'));
    await turn();
    t.deepEqual(told, []);
    ended.resolve(endedOf(session('meant')));
    await asked;
    t.deepEqual(told, [[endedOf(session('meant'))]]);
    t.deepEqual(await endings.of(isMeant), []);
  }
});

test("nobody waits for another person's ending once the store has said whose it is", async (t) => {
  const endings = openEndings({ log: silentLog });
  const [known, unknown] = [begun(), begun()];
  for (const { closing, ended } of [known, unknown]) endings.follow(closing.promise, ended.promise);
  known.closing.resolve(session('another'));
  await turn();
  const asked = endings.of(isMeant);
  unknown.closing.resolve(session('another'));
  t.deepEqual(await asked, []);
});

test('an ending that the store refuses, or that somebody else has won, is told by nobody', async (t) => {
  const refused = ({ closing, ended }: ReturnType<typeof begun>): void => {
    closing.reject(new Error('away'));
    ended.reject(new Error('away'));
  };
  const lost = ({ closing, ended }: ReturnType<typeof begun>): void => {
    closing.resolve(undefined);
    ended.resolve(undefined);
  };
  for (const settle of [refused, lost]) {
    const endings = openEndings({ log: silentLog });
    const one = begun();
    endings.follow(one.closing.promise, one.ended.promise);
    const asked = endings.of(isMeant);
    settle(one);
    t.deepEqual(await asked, []);
  }
});

test('an ending that fails after the store has answered fails whoever waits for it (P1)', async (t) => {
  const endings = openEndings({ log: silentLog });
  const { closing, ended } = begun();
  endings.follow(closing.promise, ended.promise);
  closing.resolve(session('meant'));
  await turn();
  const asked = endings.of(isMeant);
  ended.reject(new Error('not cut'));
  await t.throwsAsync(asked, { message: 'not cut' });
});
