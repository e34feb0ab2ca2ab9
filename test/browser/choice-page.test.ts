// The page on which people choose where they sign in, in a real browser, without scripts and by keyboard alone.

import { needing } from '../support/needing.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');

law('people choose where they sign in without scripts and by keyboard, and the last choice comes first', async (t) => {
  const scene = await stageWithPartner(t, { apps: { wiki: FOR('wiki', 'corp', 'partner') } });
  const { tab, complaints, picture } = await openChromium(t, { scripts: false });
  const page = await tab();
  await page.goto(scene.at('wiki', '/page'));
  t.is(await page.title(), 'Where do you sign in?');
  const links = page.getByRole('link');
  t.deepEqual(await links.allInnerTexts(), ['corp', 'Partner & Sons']);
  await picture(page, 'choice');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('input[name=username]').waitFor();
  t.true(page.url().startsWith(scene.partner.url));
  await page.goto(scene.at('wiki', '/page'));
  t.deepEqual(await links.allInnerTexts(), ['Partner & Sons\nas last time', 'corp']);
  await picture(page, 'choice-again');
  t.deepEqual(complaints(scene.url), []);
});
