import test from 'ava';
import type { EpochMs } from '../../../../gateway/kernel/words.ts';
import { allowing, at, NOW, openBench, SKEW_MS } from '../../support.ts';

const UNASKED = {
  fields: { inResponseTo: undefined },
  assertion: ({ confirmations = [] }: { confirmations?: readonly object[] | undefined }) => ({
    confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo: undefined })),
  }),
};
const bench = await openBench(allowing('unsolicitedResponse'));

test('an Assertion begins one session, however often it is brought (profiles §4.1.4.5)', async (t) => {
  const arrived = bench.response(UNASKED);
  t.is(await bench.verdict(arrived), 'accepted');
  t.is(await bench.verdict(arrived), 'SAML_REPLAY');
});

test('an Assertion that is brought in another Response is still used (profiles §4.1.4.5)', async (t) => {
  const xml = bench.responseXml(UNASKED);
  t.is(await bench.verdict(bench.response({ after: () => xml })), 'accepted');
  const other = xml.replace(/ ID="[^"]+"/, ' ID="_another"');
  t.not(other, xml);
  t.is(await bench.verdict(bench.response({ after: () => other })), 'SAML_REPLAY');
});

test('a used Assertion is remembered for as long as it could pass, clock skew included (profiles §4.1.4.5)', async (t) => {
  const remembered: number[] = [];
  const memory = {
    ...bench.memory,
    useAssertion: async (_idp: string, _id: string, until: EpochMs) => remembered.push(until) > 0,
  };
  t.is(await bench.verdict(bench.response(UNASKED), { memory }), 'accepted');
  t.deepEqual(remembered, [NOW + 300_000 + SKEW_MS]);
});

test('of several confirmations that fit the one that lasts longest counts: by that one it could be brought again', async (t) => {
  const remembered: number[] = [];
  const memory = {
    ...bench.memory,
    useAssertion: async (_idp: string, _id: string, until: EpochMs) => remembered.push(until) > 0,
  };
  const arrived = bench.response({
    ...UNASKED,
    assertion: (valid) => ({
      confirmations: UNASKED.assertion(valid).confirmations.flatMap((one) =>
        [30, 400, 60].map((seconds) => ({ ...one, notOnOrAfter: at(seconds) })),
      ),
    }),
  });
  t.is(await bench.verdict(arrived, { memory }), 'accepted');
  t.deepEqual(remembered, [NOW + 400_000 + SKEW_MS]);
});

test('an Assertion that is refused for another reason is not used up', async (t) => {
  const arrived = bench.response();
  t.is(await bench.verdict(arrived, { browser: 'another browser' }), 'SAML_IN_RESPONSE_TO');
  t.is(await bench.verdict(arrived), 'accepted');
});
