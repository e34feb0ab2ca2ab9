// Whoever signs in next on the same browser is a stranger to whoever was there before (P10).

import test from 'ava';
import type { Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { headerValues } from '../support/upstream.ts';
import { signIn, stage, type Stage } from '../support/gateway.ts';

const served = ({ upstream }: Stage): string[] =>
  upstream.requests.flatMap((request) => headerValues(request, 'remote-user'));

test('a person who signs in with a form that waited in another tab ends the session begun meanwhile (P10)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const waiting = await browser.visit(scene.at('wiki'));
  await signIn(browser, 'alice', scene.at('chat'));
  // Bob comes to the browser and uses the form that is still open.
  const page = await browser.settle(await browser.submitForm(waiting, { username: 'bob', password: 'bobpw' }));
  t.is(page.status, 200);
  t.deepEqual(served(scene), ['alice@example.test', 'bob@example.test']);
  await browser.visit(scene.at('chat', '/again'));
  t.is(served(scene).at(-1), 'bob@example.test');
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.true(scene.audit.some((line) => line.event === 'session-ended' && line.reason === 'replaced'));
});

test('a person who comes from the identity provider ends the session of whoever was there before (P10)', async (t) => {
  const scene = await stage(t, { idp: '    allow: { unsolicitedResponse: true }' });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  // Sessions are used and renewed for longer than any sign-in lasts; the nonce must not be forgotten before them.
  for (let visits = 0; visits < 4; visits += 1) {
    scene.clock.advance(25 * 60_000);
    await browser.visit(scene.at('wiki'));
  }
  const nonce = browser.cookies('login.test').find(({ name }) => name === 'curfew-browser')?.value ?? '';
  await browser.submitForm(await browser.visit(`${scene.idp.url}/login`), { username: 'bob', password: 'bobpw' });
  const start = `${scene.idp.url}/start?${new URLSearchParams({ RelayState: scene.at('chat') }).toString()}`;
  const [form] = formsIn((await browser.visit(start)).body, scene.idp.url);
  // As with https: the nonce comes along from another site, the session's cookie does not.
  const posted = await scene.browser().request(form?.action ?? '', {
    method: 'POST',
    body: new URLSearchParams(form?.fields.map(({ name, value }) => [name, value])).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: `curfew-browser=${nonce}` },
  });
  t.is(posted.status, 303);
  t.is((await browser.request(scene.at('wiki'))).status, 303, 'alice is still signed in there');
  t.true(scene.audit.some((line) => line.event === 'session-ended' && line.reason === 'replaced'));
});

test('a person who leaves and another who comes on the same browser meet nothing of each other (P10)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.visit(scene.at('chat'));
  await browser.settle(await browser.visit(scene.at('wiki', '/.curfew/logout')));
  await signIn(browser, 'bob', scene.at('chat', '/mine'));
  await browser.visit(scene.at('wiki', '/mine'));
  t.deepEqual(served(scene).slice(-2), ['bob@example.test', 'bob@example.test']);
});

test('how new a jar must be is said for one session: the next one’s is not waited for', async (t) => {
  const scene = await stage(t);
  const { setCookies } = await scene.browser().request(scene.at('wiki'), { headers: { cookie: 'curfew-jar-wiki=7' } });
  t.true(setCookies.some((line) => /^curfew-jar-wiki=;.*Max-Age=0/.test(line)));
});

test('a sign-in that fails before it has ended who was there before does not hide them from the next (P10, P13)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const forms = [await browser.visit(scene.at('wiki')), await browser.visit(scene.at('wiki'))];
  await signIn(browser, 'alice', scene.at('chat'));
  const nonce = browser.cookies('login.test').find(({ name }) => name === 'curfew-browser')?.value ?? '';
  /** As with https: the nonce comes along from another site, the session's cookie does not. */
  const bobSignsIn = async (form: Page | undefined): Promise<number> => {
    const response =
      form && (await browser.submitForm(form, { username: 'bob', password: 'bobpw' }, { follow: false }));
    const [posted] = formsIn(response?.body ?? '', response?.url ?? scene.idp.url);
    const page = await scene.browser().request(posted?.action ?? '', {
      method: 'POST',
      body: new URLSearchParams(posted?.fields.map(({ name, value }) => [name, value])).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: `curfew-browser=${nonce}` },
    });
    return page.status;
  };
  const { sessions } = scene.running.parts.doors;
  const end = sessions.end.bind(sessions);
  Object.assign(sessions, { end: () => Promise.reject(new Error('the disk is full')) });
  t.is(await bobSignsIn(forms[0]), 500);
  Object.assign(sessions, { end });
  t.is(await bobSignsIn(forms[1]), 303);
  t.is((await browser.request(scene.at('chat'))).status, 303, 'alice is still signed in there');
});
