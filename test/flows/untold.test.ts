// What an identity provider has not heard yet: that an app was not told.

import test from 'ava';
import type { Goodbye } from '../../gateway/flows/goodbyes.ts';
import type { Meant } from '../../gateway/flows/meant.ts';
import { openUntold } from '../../gateway/flows/untold.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Session } from '../../gateway/sessions/sessions.ts';
import { manualClock } from '../support/clock.ts';
import { anna, sessionsOver } from '../sessions/people.ts';

const FAILED: Goodbye = {
  app: 'wiki',
  required: true,
  outcome: { kind: 'failed', reason: 'unexpected', milliseconds: 1 },
};
const NAMED = { nameId: { value: ' anna@example.com ' }, sessionIndexes: [] };

function remembered() {
  const clock = manualClock();
  return { clock, untold: openUntold({ ledger: sessionsOver(new MemoryStore()).ledger, clock }) };
}

const annas = (index: string): Pick<Session, 'id' | 'identity'> => ({
  id: `session-${index}` as SessionId,
  identity: anna({ sessionIndexes: [index] }),
});

const meaning = (index: string, byIndex = false): Pick<Meant, 'byIndex' | 'realm' | 'isMeant'> => ({
  byIndex,
  realm: 'corp',
  isMeant: ({ identity }) => identity.sessionIndexes.includes(index),
});

test('what is said is forgotten, and nothing else of the same person (P1)', async (t) => {
  const { untold } = remembered();
  for (const index of ['a', 'b']) await untold.note(annas(index), [FAILED]);
  const first = await untold.of(meaning('a'), NAMED);
  t.is(first.sessions, 1);
  t.is((await untold.of(meaning('a'), NAMED)).sessions, 1, 'not before it is answered');
  await first.said();
  t.is((await untold.of(meaning('a'), NAMED)).sessions, 0);
  t.is((await untold.of(meaning('b'), NAMED)).sessions, 1);
  t.is((await untold.of({ ...meaning('b'), realm: 'other' }, NAMED)).sessions, 0);
});

test('of sessions that end at once none is forgotten, however often each is noted (P1)', async (t) => {
  const { untold } = remembered();
  const indexes = Array.from({ length: 20 }, (_, at) => `s${at}`);
  await Promise.all([...indexes, ...indexes].map((index) => untold.note(annas(index), [FAILED])));
  for (const index of indexes) t.is((await untold.of(meaning(index), NAMED)).sessions, 1, index);
});

test('what is noted while an answer is on its way is not said by it (P1)', async (t) => {
  const { untold } = remembered();
  await untold.note(annas('a'), [FAILED]);
  const answered = await untold.of(meaning('a'), NAMED);
  await untold.note({ ...annas('a'), id: 'session-later' as SessionId }, [FAILED]);
  await untold.note(annas('b'), [FAILED]);
  await answered.said();
  t.is((await untold.of(meaning('a'), NAMED)).sessions, 1);
  t.is((await untold.of(meaning('b'), NAMED)).sessions, 1);
});

test('where SessionIndexes alone decide it is found by them', async (t) => {
  const { untold } = remembered();
  await untold.note(annas('a'), [FAILED]);
  const other = { nameId: { value: 'somebody' }, sessionIndexes: ['a'] };
  t.is((await untold.of(meaning('a'), other)).sessions, 0);
  t.is((await untold.of(meaning('a', true), other)).sessions, 1);
});

test('an app that need not be told, or was, is nothing to remember; nor is anything after a day', async (t) => {
  const { clock, untold } = remembered();
  const told: Goodbye = { ...FAILED, outcome: { kind: 'told', milliseconds: 1 } as Goodbye['outcome'] };
  await untold.note(annas('a'), [told, { ...FAILED, required: false }]);
  t.is((await untold.of(meaning('a'), NAMED)).sessions, 0);
  await untold.note(annas('a'), [FAILED]);
  clock.advance(24 * 3_600_000 + 1);
  t.is((await untold.of(meaning('a'), NAMED)).sessions, 0);
});
