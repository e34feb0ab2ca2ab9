// Pages that ask for more than a password: the rule says how people must have signed in, and who has not is sent to the identity provider again.

import test from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, signIn, stage, type Stage } from '../support/gateway.ts';

const MFA = 'https://refeds.org/profile/mfa';
const APPS = {
  wiki: OPEN('wiki').replace(
    '  - { allow: auth',
    `  - { paths: [/keys/**], authnContext: [${MFA}], allow: authenticated }\n  - { allow: auth`,
  ),
};
const go = async (browser: Browser, address: string): Promise<Page> => browser.settle(await browser.visit(address));
const asked = (scene: Stage): (readonly string[])[] =>
  scene.idp.received.flatMap(({ message }) => (message.kind === 'AuthnRequest' ? [message.contexts] : []));
const logIn = async (browser: Browser, form: Page, user: string): Promise<Page> =>
  browser.settle(await browser.submitForm(form, { username: user, password: `${user}pw` }));

test('who signed in by a password is asked for more where a rule says so, and the session goes on', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const { sessions } = scene.running.parts.doors;
  const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
  const [before] = await sessions.findBySubject('corp', 'alice@example.test', []);
  const form = await browser.visit(scene.at('wiki', '/keys/1?x'));
  t.true(form.url.startsWith(scene.idp.url));
  t.deepEqual(asked(scene), [[], [MFA]]);
  const page = await logIn(browser, form, 'alice');
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/keys/1?x'));
  const [after, second] = await sessions.findBySubject('corp', 'alice@example.test', []);
  t.is(second, undefined);
  t.is(after?.id, before?.id);
  t.is(after?.identity.authnContext, MFA);
  t.is((await go(browser, scene.at('wiki', '/keys/2'))).hops.length, 1, 'once is enough');
});

test('a stranger who opens such a page is asked for it at once', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const page = await signIn(scene.browser(), 'alice', scene.at('wiki', '/keys/1'));
  t.is(page.url.startsWith(scene.idp.url), true, 'the password alone opened the session, not the page');
  const strong = await scene.browser().visit(`${scene.url}/saml/login?app=wiki&context=${encodeURIComponent(MFA)}`);
  t.true(strong.url.startsWith(scene.idp.url));
  t.deepEqual(asked(scene).at(-1), [MFA]);
});

test('an answer without what was asked for opens nothing and goes round no loop', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.idp.vary.response = (fields) => ({
    ...fields,
    assertion: {
      ...fields.assertion,
      authnStatements: fields.assertion?.authnStatements?.map((one) => ({ ...one, contextClass: 'urn:weak' })),
    },
  });
  const page = await logIn(browser, await browser.visit(scene.at('wiki', '/keys/1')), 'alice');
  t.is(page.headers['x-curfew'], 'SAML_AUTHN_CONTEXT');
  t.is(scene.upstream.requests.length, 1);
  t.is((await go(browser, scene.at('wiki', '/page'))).status, 200, 'the session lives as it was');
});

test('somebody else who signs in for it takes the session’s place (P10)', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const { sessions } = scene.running.parts.doors;
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await logIn(browser, await browser.visit(scene.at('wiki', '/keys/1')), 'bob');
  t.deepEqual(await sessions.findBySubject('corp', 'alice@example.test', []), []);
  t.is(await sessions.count(), 1);
});

test('a script is told where to sign in for it, and a link asks for nothing that no rule asks for', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const script = await browser.request(scene.at('wiki', '/keys/api'), { mode: 'fetch' });
  t.is(script.status, 401);
  t.true((JSON.parse(script.body) as { signIn: string }).signIn.includes(`context=${encodeURIComponent(MFA)}`));
  const other = await browser.request(`${scene.url}/saml/login?app=wiki&context=urn:x`);
  t.is(other.headers['x-curfew'], 'CONTEXT_UNKNOWN');
});

test('a form that needs more is kept until its person has shown it', async (t) => {
  const scene = await stage(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const form = await browser.visit(scene.at('wiki', '/keys/save'), {
    method: 'POST',
    body: 'key=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    from: scene.at('wiki', '/edit'),
  });
  const page = await logIn(browser, form, 'alice');
  t.is(page.status, 200);
  t.deepEqual(
    scene.upstream.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.toString()),
    ['key=1'],
  );
});
