// What an explanation says beside the verdict, in which `explained.ts` holds it to the guard for every law.

import test from 'ava';
import { factsOf } from '../../../gateway/saml/explain/facts.ts';
import { pretty } from '../../../gateway/saml/explain/pretty.ts';
import { MEANING, rowsFor, STRUCTURE } from '../../../gateway/saml/guard/table.ts';
import { sealedWay } from '../encryption/sealing.ts';
import { trusted, NAME_ID, NOW, openBench, OTHER_IDP, replaced } from '../support.ts';
import { explanationOf } from './explained.ts';

const bench = await openBench();

for (const [kind, send] of [
  ['Response', () => bench.response()],
  ['LogoutRequest', () => bench.logoutRequest()],
  ['LogoutResponse', () => bench.logoutResponse()],
] as const) {
  test(`every row for a ${kind} is told of, and whatever asks the memory is not judged`, async (t) => {
    const { judgements } = await explanationOf(bench, send);
    const told = new Map(judgements.map(({ law, outcome }) => [law, outcome]));
    for (const [check, law] of [...rowsFor(STRUCTURE, kind), ...rowsFor(MEANING, kind)]) {
      const asks = ['inResponseTo', 'usedOnce', 'awaited', 'forceAuthn', 'authnContext'].includes(check.name);
      t.is(told.get(law), asks ? 'not judged' : 'passed', check.name);
    }
  });

  test(`a ${kind} that fails many checks fails them all at once`, async (t) => {
    const unknown = trusted([bench.keys], { entityId: OTHER_IDP });
    const { judgements } = await explanationOf(
      bench,
      send,
      { idps: [unknown] },
      { at: 0 as typeof NOW, endpoint: 'https://x.example' },
    );
    const codes = judgements.flatMap(({ error }) => error?.code ?? []);
    for (const code of ['SAML_ISSUER', 'SAML_DESTINATION_MISMATCH', 'SAML_ISSUE_INSTANT'])
      t.true(codes.includes(code), code);
    if (kind === 'Response') t.true(codes.includes('SAML_CONDITIONS') && codes.includes('SAML_SUBJECT_CONFIRMATION'));
    // The signature was good all the same, and it says so.
    t.is(judgements.find(({ law }) => law.number === 14)?.outcome, 'passed');
  });
}

test('what is encrypted for us is opened and shown', async (t) => {
  const { read } = await explanationOf(bench, () => bench.response(sealedWay()));
  t.true(read?.isVouched);
  if (read === undefined) return;
  t.true(pretty(read.shown).includes(`>${NAME_ID.value}</`));
  t.like(
    factsOf(read).find(({ name }) => name === 'NameID'),
    { value: NAME_ID.value },
  );
});

test('the values of a message that was changed are not said to be vouched for', async (t) => {
  const changed = () => bench.logoutRequest({ after: (xml) => replaced(xml, 'alice@', 'bob@') });
  const { read, judgements } = await explanationOf(bench, changed);
  t.false(read?.isVouched);
  t.deepEqual(
    judgements.flatMap(({ error }) => error?.code ?? []),
    ['SAML_SIGNATURE_INVALID'],
  );
});

test('an unsigned LogoutResponse that is allowed passes, and nobody vouches for it', async (t) => {
  const lax = await openBench({ allow: { ...bench.idp.allow, unsignedLogoutResponse: true } });
  const { read, judgements } = await explanationOf(lax, () => lax.logoutResponse({ signs: false }));
  t.false(judgements.some(({ outcome }) => outcome === 'failed'));
  t.false(read?.isVouched);
});

test('a refusal without an assertion fails for its Status alone', async (t) => {
  const status = { codes: ['urn:oasis:names:tc:SAML:2.0:status:Responder'] };
  const refusal = () => bench.response({ fields: { assertion: undefined, status } });
  const { judgements } = await explanationOf(bench, refusal);
  t.deepEqual(
    judgements.flatMap(({ error }) => error?.code ?? []).filter((code) => code !== 'SAML_UNSIGNED'),
    ['SAML_STATUS'],
  );
});

test('judged as of its own IssueInstant a message of long ago passes', async (t) => {
  const old = () => bench.logoutRequest();
  const later = { expected: { now: (NOW + 86_400_000) as typeof NOW } };
  t.true((await explanationOf(bench, old, later)).judgements.some(({ error }) => error?.code === 'SAML_ISSUE_INSTANT'));
  const { judgements, read } = await explanationOf(bench, old, later, { at: 'issued' });
  t.false(judgements.some(({ outcome }) => outcome === 'failed'));
  t.is(read?.at, NOW);
});
