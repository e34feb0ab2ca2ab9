import test from 'ava';
import { lawsOf } from '../../laws.ts';
import { allowing, openBench, trusted } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const UNASKED = {
  fields: { inResponseTo: undefined },
  assertion: ({ confirmations = [] }: { confirmations?: readonly object[] | undefined }) => ({
    confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo: undefined })),
  }),
};

accepts('a Response to the AuthnRequest this browser waits on is accepted (profiles §4.1.4.3)', () => bench.response());
refuses(
  'SAML_IN_RESPONSE_TO',
  'a Response that arrives in another browser is refused: nobody is signed in as somebody else (profiles §4.1.5)',
  () => bench.response(),
  {
    expected: { browser: 'another browser' },
  },
);
refuses(
  'SAML_IN_RESPONSE_TO',
  'a Response that arrives in a browser without the cookie is refused (profiles §4.1.5)',
  () => bench.response(),
  {
    expected: { browser: undefined },
  },
);
for (const [what, inResponseTo] of [
  ['an AuthnRequest we never sent', '_unknown'],
  ['an AuthnRequest called __proto__', '__proto__'],
] as const) {
  refuses('SAML_IN_RESPONSE_TO', `a Response to ${what} is refused (profiles §4.1.4.3)`, () =>
    bench.response({
      fields: { inResponseTo },
      assertion: ({ confirmations = [] }) => ({
        confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo })),
      }),
    }),
  );
}
const both = (inResponseTo: string | undefined) => ({
  fields: { inResponseTo },
  assertion: ({ confirmations = [] }: { confirmations?: readonly object[] | undefined }) => ({
    confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo })),
  }),
});
refuses('SAML_UNSOLICITED', 'an empty InResponseTo is none: nobody asked (pysaml2)', () => bench.response(both('')));
refuses(
  'SAML_IN_RESPONSE_TO',
  'a Response of one identity provider to the AuthnRequest another was sent is refused',
  () => bench.response(),
  {
    idps: [trusted([bench.keys], { name: 'another' })],
  },
);
test('an AuthnRequest is answered once (profiles §4.1.4.3)', async (t) => {
  const xml = bench.responseXml({ assertion: { id: '_first' } });
  const inResponseTo = / InResponseTo="([^"]+)"/.exec(xml)?.[1] ?? '';
  const again = bench.response({
    fields: { inResponseTo },
    assertion: ({ confirmations = [] }) => ({
      confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo })),
    }),
  });
  t.is(await bench.verdict(bench.response({ after: () => xml })), 'accepted');
  t.is(await bench.verdict(again), 'SAML_IN_RESPONSE_TO');
});
test('two Responses to one AuthnRequest at the same moment begin one session (profiles §4.1.4.3)', async (t) => {
  const first = bench.responseXml({ signs: false, assertion: { id: '_x1' } });
  const inResponseTo = / InResponseTo="([^"]+)"/.exec(first)?.[1] ?? '';
  const one = () =>
    bench.response({
      fields: { inResponseTo },
      assertion: ({ confirmations = [] }) => ({
        confirmations: confirmations.map((valid) => ({ ...valid, inResponseTo })),
      }),
    });
  const verdicts = await Promise.all([bench.verdict(one()), bench.verdict(one())]);
  t.deepEqual(verdicts.toSorted(), ['SAML_IN_RESPONSE_TO', 'accepted']);
});
refuses('SAML_UNSOLICITED', 'a Response nobody asked for is refused (profiles §4.1.5)', () => bench.response(UNASKED));

const lenient = await openBench(allowing('unsolicitedResponse'));
lawsOf(lenient).accepts('a Response nobody asked for is accepted where the operator allows it', () =>
  lenient.response(UNASKED),
);
lawsOf(lenient).refuses(
  'SAML_IN_RESPONSE_TO',
  'allowing unsolicited Responses does not let one answer what another browser asked',
  () => lenient.response(),
  {
    expected: { browser: 'another browser' },
  },
);
