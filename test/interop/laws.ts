// What holds after a logout, whichever identity provider began it.

import type { ExecutionContext } from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import type { Curfew } from './curfew.ts';
import { carryOn, type Stage } from './stage.ts';

/** The Cookie header this browser would send to an app's host now. */
const cookieHeader = (browser: Browser, address: string): string =>
  browser
    .cookies(new URL(address).hostname)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');

/** Asks with a cookie that somebody has kept: status and, where it has one, the reason curfew gives. */
async function asksWith(browser: Browser, cookie: string, address: string) {
  const { status, headers } = await browser.request(address, { headers: { cookie }, mode: 'fetch' });
  return { status, reason: headers['x-curfew'] };
}

const CLOSED = { status: 401, reason: 'SIGN_IN_NEEDED' } as const;

/** Nothing that the browser held before opens anything any more (P1). */
export async function opensNothing(t: ExecutionContext, stranger: Browser, kept: ReadonlyMap<string, string>) {
  t.true(kept.size > 0);
  for (const [address, cookie] of kept) {
    t.not(cookie, '', address);
    t.deepEqual(await asksWith(stranger, cookie, address), CLOSED, address);
  }
}

/** The cookies a browser holds for these pages, after it was seen that they open them. */
export async function keptCookies(
  t: ExecutionContext,
  browser: Browser,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const kept = new Map<string, string>();
  for (const address of addresses) {
    const { status, url } = await browser.visit(address);
    t.deepEqual({ status, host: new URL(url).host }, { status: 200, host: new URL(address).host }, address);
    kept.set(address, cookieHeader(browser, address));
  }
  return kept;
}

/** Methods and paths of the exchanges with curfew's SAML addresses, in order: `GET /saml/slo SAMLRequest`. */
export function samlHops({ origin }: Pick<Curfew, 'origin'>, { hops }: Page): string[] {
  return hops
    .map(({ method, url }) => ({ method, url: new URL(url) }))
    .filter(({ url }) => url.origin === origin && url.pathname.startsWith('/saml/'))
    .map(({ method, url }) => `${method} ${url.pathname}${fieldIn(url)}`);
}

const fieldIn = ({ searchParams }: URL): string =>
  ['SAMLRequest', 'SAMLResponse']
    .filter((name) => searchParams.has(name))
    .map((name) => ` ${name}`)
    .join('');

/** What PHP tells an application about a request. */
export const told = (page: Page): Readonly<Record<string, string | undefined>> =>
  JSON.parse(page.body) as Record<string, string | undefined>;

/** Somebody who has signed in and opened the mirror; `kept` is the cookie that opened it. */
export async function inside(t: ExecutionContext, { curfew, browser, signIn }: Stage<unknown>) {
  const person = browser();
  const mirror = curfew.at('mirror');
  await signIn(person, mirror);
  return { person, kept: await keptCookies(t, person, [mirror]) };
}

/** An identity provider that can say whether it has a session of a browser. */
type Knowing = Stage<{ knows(person: Browser): Promise<boolean> }>;

/** Who signs out at curfew is out at the identity provider as well, and nothing that was kept opens anything (P9). */
export async function signsOutAtBoth(t: ExecutionContext, stage: Knowing): Promise<void> {
  const { person, kept } = await inside(t, stage);
  t.true(await stage.idp.knows(person));
  const page = await carryOn(person, await person.visit(stage.curfew.at('mirror', '/.curfew/logout')));
  t.regex(page.body, /Your identity provider has signed you out as well/);
  t.false(await stage.idp.knows(person));
  await opensNothing(t, stage.browser(), kept);
}

/** Somebody whose session here has ended and whose session at the identity provider lives on: for stages with `logout: { binding: none }`. */
export async function leftHere(t: ExecutionContext, stage: Knowing): Promise<Browser> {
  const person = stage.browser();
  await stage.signIn(person, stage.curfew.at('mirror'));
  await person.visit(stage.curfew.at('mirror', '/.curfew/logout'));
  t.true(await stage.idp.knows(person));
  return person;
}

/** Where a sign-in begins at which nothing may be shown (IsPassive), and which leads to `path` of the mirror. */
export const passively = (curfew: Curfew, path: string): string =>
  `${curfew.origin}/saml/login?app=mirror&passive&return=${encodeURIComponent(curfew.at('mirror', path))}`;
