import test from 'ava';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { FORMER_SECRET, SECRET, sessionsOver } from './people.ts';
import { at } from './records.ts';

test('an id is used once, by one of twenty at a time (P5)', async (t) => {
  const { ledger } = sessionsOver(new MemoryStore());
  const answers = await Promise.all(Array.from({ length: 20 }, () => ledger.once('message', '_1', at(100), at(0))));
  t.is(answers.filter(Boolean).length, 1);
  t.true(await ledger.once('message', '_2', at(100), at(0)));
  t.true(await ledger.once('assertion', '_1', at(100), at(0)));
});

test('a value is kept until its time and taken by one of twenty', async (t) => {
  const { ledger } = sessionsOver(new MemoryStore());
  const value = { returnTo: 'https://wiki.example.com/?q=ä', list: [1, null] };
  await ledger.keep('ticket', 'a', value, at(100));
  t.deepEqual(await ledger.read('ticket', 'a', at(99)), value);
  t.is(await ledger.read('ticket', 'a', at(100)), undefined);
  const taken = await Promise.all(Array.from({ length: 20 }, () => ledger.take('ticket', 'a', at(1))));
  t.deepEqual(
    taken.filter((one) => one !== undefined),
    [value],
  );
});

test('what is kept under one name does not open under another', async (t) => {
  const store = new MemoryStore();
  const moved = new Map<string, Uint8Array>();
  const { ledger } = sessionsOver(
    Object.assign(store, {
      keep: async (_kind: string, id: string, value: Uint8Array) => void moved.set(id, value),
      read: async () => moved.values().next().value,
    }),
  );
  await ledger.keep('ticket', 'a', 'for a', at(100));
  t.is(await ledger.read('ticket', 'a', at(1)), 'for a');
  await t.throwsAsync(ledger.read('ticket', 'b', at(1)), { code: 'SESSIONS_SEAL_BROKEN' });
  await t.throwsAsync(ledger.read('other', 'a', at(1)), { code: 'SESSIONS_SEAL_BROKEN' });
});

test('a rotated secret forgets no used id and no ticket (P5, P13)', async (t) => {
  const store = new MemoryStore();
  const before = sessionsOver(store, { secrets: [FORMER_SECRET] }).ledger;
  await before.once('message', '_1', at(100), at(0));
  await before.keep('ticket', 'a', 'one', at(100));
  await before.keep('ticket', 'b', 'one', at(100));

  const { ledger } = sessionsOver(store, { secrets: [SECRET, FORMER_SECRET] });
  t.false(await ledger.once('message', '_1', at(100), at(1)));
  t.is(await ledger.read('ticket', 'a', at(1)), 'one');
  t.is(await ledger.take('ticket', 'a', at(1)), 'one');
  t.is(await ledger.take('ticket', 'a', at(1)), undefined);
  await ledger.keep('ticket', 'b', 'two', at(100));
  t.is(await ledger.take('ticket', 'b', at(1)), 'two');
  t.is(await ledger.take('ticket', 'b', at(1)), undefined);
});

test('what was kept under a former secret is changed, and not left beside what came of it (P13)', async (t) => {
  const store = new MemoryStore();
  await sessionsOver(store, { secrets: [FORMER_SECRET] }).ledger.keep('list', 'a', ['one'], at(100));
  const { ledger } = sessionsOver(store, { secrets: [SECRET, FORMER_SECRET] });
  const longer = (stood: unknown) => ({ value: [...(stood as string[]), 'more'], until: at(100) });
  await ledger.change('list', 'a', longer, at(1));
  await ledger.change('list', 'a', longer, at(1));
  t.deepEqual(await ledger.read('list', 'a', at(1)), ['one', 'more', 'more']);
  await ledger.change('list', 'a', () => undefined, at(1));
  t.is(await ledger.read('list', 'a', at(1)), undefined);
  t.is(await sessionsOver(store, { secrets: [FORMER_SECRET] }).ledger.read('list', 'a', at(1)), undefined);
});

test('with two secrets an id is still used by one of twenty (P5)', async (t) => {
  const { ledger } = sessionsOver(new MemoryStore(), { secrets: [SECRET, FORMER_SECRET] });
  const answers = await Promise.all(Array.from({ length: 20 }, () => ledger.once('message', '_1', at(100), at(0))));
  t.is(answers.filter(Boolean).length, 1);
});
