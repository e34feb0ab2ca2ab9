// Administrators sign in, in a real browser: the page is theirs as long as their session lives, with scripts and without.

import type { Page } from 'playwright-core';
import { stage, type Stage } from '../support/gateway.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { startUpstream } from '../support/upstream.ts';
import { violationsOn } from './axe.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');
const ADMIN = {
  gateway:
    'admin: { url: "http://admin.localhost:${PORT}", access: [{ allow: { attributes: { groups: [admins] } } }] }',
};
const adminOf = ({ url }: Stage): string => `http://admin.localhost:${new URL(url).port}`;

/** At the identity provider's form, where the browser was sent. */
async function signIn(page: Page, user: string): Promise<void> {
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(`${user}pw`);
  await page.getByRole('button').first().click();
}

law(
  'an administrator signs in, acts, and has nothing left on the screen after the LogoutRequest (P1, P8)',
  async (t) => {
    const upstream = await startUpstream((_, answer) => void answer.setHeader('Set-Cookie', 'APPSESSION=1').end());
    t.teardown(() => upstream.close());
    const scene = await stage(t, { ...ADMIN, upstream });
    const bob = await scene.signedIn('bob', scene.at('wiki'));
    const { tab, complaints, picture } = await openChromium(t);
    const page = await tab();
    const admin = adminOf(scene);
    await page.setViewportSize({ width: 1100, height: 560 });
    await page.goto(admin);
    await signIn(page, 'alice');
    await page.getByText('This page changes as people come and go.').waitFor();
    t.is(page.url(), `${admin}/sessions`);
    await page.getByRole('heading', { name: 'alice@example.test (this is you)' }).waitFor();
    await scene.signedIn('bob', scene.at('chat'));
    await page.getByText('3 sessions live').waitFor();
    await page.getByRole('button', { name: 'Sign out everywhere: bob@example.test' }).first().click();
    await page.getByRole('status').waitFor();
    t.is(await page.getByRole('status').innerText(), '2 sessions have ended.');
    t.is((await bob.request(scene.at('wiki'))).status, 303);
    t.like(
      scene.audit.find(({ event }) => event === 'administrator'),
      { by: 'saml', administrator: { nameId: 'alice@example.test' }, nameId: 'bob@example.test', sessionsEnded: 2 },
    );
    for (const [width, scheme] of [
      [1100, 'light'],
      [360, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme: scheme });
      await picture(page, width > 400 ? 'sessions-page-signed-in' : 'sessions-page-phone');
      t.deepEqual(await violationsOn(page), []);
      t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width} scrolls sideways`);
    }
    await page.getByText('This page changes as people come and go.').waitFor();
    // Signed out there as well: nobody is let in again unasked.
    scene.idp.forgetSessions();
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
    await page.locator('input[name=username]').waitFor();
    t.true(page.url().startsWith(scene.idp.url), 'the page has left what it showed for the way to sign in');
    await page.goBack();
    t.notRegex(await page.locator('body').innerText(), /Signed in|bob@/);
    t.deepEqual(complaints(admin), []);
  },
);

law('without scripts an administrator ends their own session too, and is asked to sign in for more', async (t) => {
  const scene = await stage(t, ADMIN);
  const { tab } = await openChromium(t, { scripts: false });
  const page = await tab();
  await page.goto(`${adminOf(scene)}/sessions?q=alice`);
  await signIn(page, 'alice');
  // What a script would post by itself, on the way back from the identity provider.
  for (let posts = 0; posts < 3 && !page.url().startsWith(adminOf(scene)); posts += 1)
    await page.getByRole('button').first().click();
  t.is(page.url(), `${adminOf(scene)}/sessions?q=alice`);
  scene.idp.forgetSessions();
  await page.getByRole('button', { name: 'End session of alice@example.test' }).click();
  await page.locator('input[name=username]').waitFor();
  t.true(page.url().startsWith(scene.idp.url));
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

law('who may not is told so, and sees nothing of it', async (t) => {
  const scene = await stage(t, ADMIN);
  const { tab } = await openChromium(t);
  const page = await tab();
  await page.goto(adminOf(scene));
  await signIn(page, 'bob');
  await page.getByText('ACCESS_DENIED').waitFor();
  t.notRegex(await page.content(), /session-|\/sessions\/end/);
});
