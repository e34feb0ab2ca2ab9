// SimpleSAMLphp as the identity provider, DokuWiki as the application: both as Debian ships them.

import type { ExecutionContext } from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { needing } from '../support/needing.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { pretendServiceProvider } from '../support/service-provider.ts';
import { keptCookies, opensNothing, passively, samlHops, told } from './laws.ts';
import type { SimpleSamlPhp } from './simplesamlphp.ts';
import { carryOn, stageWithSimpleSamlPhp, type Stage } from './stage.ts';

const law = needing('php', 'simplesamlphp', 'dokuwiki');

/** Signed in, with both applications opened; `kept` are the cookies that opened them. */
async function insideBoth(t: ExecutionContext, { curfew, browser, signIn }: Stage<SimpleSamlPhp>) {
  const alice = browser();
  const [wiki, mirror] = [curfew.at('wiki', '/doku.php?id=start'), curfew.at('mirror')];
  await signIn(alice, wiki);
  await carryOn(alice, await alice.visit(mirror));
  return { alice, kept: await keptCookies(t, alice, [wiki, mirror]) };
}

/** SimpleSAMLphp shows its login form to whoever has no session there. */
async function isSignedInAt(idp: SimpleSamlPhp, person: Browser): Promise<boolean> {
  return !isLoginForm(await person.visit(idp.homeAddress));
}

const isLoginForm = ({ body }: Page): boolean => /name="password"/.test(body);

/** It verified our answer (`validate.logout`), read Success in it, and nothing went wrong on the way. */
async function believedOurAnswer(t: ExecutionContext, { idp, curfew }: Stage<SimpleSamlPhp>): Promise<void> {
  const log = await idp.log();
  t.regex(log, new RegExp(`Received SAML 2\\.0 LogoutResponse from: '${curfew.origin}/saml/metadata'`));
  // An EncryptedID makes an address long.
  t.notRegex(log, / (ERROR|WARNING) (?!.*Redirecting to a URL longer than 2048)|Unsuccessful logout/);
}

for (const [sign, nameId, pattern] of [
  ['assertion', 'transient', /^_[0-9a-f]{42}$/],
  ['response', 'persistent', /^[0-9a-f]{40}$/],
  ['both', 'emailAddress', /^alice@example\.test$/],
] as const) {
  law(
    `a Response with ${sign} signed and NameID ${nameId} signs in, and the application is told who it is`,
    async (t) => {
      const { curfew, browser, signIn } = await stageWithSimpleSamlPhp(t, { sign, nameId });
      const alice = browser();
      const page = await signIn(alice, curfew.at('mirror', '/index.php?x=1'));
      t.is(page.url, curfew.at('mirror', '/index.php?x=1'));
      t.like(told(page), {
        HTTP_X_UID: 'alice',
        HTTP_X_DISPLAY_NAME: 'Alice Möller',
        HTTP_X_GROUPS: 'staff,admins',
        QUERY_STRING: 'x=1',
      });
      t.regex(told(page)['HTTP_REMOTE_USER'] ?? '', pattern);
      t.notRegex(told(page)['HTTP_COOKIE'] ?? '', /curfew/);
    },
  );
}

for (const sign of ['assertion', 'response'] as const) {
  law(`a Response with ${sign} signed that is fetched for an artifact signs in, and no browser sees it`, async (t) => {
    const idp = '    signOn: { responseBinding: artifact }';
    const { curfew, browser, signIn } = await stageWithSimpleSamlPhp(t, { sign, artifact: true }, { idp });
    const page = await signIn(browser(), curfew.at('mirror'));
    t.is(page.url, curfew.at('mirror'));
    t.is(told(page)['HTTP_X_UID'], 'alice');
    t.is(page.hops.filter(({ url }) => url.includes('/saml/acs?SAMLart=')).length, 1);
    t.false(samlHops(curfew, page).some((hop) => hop.includes('SAMLResponse') || hop.startsWith('POST')));
  });
}

law('DokuWiki behind curfew is DokuWiki: pages, scripts, styles, and its own login', async (t) => {
  const { curfew, browser, signIn } = await stageWithSimpleSamlPhp(t);
  const alice = browser();
  const page = await signIn(alice, curfew.at('wiki', '/doku.php?id=start'));
  t.is(page.status, 200);
  t.regex(page.body, /<meta name="generator" content="DokuWiki"\/>/);
  t.regex(page.body, /Older than the gateway\./);
  t.notRegex(page.body, /127\.0\.0\.1:\d/);

  const sources = [...page.body.matchAll(/(?:src|href)="(\/lib\/exe\/(?:css|js|jquery)\.php[^"]*)"/g)];
  t.true(sources.length >= 3);
  for (const [, source = ''] of sources) {
    const part = await alice.visit(new URL(source.replaceAll('&amp;', '&'), page.url).href, { mode: 'fetch' });
    t.is(part.status, 200, source);
    t.true(part.bytes.length > 1000, source);
  }

  const form = await alice.visit(curfew.at('wiki', '/doku.php?id=start&do=login'));
  const inside = await alice.submitForm(form, { u: 'alice', p: 'wikipw' }, { form: 'dw__login' });
  t.regex(inside.body, /Logged in as:.*Alice Moeller/s);

  const editor = await alice.visit(curfew.at('wiki', '/doku.php?id=notes&do=edit'));
  const text = 'Möwen & Käse, written through the gateway.';
  const saved = await alice.submitForm(editor, { wikitext: text }, { form: 'dw__editform', button: 'do[save]' });
  t.true(saved.body.includes('Möwen &amp; Käse, written through the gateway.'), saved.url);
});

law('a logout begun at SimpleSAMLphp by Redirect ends everything (P1, P2)', async (t) => {
  const stage = await stageWithSimpleSamlPhp(t);
  const { alice, kept } = await insideBoth(t, stage);
  const last = await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
  t.deepEqual(samlHops(stage.curfew, last), ['GET /saml/slo SAMLRequest']);
  t.true(isLoginForm(last));
  await opensNothing(t, stage.browser(), kept);
  await believedOurAnswer(t, stage);
});

for (const [encrypt, sign] of [
  ['assertion', 'response'],
  ['assertion', 'both'],
  ['nameId', 'assertion'],
  ['both', 'both'],
] as const) {
  law(
    `where SimpleSAMLphp encrypts ${encrypt} and signs ${sign}, signing in and a logout begun there work (saml-core §6)`,
    async (t) => {
      const stage = await stageWithSimpleSamlPhp(t, { encrypt, sign, nameId: 'persistent' });
      const { alice, kept } = await insideBoth(t, stage);
      const page = await alice.visit(stage.curfew.at('mirror'));
      t.like(told(page), { HTTP_X_UID: 'alice', HTTP_X_DISPLAY_NAME: 'Alice Möller' });
      t.regex(told(page)['HTTP_REMOTE_USER'] ?? '', /^[0-9a-f]{40}$/);
      await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
      await opensNothing(t, stage.browser(), kept);
      await believedOurAnswer(t, stage);
    },
  );
}

law(
  'an assertion that SimpleSAMLphp encrypts with AES-CBC is refused without a signature around it (xmlenc-core1 §6.1)',
  async (t) => {
    const { curfew, browser, signIn } = await stageWithSimpleSamlPhp(t, { encrypt: 'assertion', sign: 'assertion' });
    const page = await signIn(browser(), curfew.at('mirror'));
    t.is(page.headers['x-curfew'], 'SAML_ENCRYPTION_ALGORITHM');
  },
);

law('a logout begun at SimpleSAMLphp by POST ends everything (P1, P2)', async (t) => {
  const stage = await stageWithSimpleSamlPhp(t, { keeps: 'HTTP-POST', accepts: ['HTTP-POST'], nameId: 'persistent' });
  const { alice, kept } = await insideBoth(t, stage);
  const last = await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
  t.deepEqual(samlHops(stage.curfew, last), ['POST /saml/slo']);
  t.true(isLoginForm(last));
  await opensNothing(t, stage.browser(), kept);
  await believedOurAnswer(t, stage);
});

law('a logout at SimpleSAMLphp ends the sessions of that sign-in, and no other browser’s (P3)', async (t) => {
  const stage = await stageWithSimpleSamlPhp(t, { nameId: 'emailAddress' });
  const { alice, kept } = await insideBoth(t, stage);
  const other = await insideBoth(t, stage);
  await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
  await opensNothing(t, stage.browser(), kept);
  t.is((await other.alice.visit(stage.curfew.at('mirror'))).status, 200);
});

for (const binding of ['redirect', 'post'] as const) {
  law(`signing out at curfew by ${binding} ends the session at SimpleSAMLphp as well (P9)`, async (t) => {
    const stage = await stageWithSimpleSamlPhp(t, {}, { idp: `    logout: { binding: ${binding} }` });
    const { alice, kept } = await insideBoth(t, stage);
    t.true(await isSignedInAt(stage.idp, alice));
    const page = await carryOn(alice, await alice.visit(stage.curfew.at('wiki', '/.curfew/logout')));
    t.is(page.status, 200);
    t.regex(page.body, /Your identity provider has signed you out as well/);
    t.false(await isSignedInAt(stage.idp, alice));
    await opensNothing(t, stage.browser(), kept);
    t.notRegex(await stage.idp.log(), / (ERROR|WARNING) /);
  });
}

/** alice, whose session here has ended and whose session at SimpleSAMLphp lives on. */
async function leftHere(t: ExecutionContext, signOn: string) {
  const stage = await stageWithSimpleSamlPhp(t, {}, { idp: `${signOn}    logout: { binding: none }` });
  const alice = stage.browser();
  await stage.signIn(alice, stage.curfew.at('mirror'));
  await alice.visit(stage.curfew.at('mirror', '/.curfew/logout'));
  t.true(await isSignedInAt(stage.idp, alice));
  return { stage, alice };
}

law('ForceAuthn has SimpleSAMLphp ask whom it knows, and its AuthnInstant is of then (saml-core §3.4.1)', async (t) => {
  const { stage, alice } = await leftHere(t, '    signOn: { forceAuthn: true }\n');
  const form = await alice.visit(stage.curfew.at('mirror', '/pay'));
  t.true(isLoginForm(form));
  const page = await carryOn(alice, await alice.submitForm(form, { username: 'alice', password: 'alicepw' }));
  t.is(page.url, stage.curfew.at('mirror', '/pay'));
  t.is(told(page)['HTTP_X_UID'], 'alice');
});

law(
  'IsPassive shows nothing: whom SimpleSAMLphp knows is signed in, and whom not comes back without (saml-core §3.4.1)',
  async (t) => {
    const { stage, alice } = await leftHere(t, '');
    const { curfew } = stage;
    const passive = passively(curfew, '/x');
    const page = await carryOn(alice, await alice.visit(passive));
    t.is(page.url, curfew.at('mirror', '/x'));
    t.is(told(page)['HTTP_X_UID'], 'alice');

    const nobody = stage.browser();
    const back = await carryOn(nobody, await nobody.visit(passive));
    // NoPassive, and the page itself asks in its turn, this time with a form.
    const asked = back.hops.filter(({ url }) => url.includes('SAMLRequest='));
    t.is(asked.length, 2);
    t.true(back.hops.some(({ url }) => url === curfew.at('mirror', '/x')));
    t.true(isLoginForm(back));
    t.regex(await stage.idp.log(), /NoPassive|Passive authentication/i);
  },
);

law('SimpleSAMLphp refuses our messages where it knows another key of ours: it does check signatures', async (t) => {
  const stage = await stageWithSimpleSamlPhp(t);
  const { alice } = await insideBoth(t, stage);
  const [published, stranger] = [
    (await alice.visit(`${stage.curfew.origin}/saml/metadata`)).body,
    pretendServiceProvider(await newKeys('stranger', new Date('2026-01-01T00:00:00Z'))),
  ];
  const certificate = /<ds:X509Certificate>([^<]+)</.exec(stranger.metadata)?.[1] ?? '';
  await stage.idp.know('curfew', published.replaceAll(/(<(?:\w+:)?X509Certificate>)[^<]+/g, `$1${certificate}`));
  const bob = stage.browser();
  const refused = await bob.visit(stage.curfew.at('mirror'));
  t.false(isLoginForm(refused));
  const unanswered = await carryOn(alice, await alice.visit(stage.idp.logoutAddress));
  t.false(isLoginForm(unanswered));
  const log = await stage.idp.log();
  t.is(log.match(/Caused by: Exception: Unable to validate signature/g)?.length, 2);
});
