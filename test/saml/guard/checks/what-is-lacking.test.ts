// What the log says beside the reason code, so that somebody who mistyped an address, or whose clock is wrong, sees which and by how much.

import test from 'ava';
import type { ConfirmationFields } from '../../../../demo/identity-provider/messages.ts';
import type { Arrived } from '../../../../gateway/saml/arrived.ts';
import { ACS, at, ENTITY_ID, openBench } from '../../support.ts';

const bench = await openBench();

const confirmed = (change: ConfirmationFields) =>
  bench.response({
    assertion: ({ confirmations = [] }) => ({ confirmations: confirmations.map((valid) => ({ ...valid, ...change })) }),
  });
const limited = (change: object) =>
  bench.response({ assertion: ({ conditions }) => ({ conditions: { ...conditions, ...change } }) });

const LACKING: Record<string, [refused: () => Arrived, detail: object]> = {
  'another Recipient': [
    () => confirmed({ recipient: 'https://login.example/saml/asc' }),
    { reason: 'Recipient', expected: ACS, received: 'https://login.example/saml/asc' },
  ],
  'a confirmation that is over': [
    () => confirmed({ notOnOrAfter: at(-3600) }),
    { reason: 'NotOnOrAfter', secondsOff: -3600 },
  ],
  'no bearer': [() => confirmed({ method: 'urn:other' }), { reason: 'no bearer confirmation' }],
  'conditions that are over': [
    () => limited({ notOnOrAfter: at(-3600) }),
    { reason: 'NotOnOrAfter', secondsOff: -3600 },
  ],
  'conditions of later': [() => limited({ notBefore: at(3600) }), { reason: 'NotBefore', secondsOff: 3600 }],
  'another audience': [() => limited({ audiences: [['urn:other']] }), { expected: ENTITY_ID, received: 'urn:other' }],
};

for (const [what, [refused, detail]] of Object.entries(LACKING)) {
  test(`of ${what} the log says what is lacking`, async (t) => {
    const result = await bench.judge(refused());
    t.deepEqual(result.kind === 'refused' ? result.error.detail : result.kind, detail);
  });
}
