import test from 'ava';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import {
  anna,
  begun,
  FORMER_SECRET,
  HOST,
  IDLE_MS,
  LIFETIME_MS,
  minted,
  MINUTE,
  SECRET,
  sessionsOver,
} from './people.ts';
import { at } from './records.ts';

const TERMS = { idleMs: IDLE_MS, lifetimeMs: LIFETIME_MS };

test('a secret put in front seals from then on, and what the former one sealed is found, read and ended (P3, P13)', async (t) => {
  const { sessions, ledger, jars, marks, follow } = sessionsOver(new MemoryStore(), { secrets: [FORMER_SECRET] });
  const before = await begun(sessions);
  const token = await minted(sessions, before.id);
  await jars.merge(before.id, 'wiki', [{ name: 'A', text: 'one' }]);
  await ledger.keep('ticket', 'T', 1, at(MINUTE));
  t.true(await ledger.once('assertion', 'used', at(MINUTE), at(0)));
  const mark = marks.of(before.id, 'wiki', 'A');

  t.deepEqual(follow({ ...TERMS, secrets: [SECRET, FORMER_SECRET] }), { isSecretGone: false });
  t.is((await sessions.find(token, HOST, at(1)))?.id, before.id);
  await jars.merge(before.id, 'wiki', [{ name: 'A', text: 'two' }]);
  t.deepEqual(await jars.read(before.id, 'wiki'), [{ name: 'A', text: 'two' }]);
  t.is(await ledger.take('ticket', 'T', at(1)), 1);
  t.false(await ledger.once('assertion', 'used', at(MINUTE), at(0)));
  t.true(marks.fits(mark, before.id, 'wiki', 'A'));
  t.not(marks.of(before.id, 'wiki', 'A'), mark);

  const after = await begun(sessions);
  const found = await sessions.findBySubject('corp', anna().nameId.value, []);
  t.deepEqual(found.map(({ id }) => id).sort(), [before.id, after.id].sort());
});

test('what a secret has sealed serves nobody once that secret is taken away, not even from memory (P2)', async (t) => {
  const { sessions, follow } = sessionsOver(new MemoryStore(), { secrets: [FORMER_SECRET] });
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  t.is((await sessions.find(token, HOST, at(1)))?.id, id);
  t.deepEqual(follow({ ...TERMS, secrets: [SECRET] }), { isSecretGone: true });
  t.is(await sessions.find(token, HOST, at(2)), undefined);
});

test('another idle time holds for sessions that live, another lifetime for those that begin', async (t) => {
  const { sessions, follow } = sessionsOver(new MemoryStore());
  const session = await begun(sessions);
  const token = await minted(sessions, session.id);
  t.truthy(await sessions.find(token, HOST, at(10 * MINUTE)));
  follow({ idleMs: 5 * MINUTE, lifetimeMs: 60 * MINUTE, secrets: [SECRET] });
  t.is(await sessions.find(token, HOST, at(10 * MINUTE)), undefined);
  t.deepEqual(await sessions.due(at(10 * MINUTE)), [{ id: session.id, reason: 'idle' }]);
  t.is((await begun(sessions)).expiresAt, at(60 * MINUTE));
});
