// Who opens the public address itself, as people do who type it, comes to what there is for them.

import test from 'ava';
import { OPEN, stage } from '../support/gateway.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';

test('who types the public address signs in and may choose an app', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(`${scene.url}/`);
  t.true(form.url.startsWith(scene.idp.url));
  t.false(
    form.hops.some(({ url }) => /wiki|chat/.test(url)),
    'no app is named to a stranger',
  );
  const page = await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
  t.is(page.url, `${scene.url}/saml/apps`);
  t.true(page.body.includes(scene.at('wiki')) && page.body.includes(scene.at('chat')));
  t.is((await browser.visit(`${scene.url}/?from=mail`)).url, `${scene.url}/saml/apps`);
});

test('who may use one app is taken there from the public address', async (t) => {
  const scene = await stage(t, { apps: { wiki: OPEN('wiki') } });
  const browser = scene.browser();
  const form = await browser.visit(scene.url);
  const page = await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
  t.is(page.url, scene.at('wiki'));
});

test('people of every identity provider find the way to their apps', async (t) => {
  const apps = { wiki: FOR('wiki', 'corp'), chat: FOR('chat', 'partner'), mail: FOR('mail', 'partner') };
  const scene = await stageWithPartner(t, { apps });
  const browser = scene.browser();
  const page = await browser.visit(`${scene.url}/`);
  t.regex(page.body, /Where do you sign in\?/);
  t.notRegex(page.body, /wiki|chat|mail/);
  const links = [...page.body.matchAll(/<a href="([^"]+)">/g)].map(([, at = '']) => at.replaceAll('&#38;', '&'));
  t.is(links.length, 2);
  const partner = links.find((at) => at.endsWith('idp=partner')) ?? '';
  const form = await browser.visit(new URL(partner, page.url).href);
  t.true(form.url.startsWith(scene.partner.url));
  const back = await browser.settle(await browser.submitForm(form, { username: 'bob', password: 'bobpw' }));
  t.is(back.url, `${scene.url}/saml/apps`);
  t.true(back.body.includes(scene.at('chat')) && back.body.includes(scene.at('mail')));
  t.false(back.body.includes(scene.at('wiki')));
  const refused = await scene.browser().request(`${scene.url}/saml/login?return=${scene.url}/saml/apps&idp=nobody`);
  t.is(refused.headers['x-curfew'], 'IDP_NOT_OFFERED');
});

test('which apps there are is nothing for strangers, and programs are told what they were told', async (t) => {
  const scene = await stage(t);
  const list = await scene.browser().request(`${scene.url}/saml/apps`, { headers: { accept: '*/*' } });
  t.like(list, { status: 401, headers: { 'x-curfew': 'SIGN_IN_NEEDED' } });
  t.false(list.body.includes('wiki.test'));
  for (const visit of [
    { mode: 'fetch' },
    { method: 'POST', body: '' },
    { headers: { accept: 'application/json' }, mode: 'fetch' },
    // A probe, which names nothing of all this.
    { headers: { accept: '*/*' } },
  ] as const) {
    const answer = await scene.browser().request(`${scene.url}/`, visit);
    t.like(answer, { status: 404, headers: { 'x-curfew': 'HOST_UNKNOWN' } });
  }
  for (const address of [`${scene.url}/index.html`, `${scene.url}//`, scene.at('nobody')]) {
    const answer = await scene.browser().request(address);
    t.like(answer, { status: 404, headers: { 'x-curfew': 'HOST_UNKNOWN' } }, address);
  }
});

test('where no app is shown to anybody, the public address is nobody’s', async (t) => {
  const own = `${OPEN('wiki')}saml: { entityId: "http://wiki.test/own" }\n`;
  const scene = await stage(t, { apps: { wiki: own } });
  const answer = await scene.browser().request(`${scene.url}/`);
  t.like(answer, { status: 404, headers: { 'x-curfew': 'HOST_UNKNOWN' } });
  t.is((await scene.browser().request(`${scene.url}/saml/apps`)).status, 401);
});

test('an app at the public address is what is found there', async (t) => {
  const scene = await stage(t, { apps: { wiki: OPEN('wiki').replace('wiki.test', 'login.test') } });
  const answer = await scene.browser().request(`${scene.url}/`);
  t.regex(answer.headers.location ?? '', /\/saml\/login\?app=wiki&/);
});
