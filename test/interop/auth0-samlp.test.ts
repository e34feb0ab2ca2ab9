// Auth0's samlp as the identity provider: one NameID for all service providers, no qualifiers, no NotOnOrAfter, and a RelayState
// that has to come back.

import type { ExecutionContext } from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { needing } from '../support/needing.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import type { Auth0 } from './auth0.ts';
import { keptCookies, opensNothing, samlHops } from './laws.ts';
import { carryOn, participantOf, stageWithAuth0, type Stage } from './stage.ts';

const law = needing('php', 'auth0-samlp');

async function inside(t: ExecutionContext, { curfew, browser, signIn }: Stage<Auth0>) {
  const alice = browser();
  const mirror = curfew.at('mirror');
  await signIn(alice, mirror);
  return { alice, kept: await keptCookies(t, alice, [mirror]) };
}

/** Who is signed in at samlp in this browser, and how many service providers it would have to tell. */
const status = async ({ idp }: Stage<Auth0>, person: Browser): Promise<unknown> =>
  JSON.parse((await person.visit(idp.statusAddress)).body);

const NOBODY = { user: null, participants: 0 };

for (const sign of ['assertion', 'response', 'both'] as const) {
  law(`a Response of samlp with ${sign} signed signs in, and the application is told who it is`, async (t) => {
    const { curfew, browser, signIn } = await stageWithAuth0(t, { sign });
    const page: Page = await signIn(browser(), curfew.at('mirror'));
    t.like(JSON.parse(page.body), {
      HTTP_REMOTE_USER: 'auth0|alice',
      HTTP_X_UID: 'alice',
      HTTP_X_DISPLAY_NAME: 'Alice Möller',
      HTTP_X_GROUPS: 'staff,admins',
    });
  });
}

for (const sign of ['assertion', 'response', 'both'] as const) {
  law(`where samlp encrypts the assertion and signs ${sign}, signing in works (saml-core §6)`, async (t) => {
    const settings = { idp: '    wantAssertionsEncrypted: true' };
    const { curfew, browser, signIn } = await stageWithAuth0(t, { sign, encrypt: true }, settings);
    const page = await signIn(browser(), curfew.at('mirror'));
    t.like(JSON.parse(page.body), { HTTP_REMOTE_USER: 'auth0|alice', HTTP_X_DISPLAY_NAME: 'Alice Möller' });
  });
}

law('an assertion that samlp does not encrypt is refused where wantAssertionsEncrypted is set', async (t) => {
  const { curfew, browser, signIn } = await stageWithAuth0(t, {}, { idp: '    wantAssertionsEncrypted: true' });
  const page = await signIn(browser(), curfew.at('mirror'));
  t.is(page.headers['x-curfew'], 'SAML_NOT_ENCRYPTED');
});

for (const [idp, verdict] of [
  ['', 'SAML_SIGNATURE_ALGORITHM'],
  ['    allow: { sha1: true }', undefined],
] as const) {
  law(`RSA-SHA1 of samlp is ${verdict === undefined ? 'taken where allow.sha1 says so' : 'refused'}`, async (t) => {
    const { curfew, browser, signIn } = await stageWithAuth0(t, { algorithm: 'rsa-sha1' }, { idp });
    const page = await signIn(browser(), curfew.at('mirror'));
    t.is(page.headers['x-curfew'], verdict);
    if (verdict === undefined) t.like(JSON.parse(page.body), { HTTP_REMOTE_USER: 'auth0|alice' });
  });
}

for (const logout of ['redirect', 'post'] as const) {
  law(`a logout begun at samlp by ${logout} ends everything, and its RelayState comes back (P1, P2)`, async (t) => {
    const stage = await stageWithAuth0(t, { logout });
    const { alice, kept } = await inside(t, stage);
    t.deepEqual(await status(stage, alice), { user: 'alice', participants: 1 });
    const last = await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
    t.deepEqual(samlHops(stage.curfew, last), [logout === 'redirect' ? 'GET /saml/slo SAMLRequest' : 'POST /saml/slo']);
    // samlp says 400 where the RelayState is another, or our signature is not good.
    t.is(last.status, 200, last.body);
    t.deepEqual(await status(stage, alice), NOBODY);
    await opensNothing(t, stage.browser(), kept);
  });

  law(`signing out at curfew by ${logout} ends the session at samlp, which wants its SessionIndex (P9)`, async (t) => {
    const stage = await stageWithAuth0(t, { logout }, { idp: `    logout: { binding: ${logout} }` });
    const { alice, kept } = await inside(t, stage);
    const page = await carryOn(alice, await alice.visit(stage.curfew.at('mirror', '/.curfew/logout')));
    t.is(page.status, 200, page.body);
    t.regex(page.body, /Your identity provider has signed you out as well/);
    t.deepEqual(await status(stage, alice), NOBODY);
    await opensNothing(t, stage.browser(), kept);
  });
}

law(
  'a logout begun at samlp by its undeflated Redirect ends everything, and is answered by the form it wants (P1, P2)',
  async (t) => {
    const stage = await stageWithAuth0(t, { deflate: false });
    const { alice, kept } = await inside(t, stage);
    const last = await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
    t.deepEqual(samlHops(stage.curfew, last), ['GET /saml/slo SAMLRequest']);
    t.is(last.status, 200, last.body);
    t.deepEqual(await status(stage, alice), NOBODY);
    await opensNothing(t, stage.browser(), kept);
  },
);

law('a logout at samlp in one browser leaves another browser of the same NameID signed in (P3)', async (t) => {
  const stage = await stageWithAuth0(t);
  const { alice, kept } = await inside(t, stage);
  const other = await inside(t, stage);
  await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
  await opensNothing(t, stage.browser(), kept);
  t.is((await other.alice.visit(stage.curfew.at('mirror'))).status, 200);
});

law('samlp refuses our messages where it knows another key of ours: it does check signatures', async (t) => {
  const stage = await stageWithAuth0(t);
  const { certificate } = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  await stage.idp.behave({ sps: [{ ...participantOf(stage.curfew), cert: certificate }] });
  const refused = await stage.signIn(stage.browser(), stage.curfew.at('mirror'));
  t.is(refused.status, 400);
  t.regex(refused.body, /^samlp: .*signature/i);
});
