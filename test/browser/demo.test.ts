// The demonstration's story in a real browser: real cookies, real WebSockets, real content security policy.

import type { Page } from 'playwright-core';
import { openScene } from '../../demo/scene.ts';
import { needing } from '../support/needing.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');

/** Fills in the identity provider's form, wherever the page has been sent to. */
async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(`${name}pw`);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const isSignIn = (page: Page): Promise<boolean> => page.getByLabel('User name').isVisible();

law(
  'alice signs in once, opens both applications, signs out everywhere, and nothing is left open (P1, P8)',
  async (t) => {
    const trouble: string[] = [];
    const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: (text) => trouble.push(text) });
    t.teardown(() => scene.close());
    const { at, idp } = scene;
    const { tab, picture, context } = await openChromium(t);

    const wiki = await tab();
    await wiki.goto(`${at.wiki}/history`);
    await signInAs(wiki, 'alice');
    await wiki.waitForURL(`${at.wiki}/history`);
    t.is(await wiki.locator('#user').textContent(), 'alice@example.test');
    await wiki.locator('#time').filter({ hasText: 'T' }).waitFor();

    const chat = await tab();
    await chat.goto(at.chat);
    t.is(await chat.locator('#user').textContent(), 'alice@example.test');
    await chat.locator('#state', { hasText: 'connected' }).waitFor();
    await chat.getByLabel('Say something').fill('Grüße');
    await chat.getByRole('button', { name: 'Send' }).click();
    await chat.locator('#said', { hasText: 'echo Grüße' }).waitFor();

    // No script of an application can read the session.
    t.is(await chat.evaluate('document.cookie'), '');
    const cookies = (await context.cookies()).filter(({ name }) => name === 'curfew');
    t.true(cookies.length >= 2);
    for (const { httpOnly, sameSite } of cookies)
      t.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: 'Lax' });

    // Resolves with what scripts are told of the end.
    const told = chat.evaluate<{ code: number; reason: string; wasClean: boolean }>(`new Promise((resolve) => {
      new WebSocket(address).onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean });
    })`);
    const home = await tab();
    await home.goto(idp.url);
    await home.getByRole('button', { name: 'Sign out everywhere' }).click();
    await home.getByText('is signed out here and everywhere').waitFor();
    await chat.locator('#state', { hasText: 'connection closed' }).waitFor();
    t.deepEqual(await told, { code: 4401, reason: 'signed out', wasClean: true });
    await wiki.locator('#stream', { hasText: 'stream closed' }).waitFor();
    await picture(chat, 'chat-cut');

    await wiki.goto(`${at.wiki}/how-to`);
    t.true(await isSignIn(wiki));
    await wiki.goBack();
    t.true(await isSignIn(wiki), wiki.url());
    await chat.reload();
    t.true(await isSignIn(chat));

    t.deepEqual(trouble, []);
  },
);

law('our pages keep to their own content security policy, and are themselves in it', async (t) => {
  const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: () => {} });
  t.teardown(() => scene.close());
  const { at, idp } = scene;
  const { tab, complaints, picture } = await openChromium(t);
  const page = await tab();

  const failed = await page.goto(`${at.login}/saml/login?app=wiki&return=http://elsewhere.example/`);
  t.is(failed?.status(), 400);
  await page.getByText('RETURN_REFUSED').waitFor();
  t.not(await page.evaluate("getComputedStyle(document.querySelector('main')).borderRadius"), '0px');
  await picture(page, 'sign-in-error');
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'sign-in-error-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  // Our form that sends itself: its one script is named in the policy by its hash.
  await page.goto(at.wiki);
  await signInAs(page, 'alice');
  await page.waitForURL(`${at.wiki}/`);
  await page.goto(idp.url);
  await page.getByRole('button', { name: 'through this browser, by form POST' }).click();
  await page.getByText('is signed out here and everywhere').waitFor();

  await page.goto(at.wiki);
  await signInAs(page, 'alice');
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await picture(page, 'signed-out');
  await page.setViewportSize({ width: 320, height: 560 });
  await picture(page, 'signed-out-narrow');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await page.getByLabel('User name').waitFor();

  t.deepEqual(complaints(at.login, at.wiki), []);
});

law('without scripts a button carries the message on (saml-bindings §3.5.4)', async (t) => {
  const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: () => {} });
  t.teardown(() => scene.close());
  const { at, idp } = scene;
  const { tab, picture } = await openChromium(t, { scripts: false });
  const page = await tab();
  await page.goto(at.wiki);
  await signInAs(page, 'alice');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${at.wiki}/`);
  await page.goto(idp.url);
  await page.getByRole('button', { name: 'through this browser, by form POST' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  t.true(page.url().startsWith(`${at.login}/saml/slo`));
  await picture(page, 'auto-post');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('is signed out here and everywhere').waitFor();
  await page.goto(at.wiki);
  t.true(await isSignIn(page));
});
