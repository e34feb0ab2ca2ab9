// The whole promise, with nothing pretended: SimpleSAMLphp, DokuWiki and Adminer as Debian ships them, and a real browser that two
// people use one after the other.

import type { BrowserContext, Page } from 'playwright-core';
import { soapEnvelope, readSoap } from '../../demo/identity-provider/bindings.ts';
import { logoutRequestFields } from '../../demo/identity-provider/fields.ts';
import { logoutRequestXml } from '../../demo/identity-provider/messages.ts';
import { readMessage } from '../../demo/identity-provider/read.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { opensNothing } from '../interop/laws.ts';
import { ADMINER_PAGE, NAGIOS, NAGIOS_PAGE } from '../interop/policies.ts';
import { stageWithLegacyApps, type Behind, type Stage } from '../interop/stage.ts';
import type { SimpleSamlPhp } from '../interop/simplesamlphp.ts';
import { post } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';
import { openChromium } from './chromium.ts';

const law = needing('chromium', 'php', 'simplesamlphp', 'dokuwiki', 'adminer');

const OURS = ['curfew', 'curfew-browser', 'curfew-enter'];

/** Names of all cookies that reached the browser from these hosts, kept or not. */
function cookiesThatReached(context: BrowserContext, origins: readonly string[]): () => Promise<string[]> {
  const lines: Promise<string[]>[] = [];
  context.on('response', (response) => {
    if (!origins.includes(new URL(response.url()).origin)) return;
    const headers = response.headersArray();
    lines.push(headers.then((all) => all.flatMap(({ name, value }) => (/^set-cookie$/i.test(name) ? [value] : []))));
  });
  return async () => [...new Set((await Promise.all(lines)).flat().map((line) => line.split('=', 1)[0] ?? ''))].sort();
}

/** The NameID and SessionIndex of the last Response that the browser carried. */
function assertionCarried(context: BrowserContext, acs: string) {
  let xml = '';
  context.on('request', (request) => {
    if (!request.url().startsWith(acs)) return;
    const sent = new URLSearchParams(request.postData() ?? '').get('SAMLResponse');
    if (sent !== null) xml = Buffer.from(sent, 'base64').toString();
  });
  return () => {
    const [, attributes = '', value = ''] = /<saml:NameID([^>]*)>([^<]+)</.exec(xml) ?? [];
    const attribute = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
    const [, sessionIndex = ''] = /SessionIndex="([^"]+)"/.exec(xml) ?? [];
    const nameId = { value, format: attribute('Format'), spNameQualifier: attribute('SPNameQualifier') };
    return { nameId, sessionIndexes: [sessionIndex] };
  };
}

/** A LogoutRequest as SimpleSAMLphp would send it by SOAP, if it could. Answers with the codes of the signed LogoutResponse. */
async function logOutBySoap(
  { idp, curfew }: Stage<SimpleSamlPhp>,
  about: ReturnType<ReturnType<typeof assertionCarried>>,
): Promise<readonly string[]> {
  const destination = `${curfew.origin}/saml/slo/soap`;
  const now = systemClock.now();
  const fields = logoutRequestFields({ issuer: idp.entityId, destination, now, ...about });
  const xml = signEnveloped(logoutRequestXml(fields), fields.id ?? '', idp.keys);
  const answer = await post(destination, soapEnvelope(xml), { 'content-type': 'text/xml; charset=utf-8' });
  const message = readMessage(signedRoot(readSoap(answer.body).xml, [curfew.certificate]));
  return message.kind === 'LogoutResponse' ? message.codes.map((code) => code.replace(/.*:/, '')) : [];
}

/** Fills in SimpleSAMLphp's form. */
async function signInAs(page: Page, name: string): Promise<void> {
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(`${name}pw`);
  await page.locator('input[name=password]').press('Enter');
}

/** Every Cookie header that came with this name to an application. */
const cookiesOf = ({ hop }: Behind, nameId: string): string[] => [
  ...new Set(hop.passed.filter(({ remoteUser }) => remoteUser === nameId).map(({ cookie }) => cookie)),
];

/** Values of all cookies in these headers; a cookie without one tells nobody anything. */
const valuesIn = (headers: readonly string[]): string[] =>
  headers.flatMap((header) => header.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1))).filter(Boolean);

/** Keeps what `nameId` came with last, and asks the application itself with it, past curfew: what it shows on its page. */
function keepingFrom({ direct, hop }: Behind, nameId: string, path: string): () => Promise<string> {
  const last = hop.passed.findLast(({ remoteUser, cookie }) => remoteUser === nameId && cookie !== '');
  const userAgent = last?.rawHeaders.find((_value, at, all) => all[at - 1]?.toLowerCase() === 'user-agent') ?? '';
  const headers = { cookie: last?.cookie ?? '', 'user-agent': userAgent };
  return async () => (await fetch(`${direct.url}${path}`, { headers })).text();
}

law(
  'one LogoutRequest signs alice out of DokuWiki and Adminer, and bob, in the same browser, meets nothing of hers (P1, P7, P10)',
  async (t) => {
    const stage = await stageWithLegacyApps(t);
    const { curfew, wiki, adminer } = stage;
    const { context, tab, picture } = await openChromium(t);
    const [wikiPage, adminerPage] = [curfew.at('wiki', '/doku.php?id=start'), curfew.at('adminer', ADMINER_PAGE)];
    const reached = cookiesThatReached(
      context,
      [curfew.origin, wikiPage, adminerPage].map((address) => new URL(address).origin),
    );
    const carried = assertionCarried(context, `${curfew.origin}/saml/acs`);
    const [ALICE, BOB] = ['alice@example.test', 'bob@example.test'];

    // Alice writes a page in DokuWiki and looks into Adminer: one password, and none of the applications' own.
    const page = await tab();
    await page.goto(wikiPage);
    await signInAs(page, 'alice');
    await page.waitForURL(wikiPage);
    t.regex((await page.locator('body').textContent()) ?? '', /Logged in as:.*Alice Moeller/s);
    await page.goto(curfew.at('wiki', '/doku.php?id=notes&do=edit'));
    await page.locator('#wiki__text').fill('Written by Alice, through the gateway.');
    await page.locator('#edbtn__save').click();
    await page.getByText('Written by Alice, through the gateway.').waitFor();
    await page.goto(adminerPage);
    await page.locator('input[name=logout]').waitFor();
    await picture(page, 'adminer');

    const hers = [...cookiesOf(wiki, ALICE), ...cookiesOf(adminer, ALICE)];
    t.true(hers.some((header) => /DW[0-9a-f]{32}=/.test(header)));
    t.true(hers.some((header) => header.includes('adminer_sid=')));

    const adminerItself = keepingFrom(adminer, ALICE, ADMINER_PAGE);
    t.true((await adminerItself()).includes('name="logout"'));
    const about = carried();
    t.is(about.nameId.value, ALICE);
    t.deepEqual(await logOutBySoap(stage, about), ['Success']);

    // The applications themselves: Adminer knows nobody by her cookies, DokuWiki was told to forget its own.
    t.false((await adminerItself()).includes('name="logout"'));
    t.true(wiki.hop.passed.some(({ target }) => target.includes('do=logout')));
    t.true(wiki.hop.setCookies.some((line) => /^DW[0-9a-f]{32}=deleted/.test(line)));

    // Her browser still has every cookie; SimpleSAMLphp, too, would know her again.
    const before = wiki.hop.passed.length + adminer.hop.passed.length;
    const kept = new Map<string, string>();
    for (const address of [wikiPage, adminerPage]) {
      const cookies = await context.cookies(address);
      kept.set(address, cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    }
    await opensNothing(t, stage.browser(), kept);
    t.is(wiki.hop.passed.length + adminer.hop.passed.length, before);

    // She leaves SimpleSAMLphp as well, and bob sits down.
    await context.clearCookies({ domain: 'idp.localhost' });
    await page.goto(wikiPage);
    await signInAs(page, 'bob');
    await page.waitForURL(wikiPage);
    const body = (await page.locator('body').textContent()) ?? '';
    t.regex(body, /Logged in as:.*Bob Okafor/s);
    t.notRegex(body, /Alice Moeller/);
    await page.goto(adminerPage);
    await page.locator('input[name=logout]').waitFor();
    const his = valuesIn([...cookiesOf(wiki, BOB), ...cookiesOf(adminer, BOB)]);
    t.true(his.length > 3);
    const shared = his.filter((value) => valuesIn(hers).includes(value));
    t.deepEqual(shared, []);

    // Nothing of the applications' cookies was ever in the browser, neither kept nor in passing.
    t.deepEqual(await reached(), OURS);
    const held = (await context.cookies()).filter(({ domain }) => domain !== 'idp.localhost');
    // The one exception is no cookie of a server: a script of Adminer's notes that it has looked for a newer version.
    const byScript = 'adminer_version';
    t.deepEqual([...new Set(held.map(({ name }) => name))].sort(), [byScript, ...OURS]);
    t.regex(String(await page.evaluate('document.cookie')), /^adminer_version=[\d.]*$/);
  },
);

law(
  'DokuWiki itself takes its old cookies again after its own sign-out: only a gateway that keeps them to itself ends that (P7)',
  async (t) => {
    const stage = await stageWithLegacyApps(t);
    const { curfew, wiki } = stage;
    const { context, tab } = await openChromium(t);
    const carried = assertionCarried(context, `${curfew.origin}/saml/acs`);
    const page = await tab();
    await page.goto(curfew.at('wiki', '/doku.php?id=start'));
    await signInAs(page, 'alice');
    await page.waitForURL(curfew.at('wiki', '/doku.php?id=start'));
    const wikiItself = keepingFrom(wiki, 'alice@example.test', '/doku.php');
    t.deepEqual(await logOutBySoap(stage, carried()), ['Success']);
    // inc/auth.php: the DW cookie is the password, encrypted under a salt and the session's ID, which is in the other cookie. Signing out
    // deletes the cookie in the browser and neither changes the salt nor ends the session. If this ever fails, DokuWiki has learnt it.
    t.true((await wikiItself()).includes('Alice Moeller'));
    // Who has the cookies is therefore all that matters. They were never in the browser.
    for (const { name } of await context.cookies()) t.notRegex(name, /^DW|^DokuWiki/);
  },
);

needing(
  'chromium',
  'php',
  'simplesamlphp',
  'dokuwiki',
  'adminer',
  'nagios',
)(
  'Nagios, which knows only HTTP Basic, asks no browser for a password, and the next person is not alice (P1, P10)',
  async (t) => {
    const stage = await stageWithLegacyApps(t, { nagios: NAGIOS });
    const { curfew, nagios } = stage;
    const { context, tab } = await openChromium(t);
    const carried = assertionCarried(context, `${curfew.origin}/saml/acs`);
    const address = curfew.at('nagios', NAGIOS_PAGE);
    const page = await tab();
    await page.goto(address);
    await signInAs(page, 'alice');
    await page.getByText('Logged in as').waitFor();
    t.regex((await page.locator('body').textContent()) ?? '', /Logged in as alice/);
    t.deepEqual(await logOutBySoap(stage, carried()), ['Success']);
    const asked = nagios?.hop.passed.length;
    await context.clearCookies({ domain: 'idp.localhost' });
    await page.goto(address);
    await page.locator('input[name=password]').waitFor();
    t.is(nagios?.hop.passed.length, asked);
    await signInAs(page, 'bob');
    await page.getByText('Logged in as').waitFor();
    t.regex((await page.locator('body').textContent()) ?? '', /Logged in as bob/);
    // Without the gateway nobody is in: the password was never in the browser.
    t.is((await fetch(`${nagios?.direct.url ?? ''}${NAGIOS_PAGE}`)).status, 401);
  },
);
