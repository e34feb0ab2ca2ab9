// Somebody who writes while the session ends, for the journeys of kept forms.

import type { SessionId } from '../../gateway/kernel/words.ts';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, type Stage, type StageOptions } from '../support/gateway.ts';
import { post, type Answer } from '../support/logout-requests.ts';
import type { Recorded } from '../support/upstream.ts';

export const URLENCODED = 'application/x-www-form-urlencoded';
export const EDIT = '/edit?page=caf%C3%A9';
export const SAVE = '/save?page=caf%C3%A9&x';
/** Duplicates, an order of its own, bytes that are no UTF-8, and a line break as nobody should write it. */
export const TEXT = 'text=Gr%FC%DFe%0D%0Aund+mehr%0A&text=2&b&a=1&=&%00=%ff&_charset_=iso-8859-1';

export interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly method?: string;
}

/** The button is pressed in the page at `EDIT`. */
export const save = (
  scene: Stage,
  browser: Browser,
  { body = TEXT, headers = {}, path = SAVE, method = 'POST' }: Sent = {},
): Promise<Page> =>
  browser.request(scene.at('wiki', path), {
    method,
    body,
    headers: { 'content-type': URLENCODED, ...headers },
    from: scene.at('wiki', EDIT),
    follow: true,
  });

/** Fills in the identity provider's form and goes on as far as pages go by themselves. */
export const asPerson = async (browser: Browser, page: Page, user: string): Promise<Page> =>
  browser.settle(await browser.submitForm(page, { username: user, password: `${user}pw` }));

/** Somebody was at `EDIT` when the session ended. */
export async function loggedOutWhileWriting(scene: Stage, user: 'alice' | 'bob' = 'alice'): Promise<Browser> {
  const browser = await scene.signedIn(user, scene.at('wiki', EDIT));
  await signedOut(scene, user);
  return browser;
}

/** The identity provider signs the person out, server to server; a moment passes. */
export async function signedOut(scene: Stage, user: string): Promise<void> {
  const before = await scene.running.parts.doors.sessions.count();
  await scene.idp.signOutEverywhere(user);
  scene.clock.advance(1000);
  if ((await scene.running.parts.doors.sessions.count()) >= before) throw new Error('nobody was signed out');
}

/** What the application was sent. */
export const posts = ({ upstream }: Stage): Recorded[] => upstream.requests.filter(({ method }) => method === 'POST');

/** A wiki that keeps forms of at most this size. */
export const keeping = (limits: string): StageOptions => ({
  apps: { wiki: `${OPEN('wiki')}limits: { keptForm: ${limits} }\n` },
});

/** Goes on until the page that sends the form by itself, and stops there. */
export async function untilWaiting(browser: Browser, page: Page): Promise<Page> {
  let at = page;
  while (!at.url.includes('/.curfew/form')) at = await browser.submitForm(at);
  return at;
}

/** What a browser without a session of its own says with a form of the app's. */
export const OWN = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' };

/** A form without the session's cookie, and with these headers alone. */
export const rawPost = (scene: Stage, browser: Browser, headers: Readonly<Record<string, string>>): Promise<Answer> =>
  post(scene.at('wiki', SAVE), TEXT, {
    'content-type': URLENCODED,
    accept: 'text/html,*/*',
    cookie: `curfew-enter=${nonceOf(browser)}`,
    ...headers,
  });

export const nonceOf = (browser: Browser): string =>
  browser.cookies('wiki.test').find(({ name }) => name === 'curfew-enter')?.value ?? '';

/** The session that began last. */
export const lastSession = ({ audit }: Stage): SessionId =>
  audit.flatMap((line) => (line.event === 'sign-in' ? [line.session] : [])).at(-1) as SessionId;
