// Whoever signs in next on the same browser is a stranger to whoever was there before (P10).

import test from 'ava';
import { headerValues } from '../support/upstream.ts';
import { signIn, stage, type Stage } from '../support/gateway.ts';

const served = ({ upstream }: Stage): string[] =>
  upstream.requests.flatMap((request) => headerValues(request, 'remote-user'));

test('a person who signs in with a form that waited in another tab ends the session begun meanwhile (P10)', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const waiting = await browser.visit(scene.at('wiki'));
  await signIn(browser, 'alice', scene.at('chat'));
  // Bob comes to the browser and uses the form that is still open.
  const page = await browser.settle(await browser.submitForm(waiting, { username: 'bob', password: 'bobpw' }));
  t.is(page.status, 200);
  t.deepEqual(served(scene), ['alice@example.test', 'bob@example.test']);
  await browser.visit(scene.at('chat', '/again'));
  t.is(served(scene).at(-1), 'bob@example.test');
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.true(scene.audit.some((line) => line.event === 'session-ended' && line.reason === 'replaced'));
});

test('a person who comes from the identity provider ends the session of whoever was there before (P10)', async (t) => {
  const scene = await stage(t, { idp: '    allow: { unsolicitedResponse: true }' });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  // The gateway's nonce is forgotten sooner than its sessions are.
  scene.clock.advance(25 * 60_000);
  await browser.visit(scene.at('wiki'));
  scene.clock.advance(25 * 60_000);
  await browser.visit(scene.at('wiki'));
  scene.clock.advance(25 * 60_000);
  await browser.submitForm(await browser.visit(`${scene.idp.url}/login`), { username: 'bob', password: 'bobpw' });
  const start = `${scene.idp.url}/start?${new URLSearchParams({ RelayState: scene.at('chat') }).toString()}`;
  const page = await browser.settle(await browser.visit(start));
  t.is(page.status, 200);
  await browser.visit(scene.at('wiki', '/again'));
  t.is(served(scene).at(-1), 'bob@example.test');
});

test('a person who leaves and another who comes on the same browser meet nothing of each other (P10)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.visit(scene.at('chat'));
  await browser.settle(await browser.visit(scene.at('wiki', '/.curfew/logout')));
  await signIn(browser, 'bob', scene.at('chat', '/mine'));
  await browser.visit(scene.at('wiki', '/mine'));
  t.deepEqual(served(scene).slice(-2), ['bob@example.test', 'bob@example.test']);
});
