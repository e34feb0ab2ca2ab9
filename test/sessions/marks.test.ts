// Marks say whose a cookie in the browser is, on every node that has the secret (P10).

import test from 'ava';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { marksOf } from '../../gateway/sessions/marks.ts';
import { sealingOf } from '../../gateway/sessions/sealing.ts';

const OLD = 'o'.repeat(32);
const NEW = 'n'.repeat(32);
const ALICE = 'alice' as SessionId;
const marks = marksOf(sealingOf([OLD]));
const mark = marks.of(ALICE, 'wiki', 'T');

test('a mark fits the session, app and cookie it was made for, and no other', (t) => {
  t.true(marks.fits(mark, ALICE, 'wiki', 'T'));
  t.false(marks.fits(mark, 'bob' as SessionId, 'wiki', 'T'));
  t.false(marks.fits(mark, ALICE, 'chat', 'T'));
  t.false(marks.fits(mark, ALICE, 'wiki', 'U'));
  t.false(marks.fits(mark, ALICE, 'wik', 'iT'));
  t.false(marks.fits('', ALICE, 'wiki', 'T'));
  t.false(marks.fits(mark.slice(0, -1), ALICE, 'wiki', 'T'));
});

test('a mark is 22 characters that any cookie may hold', (t) => {
  t.regex(mark, /^[A-Za-z0-9_-]{22}$/);
});

test('a mark made before the secret was rotated fits on, and one of a secret that is gone does not', (t) => {
  const rotated = marksOf(sealingOf([NEW, OLD]));
  t.true(rotated.fits(mark, ALICE, 'wiki', 'T'));
  t.not(rotated.of(ALICE, 'wiki', 'T'), mark);
  t.false(marksOf(sealingOf([NEW])).fits(mark, ALICE, 'wiki', 'T'));
});
