// A flood of what is refused: told, but not line by line.

import test from 'ava';
import type { AuditEvent } from '../../gateway/kernel/audit.ts';
import { summingUp, WRITTEN_WHOLE } from '../../gateway/ops/summing-up.ts';
import { manualClock } from '../support/clock.ts';

const garbage = { event: 'refused', what: 'message', code: 'SAML_MALFORMED' } as const;
const signed = { event: 'refused', what: 'SAMLResponse', code: 'SAML_REPLAYED', idp: 'corp', signed: true } as const;
const unsigned = { ...signed, code: 'SAML_UNSIGNED', signed: false, messageId: '_1' } as const;
const person = { event: 'access-denied', code: 'ACCESS_DENIED', app: 'wiki', idp: 'corp', nameId: 'anna' } as const;
const denied = (session: string) => ({ ...person, session, method: 'GET', path: '/admin' });
const WHOLE = WRITTEN_WHOLE.times;

const opened = () => {
  const clock = manualClock();
  const written: AuditEvent[] = [];
  const audit = summingUp({ record: (event) => written.push(event) }, { clock, elapsed: () => clock.now() });
  const flood = (event: AuditEvent, times: number): void => {
    for (let sent = 0; sent < times; sent += 1) audit.record(event);
  };
  /** What was written since this was asked last. */
  const lines = (): AuditEvent[] => written.splice(0);
  return { clock, audit, flood, lines };
};

test('six hundred refusals are written whole, then two a second; what is beyond is counted, and the count is written', (t) => {
  const { clock, audit, flood, lines } = opened();
  flood(garbage, WHOLE);
  t.is(lines().length, WHOLE);
  clock.advance(10_000);
  const since = new Date(clock.now()).toISOString();
  flood(garbage, 100_000);
  t.deepEqual(
    lines(),
    Array.from({ length: 21 }, () => garbage),
  );
  audit.tell();
  const { event: of, ...reason } = garbage;
  const [line, ...more] = lines();
  t.deepEqual(JSON.parse(JSON.stringify(line)), { event: 'summed-up', of, ...reason, times: 100_000 - 21, since });
  t.deepEqual(more, []);
});

test('a flood hides no other reason: the first of each is written whole, however much came before it', (t) => {
  const { audit, flood, lines } = opened();
  flood(garbage, WHOLE * 10);
  lines();
  flood(unsigned, 3);
  t.deepEqual(lines(), [unsigned]);
  audit.tell();
  t.like(lines(), [
    { times: WHOLE * 9 - 1, code: garbage.code },
    { times: 2, code: unsigned.code, idp: 'corp', signed: false },
  ]);
  flood(unsigned, 2);
  t.deepEqual(lines(), [unsigned], 'and again after each summing up');
});

test('strangers use up no lines of what an identity provider has signed, nor one session those of another', (t) => {
  const { flood, lines } = opened();
  flood(garbage, WHOLE * 10);
  flood(denied('s1'), WHOLE * 10);
  lines();
  flood(signed, WHOLE);
  flood(denied('s2'), WHOLE);
  t.is(lines().length, 2 * WHOLE);
});

test('a person who asks for refused pages without end is named once a minute, with the session', (t) => {
  const { audit, flood, lines } = opened();
  flood(denied('s1'), WHOLE + 11);
  lines();
  audit.tell();
  t.like(lines(), [{ of: 'access-denied', times: 10, nameId: 'anna', session: 's1', app: 'wiki' }]);
});

test('where nothing was counted, nothing is written; what befalls sessions is never counted in the place of a line (P1)', (t) => {
  const { audit, flood, lines } = opened();
  audit.tell();
  t.deepEqual(lines(), []);
  flood(garbage, WHOLE * 2);
  lines();
  flood({ event: 'sign-in', idp: 'corp', nameId: 'anna', session: 's', messageId: '_1' }, WHOLE * 2);
  t.is(lines().length, WHOLE * 2);
});

test('what is remembered of a flood is bounded: it is summed up early', (t) => {
  const { flood, lines } = opened();
  for (let one = 0; one < 20_001; one += 1) flood({ ...garbage, idp: `idp${one}` }, 2);
  const early = lines().filter(({ event }) => event === 'summed-up');
  t.true(early.length >= 10_000);
});
