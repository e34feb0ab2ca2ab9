// The identity provider signs a person out by Redirect: the browser carries the message, its cookies matter not at all.

import test from 'ava';
import type { Browser } from '../support/browser.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { redirectFor } from '../support/logout-requests.ts';

const isIn = async (scene: Stage, browser: Browser): Promise<boolean> =>
  (await browser.request(scene.at('wiki'))).status === 200;

test('a LogoutRequest by Redirect ends the session and the browser carries Success and RelayState back (P1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const home = await browser.visit(scene.idp.url);
  const done = await browser.submitForm(home, {}, { button: 'redirect' });
  t.regex(done.body, /signed out here and everywhere/);
  const back = done.hops.at(-1)?.url ?? '';
  t.true(back.startsWith(`${scene.idp.url}/slo?SAMLResponse=`), back);
  t.true(new URL(back).searchParams.has('Signature'));
  t.false(await isIn(scene, browser));
});

test('a LogoutRequest by Redirect in a browser without a cookie ends the session just the same (P2)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const answer = await scene.browser().request(redirectFor(scene, 'alice'), { mode: 'iframe', from: scene.idp.url });
  t.is(answer.status, 302);
  t.is(answer.headers['cache-control'], 'no-store');
  t.false(await isIn(scene, browser));
});

test('a LogoutRequest of somebody else’s browser does not end the session of the browser that carries it', async (t) => {
  const scene = await stage(t);
  const [alice, bob] = [await scene.signedIn('alice', scene.at('wiki')), await scene.signedIn('bob', scene.at('wiki'))];
  await bob.request(redirectFor(scene, 'alice'));
  t.false(await isIn(scene, alice));
  t.true(await isIn(scene, bob));
});

for (const [what, change, code] of [
  ['without its signature', (url: string) => url.replace(/&SigAlg=.*$/, ''), 'SAML_UNSIGNED'],
  ['with half its signature', (url: string) => url.replace(/&Signature=.*$/, ''), 'SAML_PARAMETER'],
  [
    'with another RelayState than was signed',
    (url: string) => url.replace('RelayState=relay', 'RelayState=other'),
    'SAML_SIGNATURE_INVALID',
  ],
  ['with its RelayState taken away', (url: string) => url.replace('&RelayState=relay', ''), 'SAML_SIGNATURE_INVALID'],
  [
    'with its parameters spelled anew',
    (url: string) => url.replace('RelayState=relay', 'RelayState=%72elay'),
    'SAML_SIGNATURE_INVALID',
  ],
  ['with a message that comes twice', (url: string) => `${url}&SAMLRequest=x`, 'SAML_PARAMETER'],
  ['with a weaker algorithm named', (url: string) => url.replace('rsa-sha256', 'rsa-sha1'), 'SAML_SIGNATURE_ALGORITHM'],
  ['with a Response beside it', (url: string) => `${url}&SAMLResponse=x`, 'SAML_PARAMETER'],
] as const) {
  test(`a LogoutRequest by Redirect ${what} ends nothing (P4, bindings §3.4.4.1)`, async (t) => {
    const scene = await stage(t);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const good = redirectFor(scene, 'alice');
    const bent = change(good);
    t.not(bent, good);
    const page = await browser.visit(bent);
    t.is(page.headers['x-curfew'], code);
    t.regex(page.body, new RegExp(`<dd>${code}</dd>`));
    t.true(await isIn(scene, browser));
    await browser.request(good);
    t.false(await isIn(scene, browser));
  });
}

test('a LogoutRequest by Redirect for another address, or out of time, ends nothing (P4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const code = async (url: string) => (await browser.request(url)).headers['x-curfew'];
  t.is(
    await code(redirectFor(scene, 'alice', { destination: 'https://elsewhere.test/slo' })),
    'SAML_DESTINATION_MISMATCH',
  );
  t.is(await code(redirectFor(scene, 'alice', { destination: undefined })), 'SAML_DESTINATION_MISMATCH');
  const kept = redirectFor(scene, 'alice', { notOnOrAfter: undefined });
  scene.clock.advance(9 * 60_000);
  t.is(await code(kept), 'SAML_ISSUE_INSTANT');
  t.true(await isIn(scene, browser));
});

test('an identity provider without an address for answers still ends the session; the browser gets a page', async (t) => {
  const scene = await stage(t, { metadata: (xml) => xml.replace(/<md:SingleLogoutService[^>]*\/>/g, '') });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.visit(redirectFor(scene, 'alice'));
  t.is(page.status, 200);
  t.regex(page.body, /<title>Signed out<\/title>/);
  t.false(await isIn(scene, browser));
});

test('a message that cannot even be read is written down with its reason', async (t) => {
  const scene = await stage(t);
  const page = await scene.browser().visit(`${scene.url}/saml/slo?SAMLRequest=a&SAMLRequest=b`);
  t.is(page.status, 400);
  t.deepEqual(scene.audit, [{ event: 'refused', what: 'message', code: 'SAML_PARAMETER', reason: 'twice' }]);
});
