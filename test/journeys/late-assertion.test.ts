// An assertion that arrives after the logout of its session begins nothing (P6, saml-core §3.7.3.1).

import test from 'ava';
import { postResponse, signIn, stage, type Stage } from '../support/gateway.ts';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { fieldsFor, postSoap, signed, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';

/** A browser that has the Response in its hands and has not posted it yet. */
async function beforePosting(scene: Stage) {
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const [session] = scene.idp.sessions();
  return { browser, response, sessionIndex: session?.sessionIndex ?? '' };
}

for (const [what, withIndex] of [
  ['its SessionIndex', true],
  ['all sessions of the person', false],
] as const) {
  test(`an assertion that arrives after the logout of ${what} signs nobody in (P6)`, async (t) => {
    const scene = await stage(t);
    const { browser, response, sessionIndex } = await beforePosting(scene);
    await postSoap(scene, soapFor(scene, 'alice', withIndex ? [sessionIndex] : []));
    const page = await postResponse(browser, response);
    t.is(page.status, 400);
    t.is(page.headers['x-curfew'], 'SAML_LOGGED_OUT');
    t.regex(page.body, /<dd>SAML_LOGGED_OUT<\/dd>/);
    t.is(await scene.running.parts.doors.sessions.count(), 0);
    t.is((await browser.request(scene.at('wiki'))).status, 303);
    t.true(scene.audit.some((line) => line.event === 'refused' && line.code === 'SAML_LOGGED_OUT'));
  });
}

test('an assertion that arrives while sessions are looked for begins none that the logout would not find (P1, P6)', async (t) => {
  const scene = await stage(t);
  const { browser, response } = await beforePosting(scene);
  const { sessions } = scene.running.parts.doors;
  const find = sessions.findBySubject.bind(sessions);
  const late: string[] = [];
  sessions.findBySubject = async (...whom) => {
    const found = await find(...whom);
    if (late.length === 0) late.push(String((await postResponse(browser, response)).headers['x-curfew']));
    return found;
  };
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
  t.deepEqual(late, ['SAML_LOGGED_OUT']);
  t.is(await sessions.count(), 0);
});

test('an assertion of another session of the person is not touched by the logout of one (P6)', async (t) => {
  const scene = await stage(t);
  const { browser, response } = await beforePosting(scene);
  await postSoap(scene, soapFor(scene, 'alice', ['another']));
  t.is((await browser.settle(response)).status, 200);
});

test('a logout stays in force for as long as an assertion from before may arrive, though its NotOnOrAfter is sooner (P6)', async (t) => {
  const scene = await stage(t);
  const { browser, response, sessionIndex } = await beforePosting(scene);
  const notOnOrAfter = new Date(scene.clock.now() + 30_000).toISOString();
  const xml = signed(scene, { ...fieldsFor(scene, 'alice', [sessionIndex]), notOnOrAfter });
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapEnvelope(xml))), SUCCESS);
  // The assertion is good for five minutes, and the clocks may be three apart.
  scene.clock.advance(5 * 60_000);
  t.is((await postResponse(browser, response)).headers['x-curfew'], 'SAML_LOGGED_OUT');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('a logout is still in force after a restart (P6, P13)', async (t) => {
  const scene = await stage(t);
  const { browser, response } = await beforePosting(scene);
  await postSoap(scene, soapFor(scene, 'alice'));
  await scene.restart();
  t.is((await postResponse(browser, response)).headers['x-curfew'], 'SAML_LOGGED_OUT');
});

test('a person who signs in anew after a logout without a SessionIndex gets in, in the same minute (P6)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(60_000);
  await scene.idp.signOutEverywhere('alice', { fields: { sessionIndexes: [] } });
  t.is((await browser.request(scene.at('wiki'))).status, 303);
  scene.clock.advance(1000);
  t.is((await signIn(browser, 'alice', scene.at('wiki', '/back'))).status, 200);
});

test('a sign-in and the logout of its session at the same moment leave nobody signed in (P1, P6)', async (t) => {
  const scene = await stage(t);
  for (let round = 0; round < 10; round += 1) {
    const { browser, response } = await beforePosting(scene);
    const body = soapFor(scene, 'alice');
    const [page] = await Promise.all([browser.settle(response), postSoap(scene, body)]);
    t.true([200, 400].includes(page.status));
    t.is((await browser.request(scene.at('wiki'))).status, 303);
    t.is(await scene.running.parts.doors.sessions.count(), 0);
    scene.clock.advance(10_000);
    await scene.idp.signOutEverywhere('alice');
  }
});
