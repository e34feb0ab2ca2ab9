// Sign-ins that begin at the identity provider: a tile in its portal, a bookmark of its login page (profiles §4.1.5).

import test from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, stage, type Stage } from '../support/gateway.ts';

/** Signs in at the identity provider, and nowhere else. */
async function atIdp(scene: Stage, user = 'alice'): Promise<Browser> {
  const browser = scene.browser();
  await browser.submitForm(await browser.visit(`${scene.idp.url}/login`), { username: user, password: `${user}pw` });
  return browser;
}

/** Presses the tile. */
const start = async (scene: Stage, browser: Browser, relayState?: string): Promise<Page> =>
  browser.visit(
    `${scene.idp.url}/start?${new URLSearchParams(relayState === undefined ? {} : { RelayState: relayState }).toString()}`,
  );
const asked = (scene: Stage): number =>
  scene.idp.received.filter(({ message }) => message.kind === 'AuthnRequest').length;

test('a Response nobody asked for is not believed: its identity provider is asked who is there (profiles §4.1.5)', async (t) => {
  const scene = await stage(t);
  const browser = await atIdp(scene);
  const page = await browser.settle(await start(scene, browser, scene.at('wiki', '/page')));
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/page'));
  t.is(asked(scene), 1);
  t.is(await scene.running.parts.doors.sessions.count(), 1);
});

test('nobody signs others in to an account of theirs: a stolen Response brings the login form', async (t) => {
  const scene = await stage(t);
  const attacker = await atIdp(scene, 'bob');
  const response = await start(scene, attacker, 'wiki');
  const victim = await scene.signedIn('alice', scene.at('wiki'));
  const page = await victim.settle(await victim.submitForm(response));
  t.is(page.url, scene.at('wiki'), 'she is who she was');
  t.deepEqual((await scene.running.parts.doors.sessions.findBySubject('corp', 'bob@example.test', [])).length, 0);
  const stranger = scene.browser();
  const form = await stranger.settle(await stranger.submitForm(response));
  t.true(form.url.startsWith(scene.idp.url));
});

test('RelayState may name an app; where it says nothing of ours, people are shown what there is for them', async (t) => {
  for (const allow of ['', '    allow: { unsolicitedResponse: true }']) {
    const scene = await stage(t, { idp: allow });
    t.is((await by(scene, 'chat')).url, scene.at('chat'), allow);
    for (const nothing of ['nobody', 'http://evil.test/', '//evil.test', 'javascript:alert(1)', undefined]) {
      const page = await by(scene, nothing);
      t.is(page.url, `${scene.url}/saml/apps`, nothing);
      t.regex(page.body, /Where do you want to go\?/);
      t.true(page.body.includes(scene.at('wiki')) && page.body.includes(scene.at('chat')));
    }
  }
});

test('where there is one app, people go there', async (t) => {
  const scene = await stage(t, { apps: { wiki: OPEN('wiki') } });
  t.is((await by(scene, undefined)).url, scene.at('wiki'));
});

test('an identity provider that never says what it answers is asked once, and goes round no loop', async (t) => {
  const scene = await stage(t, {
    identityProvider: {
      vary: {
        response: (fields) => ({
          ...fields,
          inResponseTo: undefined,
          assertion: {
            ...fields.assertion,
            confirmations: fields.assertion?.confirmations?.map((one) => ({ ...one, inResponseTo: undefined })),
          },
        }),
      },
    },
  });
  const browser = await atIdp(scene);
  const page = await browser.settle(await start(scene, browser, 'wiki'));
  t.is(page.headers['x-curfew'], 'SAML_UNSOLICITED');
  t.is(asked(scene), 1);
});

test('an unsigned Response nobody asked for leads nowhere (P4)', async (t) => {
  const scene = await stage(t, { identityProvider: { vary: { signs: 'nothing' } } });
  const browser = await atIdp(scene);
  t.is((await browser.settle(await start(scene, browser, 'wiki'))).headers['x-curfew'], 'SAML_UNSIGNED');
  t.is(asked(scene), 0);
});

async function by(scene: Stage, relayState: string | undefined): Promise<Page> {
  const browser = await atIdp(scene);
  return browser.settle(await start(scene, browser, relayState));
}
