// Cookies for scripts in a real browser: one person's scripts read and change them, the next person's meet nothing of it (P10).

import type { Page } from 'playwright-core';
import { needing } from '../support/needing.ts';
import { stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { startUpstream } from '../support/upstream.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium');

const APP = (cookies: string) => `app: wiki
hosts: [wiki.localhost]
upstream: \${UPSTREAM}
access: [{ allow: authenticated }]
cookies: ${cookies}
`;

/** Gives everybody a token for scripts and a session, and says what it got. */
const legacyApp = () =>
  startUpstream((request, response) => {
    const { cookie = '' } = request.headers;
    const known = /SID=\w+/.test(cookie);
    const set = known ? [] : ['TOKEN=fresh; Path=/', 'SID=s; Path=/; HttpOnly'];
    response.writeHead(200, { 'Content-Type': 'text/html', 'Set-Cookie': set }).end(`<pre id="got">${cookie}</pre>`);
  });

async function signIn(page: Page, user: string, address: string): Promise<void> {
  await page.goto(address);
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(`${user}pw`);
  await page.locator('input[name=password]').press('Enter');
  await page.waitForURL(address);
}

const write = (page: Page, line: string): Promise<unknown> =>
  page.evaluate(`document.cookie = ${JSON.stringify(line)}`);

/** What the app gets of a script's request, sorted. */
async function got(page: Page, address: string): Promise<string[]> {
  const body = await page.evaluate(`fetch(${JSON.stringify(address)}).then((answer) => answer.text())`);
  const cookies = /<pre id="got">(.*)<\/pre>/.exec(String(body))?.[1] ?? 'nothing';
  return cookies === '' ? [] : cookies.split('; ').toSorted();
}

for (const cookies of ['{ expose: [TOKEN, pref*] }', '{ keep: browser }']) {
  law(`with ${cookies} scripts read and write, and the next person's meet nothing of it (P10)`, async (t) => {
    const upstream = await legacyApp();
    t.teardown(() => upstream.close());
    const scene = await stage(t, { upstream, apps: { wiki: APP(cookies) } });
    const wiki = scene.at('wiki', '').replace('wiki.test', 'wiki.localhost');
    const { tab, context } = await openChromium(t);
    const alice = await tab();
    await signIn(alice, 'alice', `${wiki}/deep/page`);
    t.is(await alice.evaluate('document.cookie'), 'TOKEN=fresh');
    t.deepEqual(await got(alice, '/any'), ['SID=s', 'TOKEN=fresh']);
    await write(alice, 'TOKEN=alice-changed; path=/');
    t.deepEqual(await got(alice, '/never/seen'), ['SID=s', 'TOKEN=alice-changed']);
    // A name that the app has never set: its address has to be seen without it first, by a request that another site has no part in.
    await got(alice, '/deep/page');
    await write(alice, 'pref=alice-pref');
    await write(alice, 'TOKEN=alice-deep-token-of-hers; path=/deep/down');
    await alice.reload();
    t.deepEqual(await got(alice, '/deep/page'), ['SID=s', 'TOKEN=alice-changed', 'pref=alice-pref']);

    await postSoap(scene, soapFor(scene, 'alice'));
    await scene.idp.signOutEverywhere('alice');
    const bob = await tab();
    await signIn(bob, 'bob', `${wiki}/`);
    t.is(await bob.evaluate('document.cookie'), 'TOKEN=fresh');
    for (const address of ['/', '/deep/page', '/deep/down/below', '/deep/down/below', '/never/seen']) {
      t.deepEqual(await got(bob, address), ['SID=s', 'TOKEN=fresh'], address);
    }
    // Alice's tab is still open, and its script writes again what it has kept; at the deep path Bob has been seen without it.
    await write(alice, 'TOKEN=alice-deep-token-of-hers; path=/deep/down');
    t.deepEqual(await got(bob, '/deep/down/below'), ['SID=s', 'TOKEN=fresh']);
    await write(bob, 'TOKEN=bob; path=/');
    t.deepEqual(await got(bob, '/deep/page'), ['SID=s', 'TOKEN=bob']);

    await bob.goto(`${wiki}/.curfew/logout`);
    await bob.goto(`${wiki}/.curfew/session`);
    t.is(await bob.evaluate('document.cookie'), '');
    const left = (await context.cookies(`${wiki}/deep/page`)).map(({ name }) => name);
    t.deepEqual(
      left.filter((name) => !name.startsWith('curfew')),
      [],
    );
  });
}
