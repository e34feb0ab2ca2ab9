// A process that is killed in the middle loses nothing (P13): a real one, killed with signal 9.

import test, { type ExecutionContext } from 'ava';
import { deliver } from '../../demo/identity-provider/deliver.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { openBrowser, type Browser } from '../support/browser.ts';
import { OPEN, postResponse, scenery, signIn, type Scenery, type StageOptions } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { startUpstream } from '../support/upstream.ts';
import { serving } from './child.ts';

interface Play extends Scenery {
  readonly browser: Browser;
  readonly at: (host: string, path?: string) => string;
  /** Kills the process and starts another one. */
  readonly crash: () => Promise<void>;
}

async function play(t: ExecutionContext, options: StageOptions = {}): Promise<Play> {
  const scene = await scenery(t, options);
  let child = await serving(t, scene.folder);
  const at = (host: string, path = '/'): string => `http://${host}.test:${scene.port}${path}`;
  const browser = openBrowser();
  t.teardown(() => browser.close());
  const metadata = await browser.request(at('login', '/saml/metadata'));
  scene.idp.registerServiceProvider(metadata.body);
  return {
    ...scene,
    browser,
    at,
    crash: async () => {
      await child.stop('SIGKILL');
      child = await serving(t, scene.folder);
    },
  };
}

test.serial('a person is still signed in after a crash, at every application (P13)', async (t) => {
  const { browser, at, crash, idp } = await play(t);
  await signIn(browser, 'alice', at('wiki'));
  await browser.visit(at('chat'));
  await crash();
  t.is((await browser.request(at('wiki'))).status, 200);
  t.is((await browser.request(at('chat'))).status, 200);
  const [report] = await idp.signOutEverywhere('alice');
  t.is(report?.codes[0]?.split(':').at(-1), 'Success');
  t.is((await browser.request(at('wiki'))).status, 303);
  await crash();
  t.is((await browser.request(at('wiki'))).status, 303, 'the crash has brought the session back');
});

test.serial(
  'a sign-in that was begun before a crash is finished after it, and a Response is good once (P13)',
  async (t) => {
    const { browser, at, crash } = await play(t, { idp: '    allow: { unsolicitedResponse: true }' });
    const form = await browser.visit(at('wiki', '/page'));
    await crash();
    const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
    const page = await browser.settle(response);
    t.is(page.status, 200);
    t.is(page.url, at('wiki', '/page'));
    await crash();
    const again = await postResponse(browser, response);
    t.is(again.headers['x-curfew'], 'SAML_IN_RESPONSE_TO');
  },
);

test.serial(
  'an assertion that nobody asked for is used once, also across a crash (P13, profiles §4.1.4.5)',
  async (t) => {
    const { browser, at, crash, idp } = await play(t, { idp: '    allow: { unsolicitedResponse: true }' });
    await browser.submitForm(await browser.visit(`${idp.url}/login`), { username: 'alice', password: 'alicepw' });
    const response = await browser.visit(
      `${idp.url}/start?${new URLSearchParams({ RelayState: at('wiki') }).toString()}`,
    );
    t.is((await browser.settle(response)).status, 200);
    await crash();
    t.is((await postResponse(browser, response)).headers['x-curfew'], 'SAML_REPLAY');
  },
);

test.serial('a logout is in force after a crash, and its repetition is known (P5, P6, P13)', async (t) => {
  const { browser, at, crash, idp } = await play(t);
  const form = await browser.visit(at('wiki'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const [report] = await idp.signOutEverywhere('alice', { fields: {} });
  t.is(report?.codes[0]?.split(':').at(-1), 'Success');
  await crash();
  t.is((await postResponse(browser, response)).headers['x-curfew'], 'SAML_LOGGED_OUT');
  t.is((await signIn(browser, 'alice', at('wiki'))).status, 200);
  if (report?.sent === undefined) return t.fail('nothing was sent');
  t.is((await deliver(report.sent)).status, 200);
  t.is((await browser.request(at('wiki'))).status, 200, 'the repetition has ended the session begun after it');
});

test.serial(
  'an app that was never told, because of a crash in the middle, is no Success afterwards (P1)',
  async (t) => {
    let isTaken = false;
    const goodbye = Promise.withResolvers<undefined>();
    const upstream = await startUpstream((request, response) => {
      if (request.url !== '/bye') return void response.setHeader('Set-Cookie', 'app=1').end('ok');
      goodbye.resolve(undefined);
      // At first it keeps the gateway waiting, and then it is broken.
      if (isTaken) response.writeHead(500).end();
    });
    t.teardown(() => upstream.close());
    const wiki = `${OPEN('wiki')}signOut: { call: { path: /bye }, deadline: 30s, required: true }\n`;
    const { browser, at, crash, ...scene } = await play(t, { upstream, apps: { wiki } });
    await signIn(browser, 'alice', at('wiki'));
    const asked = { ...scene, clock: systemClock };
    const request = soapFor(asked, 'alice');
    const unanswered = postSoap(asked, request).catch(() => undefined);
    await goodbye.promise;
    isTaken = true;
    await crash();
    t.is(await unanswered, undefined);
    // What a second crash would make of it is no other thing.
    await crash();
    t.is((await browser.request(at('wiki'))).status, 303, 'the session is over all the same');
    const codes = async (message: string): Promise<(string | undefined)[]> => {
      const { body } = await postSoap(asked, message);
      return [...body.matchAll(/StatusCode Value="[^"]*:(\w+)"/g)].map(([, code]) => code);
    };
    t.deepEqual(await codes(soapFor(asked, 'bob')), ['Success'], 'it is nobody else’s');
    const partial = ['Responder', 'PartialLogout'];
    t.deepEqual(await codes(request), partial, 'the same message, sent again');
    t.deepEqual(await codes(request), partial, 'P5');
    t.deepEqual(await codes(soapFor(asked, 'alice')), ['Success'], 'it has been said');
  },
);
