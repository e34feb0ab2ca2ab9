// Every page people meet, in every language, in a real browser: read well by everybody (WCAG 2.2 AA by axe-core), light and dark, on a telephone,
// and with text twice as large.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import type { ExecutionContext } from 'ava';
import type { Page as Tab } from 'playwright-core';
import { LANGUAGES, type Language } from '../../gateway/pages/languages.ts';
import type { Page } from '../../gateway/pages/page.ts';
import { openPages, type PagesIn } from '../../gateway/pages/pages.ts';
import { needing } from '../support/needing.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const LOGO = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="8" fill="#3a7d5c"/></svg>').toString('base64')}`;
const SUMMER = 'Zeiterfassung und Reisekostenabrechnung der Fakultät für Ingenieurwissenschaften';
const ENDLESS = 'Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenverwaltung';
const NAME_ID = `urn:example:${'3f9a7c1e'.repeat(12)}@identity.provider.example.org`;
const CODE = 'SESSIONS_STORE_UNAVAILABLE';
const REQUEST = 'Zk3q9vXf0rB7sL2mT8wYpQ';

/** Each page as it is at its fullest, and where a page has two faces both. */
function everyPage(pages: PagesIn): Readonly<Record<string, Page>> {
  const failure = { code: CODE, requestId: REQUEST, isExpired: false, again: undefined };
  const url = '/sink';
  const message = 'You are not allowed to use this address. 利用する権限がありません。';
  return {
    choice: pages.choice({
      app: SUMMER,
      choices: [
        { title: 'Example Corporation', url, isLast: true },
        { title: ENDLESS, url, isLast: false },
        { title: '独立行政法人 国立高等専門学校機構 仙台高等専門学校', url, isLast: false },
      ],
    }),
    apps: pages.apps({ apps: [SUMMER, ENDLESS, '勤怠管理システム'].map((title) => ({ title, url })) }),
    'signed-out': pages.signedOut({
      idp: 'told',
      apps: [{ title: 'Wiki', told: true }],
      returnTo: url,
      again: undefined,
    }),
    'signed-out-in-part': pages.signedOut({
      idp: 'partial',
      apps: [
        { title: SUMMER, told: true },
        { title: ENDLESS, told: false },
        { title: '勤怠管理システム', told: true },
      ],
      returnTo: undefined,
      again: url,
    }),
    refused: pages.failure({ ...failure, status: 403, code: 'ACCESS_DENIED', message }),
    expired: pages.failure({ ...failure, status: 400, isExpired: true, message, again: url }),
    unavailable: pages.failure({ ...failure, status: 503, message, again: '' }),
    'send-form': pages.sendForm({ url, standIn: 'x', app: SUMMER, ask: undefined, back: url }),
    'send-form-asks': pages.sendForm({ url, standIn: 'x', app: SUMMER, ask: NAME_ID, back: url }),
    'lost-form': pages.lostForm({ code: 'FORM_TOO_LARGE', message, requestId: REQUEST, back: url }),
    'lost-form-of-another': pages.lostForm({ code: 'FORM_OF_ANOTHER', message, requestId: REQUEST, back: url }),
    post: pages.post({ url, fields: { SAMLRequest: 'x', RelayState: NAME_ID } }),
  };
}

async function serve(t: ExecutionContext): Promise<string> {
  const pages = openPages({
    language: 'en',
    organisation: 'Example Corporation',
    contact: 'servicedesk@corporation.example',
    logo: LOGO,
    templates: {},
  });
  const server = createServer((request, response) => {
    const [language, name = ''] = (request.url ?? '').slice(1).split('/');
    const page = everyPage(pages.in(language))[name];
    // What a page posts by itself goes nowhere, and the page stays.
    if (page === undefined) response.writeHead(204).end();
    else response.writeHead(200, page.headers).end(page.html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const violationsOn = (tab: Tab): Promise<unknown> =>
  // Beside the page and its policy: a test may look where no script of the page could.
  tab.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(TAGS)} }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );

/** In CSS pixels: wider than this, and people have to scroll to and fro to read a line (WCAG 2.2, 1.4.10). */
const PHONE = { width: 320, height: 640 };
const NAMES = Object.keys(everyPage(openPages({ language: 'en', templates: {} }).in('en')));

async function look(t: ExecutionContext, language: Language, names: readonly string[]): Promise<void> {
  const origin = await serve(t);
  const { tab: newTab, complaints, picture } = await openChromium(t);
  const tab = await newTab();
  const fits = async (what: string): Promise<void> => {
    const width = await tab.evaluate('document.documentElement.scrollWidth');
    t.true(Number(width) <= PHONE.width, `${what} is ${String(width)} pixels wide`);
  };
  for (const name of names) {
    await tab.setViewportSize(PHONE);
    await tab.emulateMedia({ colorScheme: 'light' });
    // A page that posts by itself is never said to be loaded.
    await tab.goto(`${origin}/${language}/${name}`, { waitUntil: 'commit' });
    await tab.locator('h1').waitFor();
    t.is(await tab.locator('html').getAttribute('lang'), language);
    await tab.evaluate(AXE);
    for (const scheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme: scheme });
      t.deepEqual(await violationsOn(tab), [], `${name} in ${language}, ${scheme}`);
    }
    await fits(`${name} in ${language}`);
    await picture(tab, `${name}-${language}-phone-dark`);
    await tab.evaluate("document.documentElement.style.fontSize = '200%'");
    await fits(`${name} in ${language} with large text`);
    await tab.emulateMedia({ colorScheme: 'light' });
    await picture(tab, `${name}-${language}-phone-large`);
    await tab.evaluate("document.documentElement.style.fontSize = ''");
    await tab.setViewportSize({ width: 800, height: 600 });
    await picture(tab, `${name}-${language}-wide`);
  }
  t.deepEqual(complaints(origin), []);
}

for (const language of LANGUAGES) {
  law(`every page in ${language} reads well for everybody, light and dark, on a telephone and with large text`, (t) =>
    look(t, language, NAMES),
  );
}

law('keys alone lead to everything on a page, and show where they are', async (t) => {
  const origin = await serve(t);
  const { tab: newTab } = await openChromium(t, { scripts: false });
  const tab = await newTab();
  for (const name of NAMES) {
    await tab.goto(`${origin}/en/${name}`);
    const wanted = await tab.locator('a, button').count();
    const met: string[] = [];
    for (let at = 0; at < wanted; at += 1) {
      await tab.keyboard.press('Tab');
      const focused = tab.locator(':focus-visible');
      t.is(await focused.count(), 1, name);
      met.push(await focused.innerText());
      t.is(await focused.evaluate((element) => getComputedStyle(element).outlineStyle), 'solid', name);
    }
    t.deepEqual(met, await tab.locator('a, button').allInnerTexts(), name);
  }
});
