// LemonLDAP::NG as the identity provider, as Debian ships it, on Lasso: the one that says a logout by SOAP.

import { newKeys } from '../../demo/identity-provider/keys.ts';
import type { Browser, Page } from '../support/browser.ts';
import { needing } from '../support/needing.ts';
import { inside, keptCookies, leftHere, opensNothing, passively, samlHops, signsOutAtBoth, told } from './laws.ts';
import { isLoginForm, loadParts, stageWithLemonLdap, type LemonLdap } from './lemonldap.ts';
import { carryOn, type Stage } from './stage.ts';

const law = needing('php', 'lemonldap');

/** Signs out at LemonLDAP::NG and loads what its page shows; answers with where each part of the page ended. */
async function leaves({ idp }: Stage<LemonLdap>, person: Browser): Promise<Page[]> {
  return loadParts(person, await person.visit(idp.logoutAddress));
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const errors = (log: string): number => count(log, /\] \[error\]/g);

law('every NameID of LemonLDAP::NG signs in, encrypted or not, however it signs, but not an empty one', async (t) => {
  const { idp, curfew, browser, signIn } = await stageWithLemonLdap(t);
  const generated = /^_[0-9A-F]{32}$/;
  for (const [behaviour, nameId] of [
    [{ nameId: 'email', encrypt: 'none' }, /^dwho@badwolf\.org$/],
    [{ nameId: 'windows', signSso: 0 }, /^dwho$/],
    [{ nameId: 'persistent', encrypt: 'nameid', signSso: -1 }, generated],
    [{ nameId: 'transient', encrypt: 'assertion', signSso: 1, certificateInResponse: true }, generated],
  ] as const) {
    await idp.behave(behaviour);
    const page = await signIn(browser(), curfew.at('mirror', '/index.php?x=1'));
    t.is(page.url, curfew.at('mirror', '/index.php?x=1'), JSON.stringify(behaviour));
    t.like(told(page), { HTTP_X_UID: 'dwho', HTTP_X_DISPLAY_NAME: 'Doctor Who', HTTP_X_GROUPS: 'staff,admins' });
    t.regex(told(page)['HTTP_REMOTE_USER'] ?? '', nameId, JSON.stringify(behaviour));
  }
  t.is(errors(idp.log()), 0);
});

law('a logout begun at LemonLDAP::NG ends everything, by SOAP, Redirect and POST (P1, P2)', async (t) => {
  const stage = await stageWithLemonLdap(t);
  for (const [keeps, hops] of [
    // Its server calls: no browser comes near curfew.
    ['all', []],
    ['SOAP', []],
    ['HTTP-Redirect', ['GET /saml/slo SAMLRequest']],
    ['HTTP-POST', ['POST /saml/slo']],
  ] as const) {
    await stage.idp.behave({ keeps });
    const [{ person, kept }, other] = [await inside(t, stage), await inside(t, stage)];
    const before = stage.idp.log();
    const parts = await leaves(stage, person);
    t.deepEqual(
      parts.map((part) => samlHops(stage.curfew, part)),
      [[...hops]],
      keeps,
    );
    t.regex(parts[0]?.url ?? '', /\/icons\/ok\.png$/, keeps);
    t.false(await stage.idp.knows(person));
    await opensNothing(t, stage.browser(), kept);
    // Another browser of the same person has a SessionIndex of its own (P3).
    t.is((await other.person.visit(stage.curfew.at('mirror'))).url, stage.curfew.at('mirror'), keeps);
    const after = stage.idp.log().slice(before.length);
    t.is(errors(after), 0, keeps);
    t.is(count(after, /Display OK status for SLO on curfew/g), 1, keeps);
    if (hops.length > 0) t.is(count(after, /\] Signature is valid/g), 1, keeps);
  }
  // One that it does not sign ends nothing, and its page says that it failed (P4).
  await stage.idp.behave({ keeps: 'all', signSlo: 0 });
  const { person } = await inside(t, stage);
  const parts = await leaves(stage, person);
  t.deepEqual(
    parts.map(({ url }) => /[^/]+$/.exec(url)?.[0]),
    ['warning.png'],
  );
  t.is((await person.visit(stage.curfew.at('mirror'))).url, stage.curfew.at('mirror'));
});

for (const binding of ['redirect', 'post', 'soap'] as const) {
  law(`signing out at curfew by ${binding} ends the session at LemonLDAP::NG as well (P9)`, async (t) => {
    const stage = await stageWithLemonLdap(t, {}, { idp: `    logout: { binding: ${binding} }` });
    await signsOutAtBoth(t, stage);
    t.is(errors(stage.idp.log()), 0);
  });
}

law(
  'with metadata by address, its key without a certificate, and Responses by artifact, no browser sees an assertion or a logout',
  async (t) => {
    const stage = await stageWithLemonLdap(
      t,
      {},
      {
        by: 'address',
        bareKey: true,
        idp: '    signOn: { responseBinding: artifact }',
      },
    );
    const { curfew, browser, signIn } = stage;
    const person = browser();
    const page = await signIn(person, curfew.at('mirror'));
    t.is(told(page)['HTTP_X_UID'], 'dwho');
    t.is(page.hops.filter(({ url }) => url.includes('/saml/acs?SAMLart=')).length, 1);
    t.false(samlHops(curfew, page).some((hop) => hop.includes('SAMLResponse') || hop.startsWith('POST')));
    const kept = await keptCookies(t, person, [curfew.at('mirror')]);
    await leaves(stage, person);
    await opensNothing(t, browser(), kept);
  },
);

law('ForceAuthn has LemonLDAP::NG ask whom it knows (saml-core §3.4.1)', async (t) => {
  const idp = '    signOn: { forceAuthn: true }\n    logout: { binding: none }';
  const stage = await stageWithLemonLdap(t, {}, { idp });
  const person = await leftHere(t, stage);
  await stage.idp.anHourLater();
  t.true(await stage.idp.knows(person));
  const pay = stage.curfew.at('mirror', '/pay');
  const question = await carryOn(person, await person.visit(pay));
  t.regex(question.body, /askToRenew/);
  const form = await person.submitForm(question);
  t.true(isLoginForm(form));
  const page = await carryOn(person, await person.submitForm(form, { user: 'dwho', password: 'dwho' }));
  t.is(page.url, pay);
  t.is(told(page)['HTTP_X_UID'], 'dwho');
});

law('an AuthnRequest by POST that wants a context is answered with it (saml-core §3.3.2.2.1)', async (t) => {
  const context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
  const idp = `    signOn: { binding: post, authnContext: [${context}] }`;
  const { curfew, browser, signIn } = await stageWithLemonLdap(t, {}, { idp });
  const page = await signIn(browser(), curfew.at('mirror', '/pay'));
  t.is(page.url, curfew.at('mirror', '/pay'));
  t.is(told(page)['HTTP_X_UID'], 'dwho');
});

law('IsPassive signs in whom LemonLDAP::NG knows; whom not it shows its form all the same', async (t) => {
  const stage = await stageWithLemonLdap(t, {}, { idp: '    logout: { binding: none }' });
  const person = await leftHere(t, stage);
  const { curfew } = stage;
  const passive = passively(curfew, '/x');
  const page = await carryOn(person, await person.visit(passive));
  t.is(page.url, curfew.at('mirror', '/x'));
  t.is(told(page)['HTTP_X_UID'], 'dwho');
  // saml-core §3.4.1 forbids the form; who fills it in is signed in all the same.
  const nobody = stage.browser();
  const form = await carryOn(nobody, await nobody.visit(passive));
  t.true(isLoginForm(form));
  const signedIn = await carryOn(nobody, await nobody.submitForm(form, { user: 'dwho', password: 'dwho' }));
  t.is(signedIn.url, curfew.at('mirror', '/x'));
});

law(
  'LemonLDAP::NG verifies our messages by each key that it knows of us, and by no other: that is key rollover',
  async (t) => {
    const stage = await stageWithLemonLdap(t);
    const { idp, curfew, browser, signIn } = stage;
    const published = (await browser().visit(`${curfew.origin}/saml/metadata`)).body;
    const { certificate } = await newKeys('next', new Date('2026-01-01T00:00:00Z'));
    const text = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
    const [descriptor = ''] = /<KeyDescriptor use="signing">.*?<\/KeyDescriptor>/s.exec(published) ?? [];
    const stranger = descriptor.replace(/(X509Certificate>)[^<]+/, `$1${text}`);
    t.not(stranger, descriptor);
    for (const [descriptors, isKnown] of [
      [descriptor + stranger, true],
      [stranger + descriptor, true],
      [stranger, false],
    ] as const) {
      await idp.behave({ serviceProvider: published.replace(descriptor, () => descriptors) });
      const page = await signIn(browser(), curfew.at('mirror'));
      t.is(page.url === curfew.at('mirror'), isKnown, page.url);
    }
    t.regex(idp.log(), /Could not verify signature of incoming SSO request from curfew/);
  },
);
