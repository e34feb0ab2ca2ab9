// `traceparent`: what is read of it, whom it is believed from, and what begins here (W3C Trace Context).

import test from 'ava';
import { openPlacing, traceparentOf } from '../../gateway/ops/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${PARENT}-01`;

const place = openPlacing({ sample: 0, trust: 'proxies' });

for (const [what, value, sampled] of [
  ['version 00', GOOD, true],
  ['without the sampled flag', GOOD.replace(/01$/, '00'), false],
  ['with flags nobody knows yet', GOOD.replace(/01$/, 'fe'), false],
  ['with all flags', GOOD.replace(/01$/, 'ff'), true],
  ['a later version', `cc${GOOD.slice(2)}`, true],
  ['a later version with more behind it', `cc${GOOD.slice(2)}-what-the-future-will-be-like`, true],
] as const) {
  test(`a traceparent ${what} is gone on with (W3C Trace Context §3.2.2)`, (t) => {
    t.deepEqual(place(value, true), { traceId: TRACE, parentId: PARENT, isContinued: true, isSampled: sampled });
  });
}

for (const [what, value] of [
  ['that is missing', undefined],
  ['twice', `${GOOD}, ${GOOD}`],
  ['in two fields', [GOOD, GOOD]],
  ['of version ff', `ff${GOOD.slice(2)}`],
  ['of version 00 with more behind it', `${GOOD}-more`],
  ['of a later version with more run into it', `cc${GOOD.slice(2)}more`],
  ['with a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['with a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['in capitals', GOOD.toUpperCase()],
  ['cut short', GOOD.slice(0, -1)],
  ['with a line break behind it', `${GOOD}\n`],
  ['of kilobytes', `cc${GOOD.slice(2)}${'-'.repeat(30_000)}\n`],
] as const) {
  test(`a traceparent ${what} begins a trace anew (W3C Trace Context §3.3.1)`, (t) => {
    const found = place(value as string | string[] | undefined, true);
    t.false(found.isContinued);
    t.not(found.traceId, TRACE);
    t.regex(found.traceId, /^[0-9a-f]{32}$/);
    t.regex(found.parentId, /^[0-9a-f]{16}$/);
  });
}

test('only whoever is trusted has its trace gone on with', (t) => {
  const believed = (trust: 'anyone' | 'proxies' | 'nobody', isTrusted: boolean) =>
    openPlacing({ sample: 0, trust })(GOOD, isTrusted).isContinued;
  t.deepEqual(
    [believed('anyone', false), believed('proxies', true), believed('proxies', false), believed('nobody', true)],
    [true, true, false, false],
  );
});

test('the share of traces that are sampled is the one that is set, and no name comes twice', (t) => {
  const sampled = (sample: number): number => {
    const begin = openPlacing({ sample, trust: 'nobody' });
    const places = Array.from({ length: 4000 }, () => begin(undefined, false));
    t.is(new Set(places.map(({ traceId }) => traceId)).size, 4000);
    return places.filter(({ isSampled }) => isSampled).length;
  };
  t.is(sampled(0), 0);
  t.is(sampled(1), 4000);
  const some = sampled(0.25);
  t.true(some > 800 && some < 1200, `${some} of 4000`);
});

test('what is written is read again', (t) => {
  t.is(traceparentOf(TRACE, PARENT, true), GOOD);
  t.is(traceparentOf(TRACE, PARENT, false), `00-${TRACE}-${PARENT}-00`);
});
