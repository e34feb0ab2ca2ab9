// What is allowed though it is weak is said at every start: whoever reads the log a year later knows it.

import test from 'ava';
import { stage } from '../support/gateway.ts';

test('weaknesses that an identity provider is allowed are one warning at start, by their names', async (t) => {
  const scene = await stage(t, { idp: '    allow: { sha1: true, unsolicitedResponse: true }' });
  const warned = scene.lines.filter(({ event }) => event === 'weaknesses-allowed');
  t.deepEqual(warned, [
    { level: 'warn', event: 'weaknesses-allowed', facts: { idp: 'corp', allow: ['unsolicitedResponse', 'sha1'] } },
  ]);
});

test('where none is allowed nothing is said', async (t) => {
  const scene = await stage(t);
  t.deepEqual(
    scene.lines.filter(({ event }) => event === 'weaknesses-allowed'),
    [],
  );
});
