import { createHmac, randomBytes } from 'node:crypto';
import test from 'ava';
import { joined, keyedHash } from '../../gateway/sessions/keyed-hash.ts';

const KEY = randomBytes(32);

/** The same by node:crypto's own HMAC. */
const expected = (key: Uint8Array, parts: readonly string[]): string =>
  createHmac('sha256', key).update(joined(parts)).digest().subarray(0, 16).toString('base64url');

test('a keyed hash is HMAC-SHA256, whatever is hashed before and after it (RFC 2104 §2)', (t) => {
  const hash = keyedHash(KEY);
  const texts = [
    '',
    'a',
    'anna@example.test',
    'Zoë',
    '日本',
    '👩‍👩‍👧',
    '\ud800 alone',
    '\0',
    'x'.repeat(1364),
    'é'.repeat(5000),
  ];
  for (let bytes = 1350; bytes < 1380; bytes += 1) texts.push('ß'.repeat(bytes));
  for (const text of [...texts, ...texts.toReversed()]) {
    for (const parts of [[text], ['subject', text], [text, 'corp', text]]) {
      t.is(hash(...parts), expected(KEY, parts), `${text.length} of ${text.slice(0, 5)}`);
    }
  }
  t.is(hash(), expected(KEY, []));
});

test('two keyed hashes do not mix, and a key may be as long as a block and no longer', (t) => {
  const [a, b, long] = [KEY, randomBytes(7), randomBytes(64)];
  const hashes = [a, b, long].map((key) => [key, keyedHash(key)] as const);
  for (const text of ['one', 'another']) for (const [key, hash] of hashes) t.is(hash(text), expected(key, [text]));
  t.throws(() => keyedHash(randomBytes(65)), { instanceOf: TypeError });
});

test('each part stands after its length in bytes', (t) => {
  t.deepEqual(joined(['é', '']), Buffer.from([0, 0, 0, 2, 0xc3, 0xa9, 0, 0, 0, 0]));
  t.not(joined(['ab', 'c']).toString('hex'), joined(['a', 'bc']).toString('hex'));
});
