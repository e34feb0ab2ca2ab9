// Everybody who is signed in, read for administrators and for LogoutRequests that name nobody.

import test from 'ava';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { anna, begun, sessionsOver } from './people.ts';
import { at } from './records.ts';

const ALL = 1200;

async function many() {
  const opened = sessionsOver(new MemoryStore());
  for (let one = 0; one < ALL; one += 1)
    await begun(opened.sessions, anna({ nameId: { value: `person-${one}` } }), at(one));
  return opened;
}

test('others get their turns of the event loop while everybody is read', async (t) => {
  const { roll } = await many();
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const found = await roll.search(() => true, Infinity);
  isOver = true;
  t.is(found.length, ALL, 'each once');
  t.true(turns >= ALL / 50, String(turns));
});

test('a search looks no further than it is told, and answers with no more', async (t) => {
  const { roll } = await many();
  let looked = new Set<string>();
  const wanted = ({ id }: { readonly id: string }): boolean => looked.add(id).size > 0;
  const newest = await roll.search(wanted, Infinity, 700);
  t.is(looked.size, 700);
  t.true(newest.every(({ session }) => Number(session.identity.nameId.value.slice(7)) >= ALL - 700));
  looked = new Set();
  t.is((await roll.search(wanted, 3)).length, 3);
  t.true(looked.size <= 500);
});
