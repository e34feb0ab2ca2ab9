import test from 'ava';
import { sealingOf } from '../../gateway/sessions/sealing.ts';
import { FORMER_SECRET, SECRET } from './people.ts';

const sealing = sealingOf([SECRET]);
const BROKEN = { code: 'SESSIONS_SEAL_BROKEN' };

test('what is sealed opens under the same record names and shows nothing of itself', (t) => {
  const sealed = sealing.seal('anna@example.com', 'session', 'id');
  t.is(sealing.open(sealed, 'session', 'id'), 'anna@example.com');
  t.is(sealing.open(sealing.seal('', 'x'), 'x'), '');
  t.false(Buffer.from(sealed).includes('anna'));
  t.notDeepEqual(sealing.seal('anna@example.com', 'session', 'id'), sealed);
});

test('what is in the stores that are out there is still found and read (P13)', (t) => {
  const sealed = 'Afn8cqz32HzfZbbaHpYYS77zC1kGyofJ8qaCXg2qEYd31cePNuz4hU9SU-UOvEZlKldjKVE';
  t.is(sealing.open(Buffer.from(sealed, 'base64url'), 'session', 'id'), 'anna@example.com');
  t.is(sealing.hashes[0]('subject', 'corp', 'anna@example.com'), 'lakRNmOYV3fexVPzqst7Pw');
});

test('sealed bytes open under no other record names', (t) => {
  const sealed = sealing.seal('anna', 'ledger', 'ab', 'c');
  for (const other of [['ledger', 'a', 'bc'], ['ledger', 'ab', 'c', ''], ['ledgerab', 'c'], []]) {
    t.throws(() => sealing.open(sealed, ...other), BROKEN, JSON.stringify(other));
  }
});

test('sealed bytes that were changed anywhere, or cut anywhere, do not open', (t) => {
  const sealed = sealing.seal('anna', 'id');
  for (let position = 0; position < sealed.length; position++) {
    const changed = Uint8Array.from(sealed);
    changed[position] = (changed[position] ?? 0) ^ 1;
    t.throws(() => sealing.open(changed, 'id'), BROKEN, `changed at ${position}`);
    t.throws(() => sealing.open(sealed.subarray(0, position), 'id'), BROKEN, `cut at ${position}`);
  }
});

test('the first secret seals and all open', (t) => {
  const [former, rotated] = [sealingOf([FORMER_SECRET]), sealingOf([SECRET, FORMER_SECRET])];
  t.is(rotated.open(former.seal('anna', 'id'), 'id'), 'anna');
  t.is(sealing.open(rotated.seal('anna', 'id'), 'id'), 'anna');
  t.throws(() => former.open(rotated.seal('anna', 'id'), 'id'), BROKEN);
});

test('a keyed hash has at least 128 bits, differs by secret, and is the same for the same parts only', (t) => {
  const [hash, former] = sealingOf([SECRET, FORMER_SECRET]).hashes;
  t.true(Buffer.from(hash('subject', 'a'), 'base64url').length >= 16);
  t.is(hash('subject', 'corp', 'anna'), sealing.hashes[0]('subject', 'corp', 'anna'));
  const spellings = [['corp', 'anna'], ['corpanna'], ['cor', 'panna'], ['corp', 'anna', ''], ['', 'corp', 'anna'], []];
  const hashed = spellings.flatMap((parts) => [hash(...parts), former?.(...parts)]);
  t.is(new Set(hashed).size, hashed.length);
});

test('a secret of fewer than 32 bytes is refused, first or not, and so is none at all', (t) => {
  const short = 'x'.repeat(31);
  for (const secrets of [[], [short], [SECRET, short], ['']]) {
    t.throws(() => sealingOf(secrets), { code: 'SESSIONS_SECRET_WEAK' });
  }
  t.notThrows(() => sealingOf(['x'.repeat(32)]));
});

test('no nonce comes twice under a key (NIST SP 800-38D §8)', (t) => {
  const nonces = Array.from({ length: 1000 }, () => Buffer.from(sealing.seal('anna', 'id')).toString('hex', 9, 21));
  t.is(new Set(nonces).size, nonces.length);
});
