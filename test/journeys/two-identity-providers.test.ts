// Several identity providers: each app says whose people may use it, people choose where they sign in, and nobody of one is taken for
// somebody of another.

import test from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';

const APPS = { wiki: FOR('wiki', 'corp', 'partner'), chat: FOR('chat', 'partner'), mail: FOR('mail', 'corp') };

/** The addresses of the choice page, in their order. */
const choices = ({ body, url }: Page): string[] =>
  [...body.matchAll(/<a href="([^"]+)">/g)].map(([, address = '']) =>
    new URL(address.replaceAll('&#38;', '&'), url).toString(),
  );

const idpsOf = (page: Page): (string | null)[] =>
  choices(page).map((address) => new URL(address).searchParams.get('idp'));

/** Fills in the login form that the browser is shown. */
const logIn = async (browser: Browser, form: Page, user = 'alice'): Promise<Page> =>
  browser.settle(await browser.submitForm(form, { username: user, password: `${user}pw` }));

test('an app of several identity providers asks where people sign in, and takes them there', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const browser = scene.browser();
  const page = await browser.visit(scene.at('wiki', '/page?x=1'));
  t.is(page.status, 200);
  t.regex(page.body, /Where do you sign in\?/);
  t.regex(page.body, /Partner &#38; Sons/);
  t.notRegex(page.body, /<script/);
  t.deepEqual(idpsOf(page), ['corp', 'partner']);
  const form = await browser.visit(choices(page)[1] ?? '');
  t.true(form.url.startsWith(scene.partner.url));
  const back = await logIn(browser, form);
  t.is(back.url, scene.at('wiki', '/page?x=1'));
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'x-idp'), ['partner']);
});

test('the last choice is remembered and offered first; what is not offered is nobody’s choice', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const browser = scene.browser();
  const page = await browser.visit(scene.at('wiki'));
  await browser.visit(choices(page)[1] ?? '');
  t.deepEqual(idpsOf(await browser.visit(scene.at('wiki'))), ['partner', 'corp']);
  const cookie = browser.cookies('login.test').find(({ name }) => name === 'curfew-idp');
  t.like(cookie, { value: 'partner', httpOnly: true, hostOnly: true, sameSite: 'lax' });
  for (const value of ['nobody', '"><script>', 'corp; x', '']) {
    const stranger = scene.browser();
    const asked = await stranger.request(`${scene.url}/saml/login?app=wiki`, {
      headers: { cookie: `curfew-idp=${value}` },
    });
    t.is(asked.status, 200);
    t.deepEqual(idpsOf(asked), ['corp', 'partner'], value);
  }
});

test('`idp` chooses without being asked, and only what the app offers', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const browser = scene.browser();
  const chosen = await browser.visit(`${scene.url}/saml/login?app=wiki&idp=partner`);
  t.true(chosen.url.startsWith(scene.partner.url));
  for (const [app, idp] of [
    ['mail', 'partner'],
    ['wiki', 'nobody'],
    ['wiki', ''],
    ['wiki', '__proto__'],
  ]) {
    const page = await scene.browser().request(`${scene.url}/saml/login?app=${app}&idp=${idp}`);
    t.is(page.status, 400, idp);
    t.is(page.headers['x-curfew'], 'IDP_NOT_OFFERED');
    t.false(
      page.setCookies.some((line) => line.startsWith('curfew-idp')),
      'what is refused is not remembered',
    );
  }
});

test('a session of one identity provider opens no app of another: there the person signs in anew, and the first session ends (P10)', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const { sessions } = scene.running.parts.doors;
  const browser = await scene.signedIn('alice', scene.at('mail'));
  t.is((await browser.visit(scene.at('wiki'))).status, 200, 'the wiki lets her in as well');
  const form = await browser.visit(scene.at('chat'));
  t.true(form.url.startsWith(scene.partner.url), 'the chat is for people of the partner');
  t.is(scene.upstream.requests.length, 2);
  await logIn(browser, form, 'bob');
  t.is(await sessions.count(), 1, 'one browser is one person');
  t.is((await browser.request(scene.at('mail'))).status, 303);
});

test('whoever names another identity provider signs in there, also with a session that would do', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const browser = await scene.signedIn('alice', scene.at('mail'));
  const address = `${scene.url}/saml/login?app=wiki&idp=`;
  t.true((await browser.visit(`${address}corp`)).url.startsWith(scene.at('wiki')));
  t.true((await browser.visit(`${address}partner`)).url.startsWith(scene.partner.url));
});

test('the same NameID at two identity providers is two people: a logout of one leaves the other in (P2, P3)', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const here = await scene.signedIn('alice', scene.at('mail'));
  const there = scene.browser();
  await logIn(there, await there.visit(scene.at('chat')));
  const { sessions } = scene.running.parts.doors;
  t.is(await sessions.count(), 2);
  const [report] = await scene.partner.signOutEverywhere('alice');
  t.is(report?.codes[0], 'urn:oasis:names:tc:SAML:2.0:status:Success');
  t.is((await there.request(scene.at('chat'))).status, 303);
  t.is((await here.request(scene.at('mail'))).status, 200);
  // The tombstone of one keeps nobody of the other out.
  const again = scene.browser();
  await logIn(again, await again.visit(scene.at('mail')));
  t.is((await again.request(scene.at('mail'))).status, 200);
  t.is(await sessions.count(), 2);
});

test('the same NameID at two identity providers has two jars: neither meets the other’s application session (P10)', async (t) => {
  const upstream = await startUpstream(
    (_request, response) => void response.setHeader('set-cookie', 'APPSESSION=of-alice-at-corp; Path=/').end('ok'),
  );
  t.teardown(() => upstream.close());
  const scene = await stageWithPartner(t, { apps: APPS, upstream });
  const cookiesSent = (): string[] =>
    upstream.requests.at(-1)?.rawHeaders.filter((text) => text.includes('APPSESSION')) ?? [];
  const browser = await scene.signedIn('alice', scene.at('mail'));
  await browser.visit(scene.at('wiki'));
  await browser.visit(scene.at('wiki'));
  t.is(cookiesSent().length, 1, 'her own comes back to her');
  await logIn(browser, await browser.visit(`${scene.url}/saml/login?app=wiki&idp=partner`));
  t.deepEqual(cookiesSent(), []);
});

test('a Response of one identity provider answers no question to another', async (t) => {
  const scene = await stageWithPartner(t, { apps: APPS });
  const browser = scene.browser();
  const form = await browser.visit(`${scene.url}/saml/login?app=wiki&idp=corp`);
  const asked = scene.idp.received.at(-1)?.message.id;
  // The partner signs, in all correctness, what it was never asked.
  scene.partner.vary.response = (fields) => ({
    ...fields,
    inResponseTo: asked,
    assertion: {
      ...fields.assertion,
      confirmations: fields.assertion?.confirmations?.map((one) => ({ ...one, inResponseTo: asked })),
    },
  });
  t.true(form.url.startsWith(scene.idp.url));
  const other = await browser.visit(`${scene.url}/saml/login?app=wiki&idp=partner`);
  const page = await logIn(browser, other);
  t.is(page.headers['x-curfew'], 'SAML_IN_RESPONSE_TO');
});

test('what the credentials file has for somebody is given to nobody of that name at another identity provider (P11)', async (t) => {
  const wiki = `${FOR('wiki', 'corp', 'partner')}  basic: { username: "\${credentials.user}", password: x }\n`;
  const scene = await stageWithPartner(t, {
    apps: { wiki: `${wiki}signIn: { credentials: people.txt }\n` },
    files: { 'people.txt': 'corp/alice@example.test: { user: al }\n' },
  });
  const told: string[][] = [];
  for (const at of [0, 1]) {
    const browser = scene.browser();
    const form = await browser.visit(choices(await browser.visit(scene.at('wiki')))[at] ?? '');
    t.is((await logIn(browser, form)).status, 200);
    const last = scene.upstream.requests.at(-1);
    told.push(last === undefined ? [] : headerValues(last, 'authorization'));
  }
  t.deepEqual(told, [[`Basic ${Buffer.from('al:x').toString('base64')}`], []]);
});
