// A login ends while somebody writes, in a real browser: real Fetch Metadata, real forms, real history.

import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { openScene, type Scene } from '../../demo/scene.ts';
import { stageWithLegacyApps } from '../interop/stage.ts';
import { needing } from '../support/needing.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');
const lawOfDokuWiki = needing('chromium', 'php', 'simplesamlphp', 'dokuwiki', 'adminer');

const TEXT = 'Grüße,\n  „zweite Zeile“ & <mehr>\n';

async function sceneFor(t: ExecutionContext): Promise<Scene> {
  const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: () => {} });
  t.teardown(() => scene.close());
  return scene;
}

async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(`${name}pw`);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Alice writes a note; while she does, the identity provider signs her out. She presses the button. */
async function postsTooLate({ at, idp }: Scene, page: Page): Promise<void> {
  await page.goto(`${at.wiki}/notes`);
  await signInAs(page, 'alice');
  await goesOn(page);
  await page.getByLabel('A note').fill(TEXT);
  await idp.signOutEverywhere('alice');
  await page.getByRole('button', { name: 'Post' }).click();
  await page.getByLabel('User name').waitFor();
}

/** Where scripts are off, the identity provider's button has to be pressed. */
async function goesOn(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Continue' });
  await page
    .getByLabel('A note')
    .or(button)
    .or(page.getByRole('heading', { name: /form/ }))
    .first()
    .waitFor();
  if (await button.isVisible()) await button.click();
}

law('what alice wrote while she was signed out arrives once, when she is back', async (t) => {
  const scene = await sceneFor(t);
  const { at, wiki } = scene;
  const { tab, complaints, picture } = await openChromium(t);
  const page = await tab();
  await postsTooLate(scene, page);
  t.deepEqual(wiki.notes(), []);
  await signInAs(page, 'alice');
  await page.waitForURL(`${at.wiki}/notes`);
  await page.locator('.card', { hasText: 'zweite Zeile' }).waitFor();
  await picture(page, 'kept-form-arrived');
  const arrived = [{ by: 'alice@example.test', text: TEXT.replaceAll('\n', '\r\n') }];
  t.deepEqual(wiki.notes(), arrived);
  await page.reload();
  await page.goBack();
  await page.waitForLoadState();
  t.deepEqual(wiki.notes(), arrived);
  t.deepEqual(complaints(at.login, at.wiki), []);
});

law('without scripts a button sends the form on', async (t) => {
  const scene = await sceneFor(t);
  const { at, wiki } = scene;
  const { tab, picture } = await openChromium(t, { scripts: false });
  const page = await tab();
  await postsTooLate(scene, page);
  await signInAs(page, 'alice');
  await goesOn(page);
  const send = page.getByRole('button', { name: 'Send the form' });
  await send.waitFor();
  await picture(page, 'kept-form-button');
  t.deepEqual(wiki.notes(), []);
  await send.click();
  await page.waitForURL(`${at.wiki}/notes`);
  t.is(wiki.notes().length, 1);
});

law('bob, who signs in where alice had pressed the button, neither sends nor reads what she wrote (P10)', async (t) => {
  const scene = await sceneFor(t);
  const { wiki } = scene;
  const { tab, picture } = await openChromium(t);
  const page = await tab();
  await postsTooLate(scene, page);
  await signInAs(page, 'bob');
  await page.getByRole('heading', { name: 'The form was not sent' }).waitFor();
  t.notRegex(await page.content(), /zweite|alice/);
  await picture(page, 'kept-form-of-another');
  await page.getByRole('link', { name: 'Back to the page' }).click();
  await page.getByLabel('A note').waitFor();
  t.deepEqual(wiki.notes(), []);
});

law('a form of somebody nobody knows asks whoever signs in', async (t) => {
  const scene = await sceneFor(t);
  const { at, wiki } = scene;
  const { tab, picture } = await openChromium(t);
  const page = await tab();
  await page.goto(`${at.wiki}/notes`);
  await signInAs(page, 'alice');
  await page.getByLabel('A note').fill(TEXT);
  // Signed out by herself in another tab, so that even the cookie is gone.
  const other = await tab();
  await other.goto(`${at.wiki}/.curfew/logout`);
  await other.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await page.getByRole('button', { name: 'Post' }).click();
  await signInAs(page, 'bob');
  await page.getByRole('heading', { name: 'Send the form?' }).waitFor();
  await picture(page, 'kept-form-asks');
  t.deepEqual(wiki.notes(), []);
  await page.getByRole('button', { name: 'Send the form' }).click();
  await page.waitForURL(`${at.wiki}/notes`);
  t.is(wiki.notes()[0]?.by, 'bob@example.test');
});

law('a form that another site makes the browser post is not sent on in anybody’s name', async (t) => {
  const scene = await sceneFor(t);
  const { at, wiki } = scene;
  const { tab, context, picture } = await openChromium(t);
  const page = await tab();
  await page.goto(`${at.wiki}/notes`);
  await signInAs(page, 'alice');
  await page.getByLabel('A note').waitFor();
  // Alice is signed in. Her Lax cookie stays at home, and the sign-in that follows asks nobody anything.
  const evil = 'http://evil.localhost:1/';
  const body = `<form method="post" action="${at.wiki}/notes"><input name="note" value="forged"><button>Win</button></form>`;
  await context.route(evil, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(evil);
  await page.getByRole('button', { name: 'Win' }).click();
  await page.getByRole('heading', { name: 'Please send the form again' }).waitFor();
  t.regex(await page.content(), /FORM_FOREIGN/);
  await picture(page, 'kept-form-foreign');
  t.deepEqual(wiki.notes(), []);
});

lawOfDokuWiki('DokuWiki has the text of a Save that came too late, and takes it with the next', async (t) => {
  const { curfew, idp } = await stageWithLegacyApps(t);
  const { tab, picture } = await openChromium(t);
  const page = await tab();
  const signIn = async (): Promise<void> => {
    await page.locator('input[name=username]').fill('alice');
    await page.locator('input[name=password]').fill('alicepw');
    await page.locator('input[name=password]').press('Enter');
  };
  await page.goto(curfew.at('wiki', '/doku.php?id=notes&do=edit'));
  await signIn();
  await page.locator('#wiki__text').fill(`A long thought.\n\n${TEXT}`);
  const other = await tab();
  await other.goto(idp.logoutAddress);
  await other.locator('input[name=username]').waitFor();
  await page.locator('#edbtn__save').click();
  await signIn();
  // Its token died with its session, so it shows the text once more instead of saving it.
  await page.locator('#wiki__text').waitFor();
  await picture(page, 'kept-form-dokuwiki');
  t.is((await page.locator('#wiki__text').inputValue()).trim(), `A long thought.\n\n${TEXT}`.trim());
  await page.locator('#edbtn__save').click();
  await page.locator('#dokuwiki__content .page, .dokuwiki .page', { hasText: 'A long thought.' }).first().waitFor();
  t.false(await page.locator('#wiki__text').isVisible());
});
