// pysaml2 as the identity provider: messages written by ElementTree and signed by xmlsec1, queries encoded by Python.

import { newKeys } from '../../demo/identity-provider/keys.ts';
import { needing } from '../support/needing.ts';
import { pretendServiceProvider } from '../support/service-provider.ts';
import { inside, leftHere, opensNothing, passively, samlHops, signsOutAtBoth, told } from './laws.ts';
import { FORMATS, registerAt, SHA1, stageWithPysaml2 } from './pysaml2.ts';
import { carryOn } from './stage.ts';

const law = needing('php', 'pysaml2');
// Its attributes have object identifiers for names, and ours as FriendlyName.
const SETTINGS = { idp: '    allow: { tripleDes: true }\n    attributes: { uid: uid, displayName: displayName }' };

law(
  'every NameID of pysaml2 signs in, and an encrypted assertion inside a signed Response where 3DES is allowed',
  async (t) => {
    const { idp, curfew, browser, signIn } = await stageWithPysaml2(t, {}, SETTINGS);
    const generated = /^[0-9a-f]{64}$/;
    for (const [behaviour, nameId] of [
      [{ sign: 'assertion' }, generated],
      [{ sign: 'response', nameId: FORMATS.transient }, generated],
      [{ sign: 'both', nameId: FORMATS.emailAddress }, /^[0-9a-f]{64}@example\.test$/],
      [{ sign: 'both', encrypt: true }, /@example\.test$/],
    ] as const) {
      await idp.behave(behaviour);
      const page = await signIn(browser(), curfew.at('mirror', '/index.php?x=1'));
      t.is(page.url, curfew.at('mirror', '/index.php?x=1'), JSON.stringify(behaviour));
      t.like(told(page), { HTTP_X_UID: 'alice', HTTP_X_DISPLAY_NAME: 'Alice Möller', HTTP_X_GROUPS: 'staff,admins' });
      t.regex(told(page)['HTTP_REMOTE_USER'] ?? '', nameId, JSON.stringify(behaviour));
    }
    for (const [behaviour, verdict] of [
      // No signature around what is encrypted by CBC (xmlenc-core1 §6.1).
      [{ sign: 'assertion', encrypt: true }, 'SAML_ENCRYPTION_ALGORITHM'],
      // What it signs by where nobody tells it otherwise.
      [{ encrypt: false, algorithms: SHA1 }, 'SAML_SIGNATURE_ALGORITHM'],
    ] as const) {
      await idp.behave(behaviour);
      t.is((await signIn(browser(), curfew.at('mirror'))).headers['x-curfew'], verdict);
    }
  },
);

law(
  'a logout begun at pysaml2 by Redirect, POST and SOAP ends everything, and it believes our answer (P1, P2)',
  async (t) => {
    const stage = await stageWithPysaml2(t);
    const { idp, curfew, browser } = stage;
    for (const [behaviour, hop] of [
      [{ logout: 'redirect' }, 'GET /saml/slo SAMLRequest'],
      // By itself it then signs in the XML and in the query.
      [{ logout: 'redirect', sign: 'both' }, 'GET /saml/slo SAMLRequest'],
      [{ logout: 'post' }, 'POST /saml/slo'],
      [{ logout: 'soap' }, undefined],
      [{ logout: 'soap', namesSessions: false }, undefined],
    ] as const) {
      await idp.behave(behaviour);
      const [{ person, kept }, other] = [await inside(t, stage), await inside(t, stage)];
      const last = await carryOn(person, await person.visit(idp.logoutAddress));
      t.regex(last.body, /signed out: urn:oasis:names:tc:SAML:2\.0:status:Success/, JSON.stringify(behaviour));
      t.deepEqual(samlHops(curfew, last), hop === undefined ? [] : [hop]);
      await opensNothing(t, browser(), kept);
      // Where no SessionIndex is named, every session of the person goes (P3).
      const isLeft = (await other.person.request(curfew.at('mirror'))).status === 200;
      t.is(isLeft, !('namesSessions' in behaviour));
    }
  },
);

for (const binding of ['redirect', 'post', 'soap'] as const) {
  law(`signing out at curfew by ${binding} ends the session at pysaml2 as well (P9)`, async (t) => {
    const stage = await stageWithPysaml2(t, { sign: 'both' }, { idp: `    logout: { binding: ${binding} }` });
    await signsOutAtBoth(t, stage);
  });
}

law(
  'IsPassive shows nothing, and an AuthnRequest by POST is verified: by another key pysaml2 refuses it',
  async (t) => {
    const stage = await stageWithPysaml2(
      t,
      {},
      { idp: '    signOn: { binding: post }\n    logout: { binding: none }' },
    );
    const { curfew, browser } = stage;
    const passive = passively(curfew, '/x');
    const alice = await leftHere(t, stage);
    t.is((await carryOn(alice, await alice.visit(passive))).url, curfew.at('mirror', '/x'));
    // NoPassive, and then the page asks in its turn, with a form.
    const nobody = browser();
    const form = await carryOn(nobody, await nobody.visit(passive));
    t.true(form.hops.some(({ url }) => url === curfew.at('mirror', '/x')));
    t.regex(form.body, /name="password"/);

    const stranger = pretendServiceProvider(await newKeys('stranger', new Date('2026-01-01T00:00:00Z')));
    const certificate = /<ds:X509Certificate>([^<]+)</.exec(stranger.metadata)?.[1] ?? '';
    await registerAt(stage, (metadata) => metadata.replaceAll(/(X509Certificate>)[^<]+/g, `$1${certificate}`));
    const bob = browser();
    t.regex((await carryOn(bob, await bob.visit(curfew.at('mirror')))).body, /^pysaml2: IncorrectlySigned/);
  },
);
