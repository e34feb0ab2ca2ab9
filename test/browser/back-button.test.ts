// After a sign-out by the back channel no browser was there to be told: what it shows by Back and Forward was decided when the pages
// were sent.

import type { Page } from 'playwright-core';
import { startUpstream } from '../support/upstream.ts';
import { stage } from '../support/gateway.ts';
import { SUCCESS, postSoap, soapCodes, soapFor } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');

/** What an application of its time says of its pages: nothing, or that they may be kept. */
const PAGES = { '/one': {}, '/two': { 'Cache-Control': 'private, max-age=600' } } as const;

/** Pages that name themselves, and a style sheet on each. */
const application = () =>
  startUpstream(({ url = '' }, response) => {
    response.setHeader('Last-Modified', 'Mon, 01 Jan 2024 00:00:00 GMT');
    if (url === '/style.css') {
      response.writeHead(200, { 'Content-Type': 'text/css', 'Cache-Control': 'max-age=600' }).end('p{color:green}');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/html', ...PAGES[url as keyof typeof PAGES] });
    response.end(`<link rel=stylesheet href=/style.css><title>x</title><p id=secret>page ${url}</p>`);
  });

const policy = (more: string): string => `app: wiki
hosts: [wiki.test]
upstream: \${UPSTREAM}
access: [{ allow: authenticated }]
${more}`;

const isShown = (page: Page): Promise<boolean> => page.locator('#secret').isVisible();

/** By the page itself: a page out of memory is no navigation that could be waited for. */
async function go(page: Page, where: 'back' | 'forward', shown: string): Promise<void> {
  await page.evaluate(`setTimeout(() => history.${where}(), 0)`);
  await page.locator(shown).waitFor();
}

law(
  'after a logout by the back channel neither Back nor Forward shows a page again, from memory or cache',
  async (t) => {
    const upstream = await application();
    t.teardown(() => upstream.close());
    const scene = await stage(t, { upstream, apps: { wiki: policy('') } });
    const { tab, context } = await openChromium(t, { keepsPages: true });
    const page = await tab();
    await page.goto(scene.at('wiki', '/one'));
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill('alicepw');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#secret', { hasText: '/one' }).waitFor();
    await page.goto(scene.at('wiki', '/two'));
    await page.goto(scene.at('wiki', '/one'));
    t.is(upstream.requests.filter(({ url }) => url === '/style.css').length, 1, 'styles are fetched once');

    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
    // At the identity provider the person is out as well.
    await context.clearCookies({ domain: new URL(scene.idp.url).hostname });
    t.true(await isShown(page), 'nobody told the page yet');
    await go(page, 'back', 'input[name=password]');
    t.false(await isShown(page));
    await go(page, 'forward', 'input[name=password]');
    t.false(await isShown(page));
  },
);

law(
  'where pages are left to the application, Back shows them after a logout: the switch is what keeps them away',
  async (t) => {
    const upstream = await application();
    t.teardown(() => upstream.close());
    const scene = await stage(t, { upstream, apps: { wiki: policy('caching: { pages: app }\n') } });
    const { tab, context } = await openChromium(t, { keepsPages: true });
    const page = await tab();
    await page.goto(scene.at('wiki', '/one'));
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill('alicepw');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#secret', { hasText: '/one' }).waitFor();
    await page.goto(scene.at('wiki', '/two'));
    t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice'))), SUCCESS);
    // At the identity provider the person is out as well.
    await context.clearCookies({ domain: new URL(scene.idp.url).hostname });
    await go(page, 'back', '#secret:text("/one")');
    t.true(await isShown(page));
  },
);
