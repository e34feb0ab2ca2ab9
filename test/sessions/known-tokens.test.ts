import test from 'ava';
import { KnownTokens } from '../../gateway/sessions/known-tokens.ts';
import { idOf } from './records.ts';

test('a token opens its session on its own host and on no other', (t) => {
  const tokens = new KnownTokens(1);
  tokens.remember('a', idOf('one'), 'wiki.example.com');
  t.is(tokens.find('a', 'wiki.example.com'), idOf('one'));
  t.is(tokens.find('a', 'mail.example.com'), undefined);
  t.is(tokens.find('b', 'wiki.example.com'), undefined);
});

test('no more tokens are remembered than two a session, on however many hosts; the oldest go', (t) => {
  const tokens = new KnownTokens(2);
  for (let n = 0; n < 100; n += 1) tokens.remember(`t${n}`, idOf(`s${n}`), `h${n}.example.com`);
  const kept = Array.from({ length: 100 }, (_, n) => n).filter(
    (n) => tokens.find(`t${n}`, `h${n}.example.com`) !== undefined,
  );
  t.deepEqual(kept, [96, 97, 98, 99]);
});

test('hosts give up their oldest tokens in turn', (t) => {
  const tokens = new KnownTokens(3);
  for (const n of [1, 2, 3, 4]) tokens.remember(`t${n}`, idOf(`s${n}`), 'wiki.example.com');
  for (const n of [5, 6, 7, 8]) tokens.remember(`t${n}`, idOf(`s${n}`), 'mail.example.com');
  const kept = [1, 2, 3, 4].filter((n) => tokens.find(`t${n}`, 'wiki.example.com') !== undefined);
  t.deepEqual(kept, [2, 3, 4]);
  t.deepEqual(
    [5, 6, 7, 8].filter((n) => tokens.find(`t${n}`, 'mail.example.com') !== undefined),
    [6, 7, 8],
  );
});

test('a token that is remembered again takes no further room', (t) => {
  const tokens = new KnownTokens(1);
  tokens.remember('a', idOf('one'), 'wiki.example.com');
  for (let times = 0; times < 5; times += 1) tokens.remember('b', idOf('two'), 'wiki.example.com');
  t.is(tokens.find('a', 'wiki.example.com'), idOf('one'));
});
