// The sessions page in a real browser: as it happens with scripts, whole without them, and for everybody (WCAG 2.2 AA by axe-core).

import { needing } from '../support/needing.ts';
import { stage } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';
import { violationsOn } from './axe.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');

law('the sessions page changes as people come and go, ends a session, and reads well for everybody', async (t) => {
  const upstream = await startUpstream((_, answer) => void answer.setHeader('Set-Cookie', 'APPSESSION=1').end());
  t.teardown(() => upstream.close());
  const scene = await stage(t, { upstream });
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const { tab, complaints, picture } = await openChromium(t);
  const page = await tab();
  const admin = `http://127.0.0.1:${scene.running.admin.port}`;
  await page.goto(`${admin}/sessions`);
  await page.getByText('This page changes as people come and go.').waitFor();
  t.is(await page.locator('#total').innerText(), '1 session lives');
  await page.locator('#q').focus();
  await scene.signedIn('bob', scene.at('chat'));
  await page.getByRole('heading', { name: 'bob@example.test' }).waitFor();
  t.is(await page.evaluate('document.activeElement.id'), 'q');
  await picture(page, 'sessions');
  await page.getByRole('button', { name: 'End session of alice@example.test' }).click();
  await page.getByRole('status').waitFor();
  t.is(await page.getByRole('status').innerText(), '1 session has ended.');
  t.is((await alice.request(scene.at('wiki'))).status, 303);
  t.is(await page.locator('#logouts h3').innerText(), 'alice@example.test');
  await picture(page, 'sessions-ended');
  for (const [width, scheme] of [
    [900, 'light'],
    [360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 740 });
    await page.emulateMedia({ colorScheme: scheme });
    t.deepEqual(await violationsOn(page), []);
    t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width} scrolls sideways`);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), '320 scrolls sideways');
  await page.evaluate("document.documentElement.style.fontSize = '200%'");
  t.true(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'large text scrolls sideways');
  await picture(page, 'sessions-large');
  await page.evaluate("document.documentElement.style.fontSize = ''");
  await picture(page, 'sessions-phone');
  t.deepEqual(complaints(admin), []);
});

law('the sessions page works without scripts: search, and everybody of a name out', async (t) => {
  const scene = await stage(t);
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  await scene.signedIn('alice', scene.at('chat'));
  await scene.signedIn('bob', scene.at('chat'));
  const { tab } = await openChromium(t, { scripts: false });
  const page = await tab();
  await page.goto(`http://127.0.0.1:${scene.running.admin.port}/sessions`);
  await page.getByLabel('Find a person').fill('alice');
  await page.getByRole('button', { name: 'Search' }).click();
  t.is(await page.locator('#list h3').count(), 2);
  await page.getByRole('button', { name: 'Sign out everywhere: alice@example.test' }).first().click();
  await page.getByRole('status').waitFor();
  t.is(await page.getByRole('status').innerText(), '2 sessions have ended.');
  t.is((await alice.request(scene.at('wiki'))).status, 303);
  t.deepEqual(await page.locator('#list h3').allInnerTexts(), ['bob@example.test']);
});
