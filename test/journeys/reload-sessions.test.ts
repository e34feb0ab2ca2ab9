// Sessions while other policies are taken over: a logout or a sign-in under way comes to its end, and whoever nobody could sign out any more is out.

import { readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { OPEN, postResponse, signIn, stage, type Stage } from '../support/gateway.ts';
import { inbox } from '../support/inbox.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';
import { FOR, stageWithPartner } from '../support/partner.ts';
import { startUpstream } from '../support/upstream.ts';

/** Changes a file of the policies and takes it over. */
async function changed(scene: Stage, name: string, change: (text: string) => string) {
  const file = join(scene.folder, name);
  await writeFile(file, change(await readFile(file, 'utf8')));
  return scene.running.reload('signal');
}

const GOODBYE = 'signOut: { call: { path: /logout }, deadline: 5s }\n';

for (const [what, name, change] of [
  ['the app changes', 'wiki.yaml', (text: string) => `${text}title: Another\n`],
  [
    'the app is another server',
    'wiki.yaml',
    (text: string) => text.replace(/upstream: .*/, 'upstream: http://127.0.0.1:9'),
  ],
  ['the gateway changes', 'gateway.yaml', (text: string) => `${text}trustedProxies: [203.0.113.1]\n`],
] as const)
  test(`Success waits for the goodbye where ${what} in the middle of it, and is said once it is over (P1, P7)`, async (t) => {
    const goodbyes = inbox<ServerResponse>('goodbye');
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/logout') goodbyes.put(response);
      else response.writeHead(200, { 'set-cookie': 'LEGACY=1' }).end();
    });
    t.teardown(() => upstream.close());
    const scene = await stage(t, { upstream, apps: { wiki: `${OPEN('wiki')}${GOODBYE}` } });
    const browser = await scene.signedIn('alice', scene.at('wiki', '/page'));
    const body = soapFor(scene, 'alice');
    let isAnswered = false;
    const answered = postSoap(scene, body).finally(() => (isAnswered = true));
    const goodbye = await goodbyes.next();
    t.is((await changed(scene, name, change)).result, 'applied');
    // The same request again, under the configuration that has come since, waits for the same answer (P5).
    const again = postSoap(scene, body);
    t.is((await browser.visit(scene.at('wiki', '/page'), { follow: false })).status, 303, 'the door is closed already');
    t.false(isAnswered, 'before the app has forgotten');
    goodbye.end();
    t.deepEqual(soapCodes(scene, await answered), SUCCESS);
    t.deepEqual(soapCodes(scene, await again), SUCCESS);
    t.is(upstream.requests.filter(({ url }) => url === '/logout').length, 1, 'told once');
  });

test('a sign-in that began before is finished after: the Response, the ticket and the page that was asked for', async (t) => {
  const scene = await stage(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('wiki', '/page?x'));
  t.is((await changed(scene, 'wiki.yaml', (text) => `${text}title: One\n`)).result, 'applied');
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  t.is((await changed(scene, 'wiki.yaml', (text) => text.replace('title: One', 'title: Two'))).result, 'applied');
  const ticket = await postResponse(browser, response);
  t.is((await changed(scene, 'gateway.yaml', (text) => `${text}trustedProxies: [203.0.113.1]\n`)).result, 'applied');
  const page = await browser.settle(await browser.visit(new URL(ticket.headers.location ?? '', ticket.url).href));
  t.deepEqual([page.status, page.url], [200, scene.at('wiki', '/page?x')]);
});

test('sessions of an identity provider that is gone end as unconfigured, the others go on (P1)', async (t) => {
  const apps = { wiki: FOR('wiki', 'corp', 'partner'), chat: FOR('chat', 'partner'), mail: FOR('mail', 'corp') };
  const scene = await stageWithPartner(t, { apps });
  const [stays, goes] = [scene.browser(), scene.browser()];
  await signIn(stays, 'alice', scene.at('mail', '/page'));
  await signIn(goes, 'bob', scene.at('chat', '/page'));
  t.is(await scene.running.parts.doors.sessions.count(), 2);
  const text = await readFile(join(scene.folder, 'gateway.yaml'), 'utf8');
  await writeFile(join(scene.folder, 'gateway.yaml'), text.replace(/ {2}- name: partner\n(?: {4}.*\n)*/, ''));
  await writeFile(join(scene.folder, 'wiki.yaml'), FOR('wiki', 'corp').replaceAll('${UPSTREAM}', scene.upstream.url));
  await rm(join(scene.folder, 'chat.yaml'));
  t.like(await scene.running.reload('signal'), { result: 'applied', sessionsEnded: 1 });
  const ended = scene.audit.flatMap((line) => (line.event === 'session-ended' ? [line] : []));
  t.deepEqual(
    ended.map(({ reason, idp }) => [reason, idp]),
    [['unconfigured', 'partner']],
  );
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.is((await stays.visit(scene.at('mail', '/page'))).status, 200);
});

test('sessions of an app’s own service provider that is gone end as unconfigured as well', async (t) => {
  const apps = { wiki: OPEN('wiki'), vault: `${OPEN('vault')}saml: { entityId: 'urn:vault' }\n` };
  const scene = await stage(t, { apps });
  for (const { serviceProvider } of scene.running.parts.doors.ownDoors)
    scene.idp.registerServiceProvider(serviceProvider.metadata);
  const browser = scene.browser();
  await signIn(browser, 'alice', scene.at('vault', '/page'));
  await browser.settle(await browser.visit(scene.at('wiki', '/page')));
  t.is(await scene.running.parts.doors.sessions.count(), 2);
  const told = await changed(scene, 'vault.yaml', (text) => text.replace(/saml: .*\n/, ''));
  t.like(told, { result: 'applied', sessionsEnded: 1 });
  t.is((await browser.visit(scene.at('wiki', '/page'))).status, 200);
  const reasons = scene.audit.flatMap((line) => (line.event === 'session-ended' ? [line.reason] : []));
  t.deepEqual(reasons, ['unconfigured']);
});
