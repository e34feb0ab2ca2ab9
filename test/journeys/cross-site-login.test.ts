// The identity provider's page posts the Response from its own site, so that a Lax cookie stays behind (RFC 6265bis §5.6.7.1).

import test from 'ava';
import { stage } from '../support/gateway.ts';

test('without https a Response from another site makes a detour over our own page, and the sign-in goes on', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki', '/page'));
  const posting = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const detour = await browser.submitForm(posting, {});
  t.is(detour.status, 400, 'whoever cannot read the page has been refused');
  t.regex(detour.body, /<form method="post" action="\/saml\/acs\?again">/);
  const page = await browser.settle(detour);
  t.is(page.url, scene.at('wiki', '/page'));
  t.is(page.status, 200);
});

test('a Response that another browser asked for is refused after the detour as well: nobody is signed in as somebody else', async (t) => {
  const scene = await stage(t);
  const attacker = scene.browser();
  const form = await attacker.visit(scene.at('wiki'));
  const posting = await attacker.submitForm(form, { username: 'bob', password: 'bobpw' });
  const victim = scene.browser();
  const detour = await victim.submitForm(posting, {});
  const end = await victim.submitForm(detour, {});
  t.is(end.status, 400);
  t.is(end.headers['x-curfew'], 'SAML_IN_RESPONSE_TO');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});
