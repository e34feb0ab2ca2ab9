import test from 'ava';
import { openIds } from '../../gateway/kernel/random.ts';

test('no id comes twice, however many were drawn at once, and each has 128 bits', (t) => {
  const sources = [openIds(), openIds()];
  const ids = sources.flatMap((newId) => Array.from({ length: 1000 }, newId));
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) t.is(Buffer.from(id, 'base64url').length, 16);
});

test('every byte of an id is random', (t) => {
  const newId = openIds();
  const ids = Array.from({ length: 300 }, () => Buffer.from(newId(), 'base64url'));
  for (let at = 0; at < 16; at += 1) t.true(new Set(ids.map((id) => id[at])).size > 100, `byte ${at}`);
});
