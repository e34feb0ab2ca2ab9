// Pages for which a sign-in of this morning is too long ago: the rule says how old it may be, and the identity provider is asked for one anew.

import test from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, stage, type Stage } from '../support/gateway.ts';

const MINUTE = 60_000;
const APPS = {
  wiki: OPEN('wiki').replace(
    '  - { allow: auth',
    '  - { paths: [/pay/**], forceAuthnAfter: 10m, allow: authenticated }\n  - { allow: auth',
  ),
  chat: OPEN('chat'),
};
const logIn = async (browser: Browser, form: Page, user: string): Promise<Page> =>
  browser.settle(await browser.submitForm(form, { username: user, password: `${user}pw` }));
const forced = (scene: Stage): boolean[] =>
  scene.idp.received.flatMap(({ message }) => (message.kind === 'AuthnRequest' ? [message.forceAuthn] : []));
const status = async (browser: Browser, address: string): Promise<number> => (await browser.request(address)).status;

test('who signed in too long ago signs in anew, also where the identity provider knows them, and the session goes on', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const { sessions } = scene.running.parts.doors;
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [before] = await sessions.findBySubject('corp', 'alice@example.test', []);
  t.is(await status(browser, scene.at('wiki', '/pay/1')), 200, 'she has just signed in');
  scene.clock.advance(11 * MINUTE);
  t.is(await status(browser, scene.at('wiki', '/page')), 200, 'no rule wants it there');
  const form = await browser.visit(scene.at('wiki', '/pay/2?x'));
  t.true(form.url.startsWith(scene.idp.url));
  t.deepEqual(forced(scene), [false, true]);
  const page = await logIn(browser, form, 'alice');
  t.deepEqual([page.status, page.url], [200, scene.at('wiki', '/pay/2?x')]);
  const after = await sessions.findBySubject('corp', 'alice@example.test', []);
  t.deepEqual(
    after.map(({ id }) => id),
    before && [before.id],
  );
  t.is(await status(browser, scene.at('wiki', '/pay/3')), 200, 'once is enough');
});

test('an identity provider that overlooks ForceAuthn opens nothing, and the session stays as it was (saml-core §3.4.1)', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const morning = new Date(scene.clock.now()).toISOString();
  scene.clock.advance(11 * MINUTE);
  scene.idp.vary.response = (fields) => ({
    ...fields,
    assertion: {
      ...fields.assertion,
      authnStatements: fields.assertion?.authnStatements?.map((one) => ({ ...one, authnInstant: morning })),
    },
  });
  const page = await logIn(browser, await browser.visit(scene.at('wiki', '/pay/1')), 'alice');
  t.is(page.headers['x-curfew'], 'SAML_FORCE_AUTHN');
  t.is(scene.upstream.requests.length, 1);
  t.is(await status(browser, scene.at('wiki', '/page')), 200);
  t.is(await status(browser, scene.at('wiki', '/pay/1')), 303);
});

test('signOn.forceAuthn holds every beginning of a session to it', async (t) => {
  const scene = await stage(t, { apps: APPS, idp: '    signOn: { forceAuthn: true }' });
  scene.idp.vary.response = (fields) => ({
    ...fields,
    assertion: {
      ...fields.assertion,
      authnStatements: fields.assertion?.authnStatements?.map((one) => ({
        ...one,
        authnInstant: new Date(scene.clock.now() - 10 * MINUTE).toISOString(),
      })),
    },
  });
  const browser = scene.browser();
  const page = await logIn(browser, await browser.visit(scene.at('wiki')), 'alice');
  t.deepEqual([page.headers['x-curfew'], forced(scene)], ['SAML_FORCE_AUTHN', [true]]);
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('a script is told where to sign in anew, and a link forces nobody where no rule does', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  const script = await browser.request(scene.at('wiki', '/pay/api'), { mode: 'fetch' });
  t.is(script.status, 401);
  t.regex((JSON.parse(script.body) as { signIn: string }).signIn, /[?&]force=(&|$)/);
  const other = await browser.request(`${scene.url}/saml/login?app=chat&force`);
  t.is(other.headers['x-curfew'], 'CONTEXT_UNKNOWN');
});

test('a link that wants a sign-in anew and nothing shown cannot be had: the page itself still asks', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  await browser.settle(await browser.visit(`${scene.url}/saml/login?app=wiki&force&passive`));
  t.deepEqual(forced(scene), [false, false]);
  t.is(await status(browser, scene.at('wiki', '/pay/1')), 303);
});
