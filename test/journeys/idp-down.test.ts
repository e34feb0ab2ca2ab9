// The identity provider cannot hold anybody hostage (P9).

import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Browser } from '../support/browser.ts';
import { stage, type Stage } from '../support/gateway.ts';

const isOut = async (scene: Stage, browser: Browser): Promise<boolean> =>
  (await browser.request(scene.at('wiki'))).status === 303;

for (const binding of ['redirect', 'post']) {
  test(`a person who leaves is out although the identity provider is down, by ${binding} (P9)`, async (t) => {
    const scene = await stage(t, { idp: `    logout: { binding: ${binding} }` });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    await scene.idp.close();
    const page = await browser.request(scene.at('wiki', '/.curfew/logout'));
    t.is(page.status, binding === 'redirect' ? 302 : 200);
    t.true(await isOut(scene, browser));
    t.is(await scene.running.parts.doors.sessions.count(), 0);
  });
}

test('a person who leaves is out although the identity provider is down, by SOAP, and the page says so (P9)', async (t) => {
  const scene = await stage(t, { idp: '    logout: { binding: soap }' });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await scene.idp.close();
  const page = await browser.visit(scene.at('wiki', '/.curfew/logout'));
  t.is(page.status, 200);
  t.regex(page.body, /did not confirm that it has signed you out/);
  t.true(await isOut(scene, browser));
  t.true(scene.lines.some(({ event }) => event === 'identity-provider-not-told'));
});

/** A SOAP address that answers as it is told. */
async function soapAddress(t: ExecutionContext, answer: (response: ServerResponse) => void): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const pointedAt = (server: Server) => ({
  idp: '    logout: { binding: soap }',
  metadata: (xml: string) =>
    xml.replace(/http:[^"]*\/slo\/soap/, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
});

test('the session is dead before an identity provider that hangs has answered (P9)', async (t) => {
  const asked = Promise.withResolvers<ServerResponse>();
  const scene = await stage(t, pointedAt(await soapAddress(t, asked.resolve)));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const leaving = browser.visit(scene.at('wiki', '/.curfew/logout'));
  const hanging = await asked.promise;
  t.true(await isOut(scene, browser));
  hanging.destroy();
  t.regex((await leaving).body, /did not confirm/);
});

for (const [what, answer] of [
  ['nonsense', (response: ServerResponse) => response.end('<html>busy</html>')],
  [
    'a redirect elsewhere',
    (response: ServerResponse) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['more than anybody reads', (response: ServerResponse) => response.end(Buffer.alloc(300 * 1024, 0x20))],
  ['an error', (response: ServerResponse) => response.writeHead(500).end()],
] as const) {
  test(`an identity provider that answers ${what} to our LogoutRequest is reported as one that did not confirm (P9)`, async (t) => {
    const scene = await stage(t, pointedAt(await soapAddress(t, (response) => void answer(response))));
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const page = await browser.visit(scene.at('wiki', '/.curfew/logout'));
    t.is(page.status, 200);
    t.regex(page.body, /did not confirm/);
    t.true(await isOut(scene, browser));
  });
}

test('people who are signed in stay so while the identity provider is down', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await scene.idp.close();
  scene.clock.advance(20 * 60_000);
  t.is((await browser.visit(scene.at('wiki'))).status, 200);
  t.is((await browser.visit(scene.at('chat'))).status, 200);
});
