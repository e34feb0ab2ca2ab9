// The way back from the gateway's own host to an application's: return addresses, tickets, and Responses that somebody else began.

import test from 'ava';
import { NO_DEMAND } from '../../gateway/kernel/words.ts';
import type { Browser, Page } from '../support/browser.ts';
import { postResponse, stage, type Stage } from '../support/gateway.ts';

/** Signs in, but stops before the ticket is redeemed. Answers with the address that would redeem it. */
async function ticketFor(browser: Browser, address: string): Promise<string> {
  const form = await browser.visit(address);
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const { headers } = await postResponse(browser, response);
  return headers.location ?? '';
}

const isRefused = (page: Page): boolean => page.status === 400 && page.headers['x-curfew'] === 'TICKET_REFUSED';

const isOut = async (scene: Stage, browser: Browser, host = 'wiki'): Promise<boolean> =>
  (await browser.request(scene.at(host))).status === 303;

test('a ticket is good once', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const address = await ticketFor(browser, scene.at('wiki', '/page'));
  t.true(address.startsWith(scene.at('wiki', '/.curfew/enter?ticket=')), address);
  const first = await browser.request(address);
  t.is(first.headers.location, scene.at('wiki', '/page'));
  const second = await browser.request(address);
  t.true(isRefused(second));
  t.deepEqual(second.setCookies, []);
});

test('a ticket is good in the browser that began and in no other', async (t) => {
  const scene = await stage(t);
  const [browser, thief] = [scene.browser(), scene.browser()];
  await thief.visit(scene.at('wiki'));
  const address = await ticketFor(browser, scene.at('wiki'));
  t.true(isRefused(await thief.request(address)));
  t.true(await isOut(scene, thief));
});

test('a ticket is good on the host it was made for and on no other', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  await browser.request(scene.at('chat'));
  const address = await ticketFor(browser, scene.at('wiki'));
  const { search } = new URL(address);
  const page = await browser.request(`${scene.at('chat')}.curfew/enter${search}`);
  t.true(isRefused(page));
  t.true(await isOut(scene, browser, 'chat'));
});

test('a ticket is not good on another host for whoever takes the nonce along', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const address = await ticketFor(browser, scene.at('wiki'));
  const nonce = browser.cookies('wiki.test').find(({ name }) => name === 'curfew-enter')?.value ?? '';
  const page = await scene.browser().request(`${scene.at('chat')}.curfew/enter${new URL(address).search}`, {
    headers: { cookie: `curfew-enter=${nonce}` },
  });
  t.true(isRefused(page));
});

test('a ticket is good for 30 seconds', async (t) => {
  const scene = await stage(t);
  const [early, late] = [scene.browser(), scene.browser()];
  const inTime = await ticketFor(early, scene.at('wiki'));
  scene.clock.advance(29_999);
  t.is((await early.request(inTime)).status, 303);
  const tooLate = await ticketFor(late, scene.at('wiki'));
  scene.clock.advance(30_000);
  t.true(isRefused(await late.request(tooLate)));
  t.true(await isOut(scene, late));
});

test('a ticket of a session that has ended in between opens nothing (P1)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const address = await ticketFor(browser, scene.at('wiki'));
  const [report] = await scene.idp.signOutEverywhere('alice');
  t.is(report?.codes[0], 'urn:oasis:names:tc:SAML:2.0:status:Success');
  t.true(isRefused(await browser.request(address)));
});

test('a sign-in keeps no address that is longer than any the gateway itself would send', async (t) => {
  const scene = await stage(t);
  const { signIn } = scene.running.parts.doors;
  const start = (length: number) =>
    signIn.start({
      app: 'wiki',
      returnTo: scene.at('wiki', `/${'a'.repeat(length)}`),
      idp: undefined,
      passive: false,
      demand: NO_DEMAND,
      bind: undefined,
      browser: 'nobody',
      from: '192.0.2.1',
      session: undefined,
    });
  await t.notThrowsAsync(start(2000));
  t.like(await t.throwsAsync(start(4000)), { code: 'RETURN_REFUSED' });
});

for (const returnTo of [
  'http://evil.test/',
  'https://evil.test/',
  '//evil.test/',
  'http://wiki.test.evil.test/',
  'http://wiki.test@evil.test/',
  'http://user:pw@wiki.test/',
  'javascript:alert(1)',
  'data:text/html,x',
  '/page',
  'http://wiki.test/', // another port: another server
  '',
]) {
  test(`a sign-in that would return to "${returnTo}" is refused`, async (t) => {
    const scene = await stage(t);
    const signedIn = await scene.signedIn('alice', scene.at('wiki'));
    for (const browser of [scene.browser(), signedIn]) {
      const address = `${scene.url}/saml/login?${new URLSearchParams({ app: 'wiki', return: returnTo }).toString()}`;
      const page = await browser.request(address);
      t.is(page.status, 400);
      t.is(page.headers['x-curfew'], 'RETURN_REFUSED');
      t.is(page.headers.location, undefined);
    }
  });
}

test('an unknown app at the sign-in address is refused', async (t) => {
  const scene = await stage(t);
  const page = await scene.browser().request(`${scene.url}/saml/login?app=__proto__`);
  t.is(page.headers['x-curfew'], 'RETURN_REFUSED');
});

test('a Response to another browser’s AuthnRequest signs nobody in (profiles §4.1.4.3)', async (t) => {
  const scene = await stage(t);
  const [attacker, victim] = [scene.browser(), scene.browser()];
  const form = await attacker.visit(scene.at('wiki'));
  const response = await attacker.submitForm(form, { username: 'bob', password: 'bobpw' });
  await victim.visit(scene.at('wiki'));
  const page = await postResponse(victim, response);
  t.is(page.status, 400);
  t.is(page.headers['x-curfew'], 'SAML_IN_RESPONSE_TO');
  t.true(await isOut(scene, victim));
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  // The refusal has used up nothing: it is still good where it belongs.
  t.is((await attacker.settle(response)).status, 200);
});

test('a Response that is posted twice signs in once (profiles §4.1.4.5)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const [one, two] = await Promise.all([postResponse(browser, response), postResponse(browser, response)]);
  t.deepEqual([one.status, two.status].sort(), [303, 400]);
  t.is(await scene.running.parts.doors.sessions.count(), 1);
});

test('where a Response nobody asked for is allowed, it leads to an application of ours, never elsewhere', async (t) => {
  const scene = await stage(t, { idp: '    allow: { unsolicitedResponse: true }' });
  const browser = scene.browser();
  const home = await browser.visit(`${scene.idp.url}/login`);
  await browser.submitForm(home, { username: 'alice', password: 'alicepw' });
  const start = (to: string) =>
    browser.visit(`${scene.idp.url}/start?${new URLSearchParams({ RelayState: to }).toString()}`);
  const wiki = await browser.settle(await start(scene.at('wiki', '/page')));
  t.is(wiki.status, 200);
  t.is(wiki.url, scene.at('wiki', '/page'));
  const elsewhere = await browser.settle(await start('http://evil.test/'));
  t.is(elsewhere.url, `${scene.url}/saml/apps`);
});
