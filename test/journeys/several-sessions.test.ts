// One person, several browsers: which sessions a LogoutRequest means (P3, saml-core §3.7.3.1).

import test from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import type { NameIdFields, ResponseFields } from '../../demo/identity-provider/messages.ts';
import { FORMAT } from '../../demo/identity-provider/names.ts';
import type { Browser } from '../support/browser.ts';
import { postResponse, stage, type Stage } from '../support/gateway.ts';
import { fieldsFor, postSoap, signed, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';

/** Alice in two browsers, bob in a third; alice's SessionIndexes in order. */
async function three(scene: Stage) {
  const first = await scene.signedIn('alice', scene.at('wiki'));
  const second = await scene.signedIn('alice', scene.at('wiki'));
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  const [one = '', two = ''] = scene.idp.sessions().map(({ sessionIndex }) => sessionIndex);
  return { first, second, bob, one, two };
}

const areIn = (scene: Stage, browsers: readonly Browser[]): Promise<boolean[]> =>
  Promise.all(browsers.map(async (browser) => (await browser.request(scene.at('wiki'))).status === 200));

/** Every assertion has this SessionIndex. */
const withIndex =
  (sessionIndex: string | undefined) =>
  (fields: ResponseFields): ResponseFields => ({
    ...fields,
    assertion: {
      ...fields.assertion,
      authnStatements: fields.assertion?.authnStatements?.map((one) => ({ ...one, sessionIndex })),
    },
  });

test('a SessionIndex ends the session that has it and no other of the same person (P3)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob, two } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice', [two]))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [true, false, true]);
});

test('no SessionIndex ends every session of the person, and nobody else’s (P3)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [false, false, true]);
});

test('several SessionIndexes end each of theirs, and one that is unknown is no obstacle (P3)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob, one, two } = await three(scene);
  const third = await scene.signedIn('alice', scene.at('wiki'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice', [one, 'unknown', two]))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob, third]), [false, false, true, true]);
});

test('a SessionIndex of another person ends nothing, and is not answered as if it had (P1, P3)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob, one } = await three(scene);
  const answer = await postSoap(scene, soapFor(scene, 'carol', [one]));
  t.deepEqual(soapCodes(scene, answer), ['Responder', 'PartialLogout']);
  t.true(scene.lines.some(({ level, event }) => level === 'warn' && event === 'logout-names-somebody-else'));
  t.deepEqual(await areIn(scene, [first, second, bob]), [true, true, true]);
  // Gone by now, and nobody else has it: nothing is left to end.
  await postSoap(scene, soapFor(scene, 'alice'));
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'carol', [one]))), SUCCESS);
});

test('a NameID in other letters ends nobody, and the operator learns who may have been meant (saml-core §3.3.4)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'ALICE'))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [true, true, true]);
  const hint = scene.lines.find(({ event }) => event === 'logout-names-nobody-quite');
  t.is(hint?.facts['sessions'], 2);
  t.regex(String(hint?.facts['remedy']), /match: sessionIndex/);
  const told = (): unknown[] =>
    scene.audit.flatMap((line) => (line.event === 'logout-request' ? [line.sessionsAlike] : []));
  t.deepEqual(told(), [2]);
  // Strangers' logouts have the sessions read once in a while only.
  await postSoap(scene, soapFor(scene, 'ALICE'));
  t.deepEqual(told(), [2, undefined]);
  scene.clock.advance(11_000);
  await postSoap(scene, soapFor(scene, 'Carol'));
  scene.clock.advance(11_000);
  await postSoap(scene, soapFor(scene, 'Bob'));
  t.deepEqual(told(), [2, undefined, undefined, 1]);
});

test('an index that two people happen to share ends only the session of the one who is named (saml-core §2.7.2)', async (t) => {
  const scene = await stage(t, { identityProvider: { vary: { response: withIndex('1') } } });
  const { first, second, bob } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'bob', ['1']))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [true, true, false]);
});

test('with match: sessionIndex a SessionIndex ends every session that has it, whoever is named beside it (P3)', async (t) => {
  const scene = await stage(t, { idp: '    logout: { match: sessionIndex }' });
  const { first, second, bob, one } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'carol', [one, 'unknown']))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [false, true, true]);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'bob'))), SUCCESS, 'without one the name decides');
  t.deepEqual(await areIn(scene, [first, second, bob]), [false, true, false]);
});

test('with match: sessionIndex an assertion that comes after such a logout begins nothing (P6)', async (t) => {
  const scene = await stage(t, {
    idp: '    logout: { match: sessionIndex }',
    identityProvider: { vary: { response: withIndex('late') } },
  });
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'carol', ['late']))), SUCCESS);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  t.deepEqual(await areIn(scene, [browser]), [false]);
  t.true(scene.audit.some((line) => line.event === 'refused' && line.code === 'SAML_LOGGED_OUT'));
});

test('a SessionIndex that several sessions share ends every one of them (P3)', async (t) => {
  const scene = await stage(t, {
    // WSO2 gives one index to all sessions of a login.
    identityProvider: { vary: { response: withIndex('shared') } },
  });
  const { first, second, bob } = await three(scene);
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice', ['shared']))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [false, false, true]);
});

for (const [what, idp] of [
  ['', ''],
  [', with match: sessionIndex as well', '    logout: { match: sessionIndex }'],
] as const) {
  test(`a session that began without a SessionIndex may be any: a LogoutRequest with one ends it, of its person${what} (P1, P3)`, async (t) => {
    const scene = await stage(t, { idp, identityProvider: { vary: { response: withIndex(undefined) } } });
    const [alice, bob] = [
      await scene.signedIn('alice', scene.at('wiki')),
      await scene.signedIn('bob', scene.at('wiki')),
    ];
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice', ['some']))), SUCCESS);
    t.deepEqual(await areIn(scene, [alice, bob]), [false, true]);
  });
}

test('an assertion without a SessionIndex is late after a logout with one; who signs in anew gets in (P6)', async (t) => {
  const scene = await stage(t, { identityProvider: { vary: { response: withIndex(undefined) } } });
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  await postSoap(scene, soapFor(scene, 'alice', ['some']));
  t.is((await postResponse(browser, response)).headers['x-curfew'], 'SAML_LOGGED_OUT');
  scene.idp.forgetSessions();
  scene.clock.advance(1000);
  t.deepEqual(await areIn(scene, [await scene.signedIn('alice', scene.at('wiki'))]), [true]);
});

test('the same name with another Format or qualifier ends nobody’s session, and is not answered as if it had (P1, saml-core §3.3.4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const sessionIndex = scene.idp.sessions()[0]?.sessionIndex ?? '';
  const asked = (nameId: NameIdFields, sessionIndexes: readonly string[] = []) => {
    const fields = { ...fieldsFor(scene, 'alice', sessionIndexes), nameId: { value: 'alice@example.test', ...nameId } };
    return postSoap(scene, soapEnvelope(signed(scene, fields)));
  };
  for (const other of [
    { format: FORMAT.persistent },
    { format: FORMAT.emailAddress, nameQualifier: 'https://other.test' },
    { format: FORMAT.emailAddress, spNameQualifier: 'https://other.test' },
  ]) {
    for (const indexes of [[], [sessionIndex]])
      t.deepEqual(soapCodes(scene, await asked(other, indexes)), ['Responder', 'PartialLogout']);
    t.deepEqual(soapCodes(scene, await asked(other, ['of another browser'])), SUCCESS);
  }
  t.deepEqual(await areIn(scene, [browser]), [true]);
  t.true(scene.lines.some(({ level, event }) => level === 'warn' && event === 'logout-names-somebody-else'));
  t.deepEqual(soapCodes(scene, await asked({})), SUCCESS);
  t.deepEqual(await areIn(scene, [browser]), [false]);
});

test('sessions that began before a restart are found and ended after it (P3, P13)', async (t) => {
  const scene = await stage(t);
  const { first, second, bob } = await three(scene);
  await scene.restart();
  t.deepEqual(await areIn(scene, [first, second, bob]), [true, true, true]);
  await scene.restart();
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.deepEqual(await areIn(scene, [first, second, bob]), [false, false, true]);
});
