// The story of the demonstration, told by itself: two applications open with one password, one LogoutRequest closes both. Every
// claim is checked on the wire.

import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEvent } from '../gateway/kernel/audit.ts';
import { STATUS } from './identity-provider/names.ts';
import { forgeAboutBob, repeat, type Answer } from './post-logout.ts';
import type { Scene } from './scene.ts';
import { tellStory, type Story } from './story.ts';
import { openVisitor, type Page, type Talk, type Visitor } from './visitor.ts';

const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const SOON_MS = 2000;

/** Walks through the story and prints it. Resolves with the exit code: 0 where every proof holds, otherwise 1; never rejects. */
export async function walk(scene: Scene, print: (text: string) => void): Promise<0 | 1> {
  const story = tellStory(print);
  const talks: Talk[] = [];
  try {
    await tell(scene, story, talks);
  } catch (error) {
    story.prove('the walk goes on to its end', false, error instanceof Error ? error.message : String(error));
  }
  for (const talk of talks) talk.drop();
  return story.end();
}

async function tell(scene: Scene, story: Story, talks: Talk[]): Promise<void> {
  const alice = openVisitor();
  const bob = openVisitor();

  story.step('Alice opens the wiki.');
  await provesSignIn(scene, story, alice);
  story.step('Bob opens the wiki too, on a computer of his own.');
  greeted(story, await signIn(bob, scene.at.wiki, 'bob'), 'wiki', BOB);
  story.step('Alice opens the chat.');
  const talk = await opensChat(scene, story, alice, talks);
  story.step('The identity provider signs Alice out: a LogoutRequest by SOAP, server to server.');
  const sent = await provesLogout(scene, story, talk);
  await provesOut(scene, story, alice);
  greeted(story, await bob.ask(`${scene.at.wiki}/`), 'wiki', BOB, 'still');
  story.step('The identity provider repeats itself: the same LogoutRequest again.');
  const again = await repeat(scene, sent);
  story.prove('the answer is a signed Success, as before', isSuccess(again), seenOf(again));
  const line = scene.audit.findLast(({ event }) => event === 'logout-request');
  story.prove('nothing is done a second time', line?.event === 'logout-request' && line.repeated, lineOf(line));
  story.step('Somebody sends a LogoutRequest about Bob, right in every field, but not signed.');
  await provesRefusal(scene, story, bob);
  story.step('Bob sits down at Alice’s computer, where all her cookies still are.');
  await provesStranger(scene, story, alice);
}

async function provesSignIn(scene: Scene, story: Story, alice: Visitor): Promise<void> {
  toSignIn(
    scene,
    story,
    await alice.ask(`${scene.at.wiki}/`),
    'nobody is signed in: curfew sends the browser to sign in',
  );
  story.prove('the wiki was not asked', scene.wiki.requests() === 0, `${scene.wiki.requests()} requests reached it`);
  greeted(story, await signIn(alice, scene.at.wiki, 'alice'), 'wiki', ALICE);
}

async function opensChat(scene: Scene, story: Story, alice: Visitor, talks: Talk[]): Promise<Talk> {
  const page = await alice.visit(`${scene.at.chat}/`);
  const asked = page.way.filter((url) => url.startsWith(scene.at.idp));
  story.prove(
    'no second password: curfew knows her already',
    page.url === `${scene.at.chat}/` && asked.length === 0,
    `${page.way.length - 1} redirects, ${asked.length} to the IdP`,
  );
  greeted(story, page, 'chat', ALICE);
  const talk = await alice.talk(`${scene.at.chat}/socket`);
  if (typeof talk === 'number') throw new Error(`the chat's WebSocket was refused with ${talk}`);
  talks.push(talk);
  const hello = await talk.next();
  story.prove('its WebSocket knows her too', hello === `hello ${ALICE}`, `“${hello ?? ''}”`);
  talk.send('anybody there?');
  // Between the two the chat may tell the time.
  let heard = await talk.next();
  while (heard?.startsWith('time ')) heard = await talk.next();
  story.prove('its WebSocket talks', heard === 'echo anybody there?', `“${heard ?? ''}”`);
  return talk;
}

async function provesLogout(scene: Scene, story: Story, talk: Talk): Promise<Answer> {
  const [report] = await scene.idp.signOutEverywhere('alice');
  if (report?.sent === undefined) throw new Error('the identity provider knows of no session to sign out');
  const { sent, codes, problem, milliseconds, requestId } = report;
  const answer = { sent, codes, problem, requestId };
  story.prove('it carries no cookie', !Object.hasOwn(sent.headers, 'cookie'), `POST ${new URL(sent.url).pathname}`);
  story.prove('the answer is a signed Success', isSuccess(answer), `${seenOf(answer)} after ${milliseconds} ms`);
  const told = scene.wiki.logouts();
  story.prove('the wiki was told as well: its own session is over', told === 1, `${told} sign-out there, by curfew`);
  const code = await talk.closed(SOON_MS);
  story.prove('the WebSocket is cut', code !== undefined, code === undefined ? 'still open' : `close code ${code}`);
  for (let left = SOON_MS; scene.chat.connections() > 0 && left > 0; left -= 10) await pause(10);
  const open = scene.chat.connections();
  story.prove('the chat has lost the WebSocket too', open === 0, `${open} connections there`);
  return answer;
}

/** Alice's browser has kept every cookie, and none of them opens anything. */
async function provesOut(scene: Scene, story: Story, alice: Visitor): Promise<void> {
  const before = scene.wiki.requests() + scene.chat.requests();
  toSignIn(scene, story, await alice.ask(`${scene.at.wiki}/`), 'her cookie for the wiki leads to sign-in');
  toSignIn(scene, story, await alice.ask(`${scene.at.chat}/`), 'her cookie for the chat leads to sign-in');
  const talk = await alice.talk(`${scene.at.chat}/socket`);
  if (typeof talk !== 'number') talk.drop();
  story.prove(
    'her cookie for the chat opens no WebSocket',
    talk === 401,
    typeof talk === 'number' ? `${talk}` : 'it opened',
  );
  const asked = scene.wiki.requests() + scene.chat.requests() - before;
  story.prove('neither application was asked', asked === 0, `${asked} requests reached them`);
}

async function provesRefusal(scene: Scene, story: Story, bob: Visitor): Promise<void> {
  const status = await forgeAboutBob(scene);
  const line = scene.audit.at(-1);
  const code = line?.event === 'refused' ? line.code : 'nothing in the audit log';
  story.prove('it is refused for that', status === 403 && code === 'SAML_UNSIGNED', `${status}, ${code}`);
  greeted(story, await bob.ask(`${scene.at.wiki}/`), 'wiki', BOB, 'still');
}

async function provesStranger(scene: Scene, story: Story, browser: Visitor): Promise<void> {
  const form = await browser.visit(`${scene.at.wiki}/`);
  const asked = form.url.startsWith(scene.at.idp) && form.body.includes('type="password"');
  story.prove('he has to sign in himself', asked, `asked at ${new URL(form.url).host}`);
  const wiki = await browser.submit(form, { username: 'bob', password: 'bobpw' });
  greeted(story, wiki, 'wiki', BOB);
  greeted(story, await browser.visit(`${scene.at.chat}/`), 'chat', BOB);
  const beganFor = /id="began-for">([^<]*)</.exec(wiki.body)?.[1] ?? 'nobody';
  story.prove('the wiki’s own session is his, not hers', beganFor === BOB, `it began for ${beganFor}`);
}

const signIn = async (visitor: Visitor, origin: string, username: string): Promise<Page> =>
  visitor.submit(await visitor.visit(`${origin}/`), { username, password: `${username}pw` });

function greeted(story: Story, { status, body }: Page, app: string, name: string, still = ''): void {
  const user = /id="user">([^<]*)</.exec(body)?.[1];
  const claim = `the ${app} ${still}${still && ' '}greets ${name}`;
  story.prove(claim, status === 200 && user === name, `${status}, “You are ${user ?? 'nobody it knows'}”`);
}

function toSignIn({ at }: Scene, story: Story, { status, headers }: Page, claim: string): void {
  const { location = '' } = headers;
  const holds = status === 303 && location.startsWith(`${at.login}/saml/login?`);
  story.prove(claim, holds, `${status}${location && ' to '}${location.replace(at.login, '').split('?', 1)[0]}`);
}

const isSuccess = ({ codes }: Answer): boolean => codes.length === 1 && codes[0] === STATUS.success;

const seenOf = ({ codes, problem }: Answer): string =>
  codes.map((code) => code.slice(code.lastIndexOf(':') + 1)).join(', ') || (problem ?? 'no answer');

const lineOf = (line: AuditEvent | undefined): string =>
  line?.event === 'logout-request' ? `repeated: ${line.repeated}, ${line.sessionsEnded} sessions ended` : 'not noted';
