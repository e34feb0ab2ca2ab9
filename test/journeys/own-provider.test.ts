// Apps with a service provider of their own: registered by themselves at the identity provider, with sessions of their own, and a logout that
// is sent to one ends nothing of another.

import test, { type ExecutionContext } from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import type { Browser, Page } from '../support/browser.ts';
import { OPEN, postResponse, signIn, stage, type Stage } from '../support/gateway.ts';

const APPS = {
  wiki: OPEN('wiki'),
  vault: `${OPEN('vault')}saml: { entityId: 'urn:vault' }\n`,
  chat: `${OPEN('chat')}saml: {}\n`,
};

/** A gateway whose vault and chat have service providers of their own, all known at the identity provider. */
async function staged(t: ExecutionContext): Promise<Stage> {
  const scene = await stage(t, { apps: APPS });
  for (const { serviceProvider } of scene.running.parts.doors.ownDoors) {
    scene.idp.registerServiceProvider(serviceProvider.metadata);
  }
  return scene;
}

const issuers = (scene: Stage): string[] =>
  scene.idp.received.flatMap(({ message }) => (message.kind === 'AuthnRequest' ? [message.issuer] : []));
const settled = async (browser: Browser, address: string): Promise<Page> =>
  browser.settle(await browser.visit(address));

test('an app with a service provider of its own signs people in on its own host, by its own name, without a ticket', async (t) => {
  const scene = await staged(t);
  const browser = scene.browser();
  const page = await signIn(browser, 'alice', scene.at('vault', '/page?x'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('vault', '/page?x'));
  t.deepEqual(issuers(scene), ['urn:vault']);
  t.false(page.hops.some(({ url }) => url.startsWith(scene.url) || url.includes('ticket')));
  t.deepEqual(browser.cookies('login.test'), [], 'the public host has nothing to do with it');
});

test('its metadata is on its host, and names its addresses only', async (t) => {
  const scene = await staged(t);
  const page = await scene.browser().request(scene.at('vault', '/.curfew/saml/metadata'));
  t.is(page.status, 200);
  t.regex(page.body, /entityID="urn:vault"/);
  const locations = [...page.body.matchAll(/Location="([^"]+)"/g)].map(([, location]) => location);
  t.deepEqual(
    [...new Set(locations)].toSorted(),
    ['acs', 'slo', 'slo/soap'].map((path) => scene.at('vault', `/.curfew/saml/${path}`)),
  );
  for (const [host, path] of [
    ['wiki', '/.curfew/saml/metadata'],
    ['login', '/.curfew/saml/metadata'],
  ] as const) {
    t.is((await scene.browser().request(scene.at(host, path))).status, 404, host);
  }
  const chat = await scene.browser().request(scene.at('chat', '/.curfew/saml/metadata'));
  t.true(chat.body.includes(`entityID="${scene.at('chat', '/.curfew/saml/metadata')}"`), 'a name by default');
});

test('a session of one service provider is nothing at another: each asks the identity provider (P11)', async (t) => {
  const scene = await staged(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await settled(browser, scene.at('vault'));
  await settled(browser, scene.at('chat'));
  t.is(issuers(scene).length, 3);
  t.is(await scene.running.parts.doors.sessions.count(), 3);
  t.is((await browser.request(scene.at('wiki'))).status, 200, 'none ends another');
  t.is((await browser.request(scene.at('vault'))).status, 200);
});

test('a LogoutRequest to one service provider ends the sessions that began through it, and no other (P2, P3)', async (t) => {
  const scene = await staged(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await settled(browser, scene.at('vault'));
  await settled(browser, scene.at('chat'));
  const status = async (host: string) => (await browser.request(scene.at(host))).status;
  // Only the vault is told.
  const [session] = scene.idp.sessions();
  for (const entityId of [...(session?.participants.keys() ?? [])]) {
    if (entityId !== 'urn:vault') session?.participants.delete(entityId);
  }
  const reports = await scene.idp.signOutEverywhere('alice');
  t.deepEqual(
    reports.map(({ sp, codes }) => [sp, ...codes]),
    [['urn:vault', 'urn:oasis:names:tc:SAML:2.0:status:Success']],
  );
  t.deepEqual([await status('wiki'), await status('vault'), await status('chat')], [200, 303, 200]);
});

test('where all are told, all are out (P1)', async (t) => {
  const scene = await staged(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await settled(browser, scene.at('vault'));
  const reports = await scene.idp.signOutEverywhere('alice');
  t.is(reports.length, 2);
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('a Response for one service provider is refused at another, whatever the browser (saml-core §2.5.1.4)', async (t) => {
  const scene = await staged(t);
  const browser = scene.browser();
  const form = await browser.visit(scene.at('vault'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  for (const [from, to] of [
    [scene.at('vault', '/.curfew/saml/acs'), `${scene.url}/saml/acs`],
    [scene.at('vault', '/.curfew/saml/acs'), scene.at('chat', '/.curfew/saml/acs')],
  ] as const) {
    const moved = { ...response, body: response.body.replaceAll(from, to) };
    t.not(moved.body, response.body);
    const page = await postResponse(browser, moved);
    t.is(page.status, 400);
    t.is(page.headers['x-curfew'], 'SAML_DESTINATION_MISMATCH');
  }
  // And with an address that fits: it is for somebody else, and answers nobody's question there.
  scene.idp.vary.response = (fields) => ({
    ...fields,
    destination: `${scene.url}/saml/acs`,
    assertion: {
      ...fields.assertion,
      confirmations: fields.assertion?.confirmations?.map((one) => ({ ...one, recipient: `${scene.url}/saml/acs` })),
    },
  });
  const again = await settledResponse(scene, browser);
  const page = await postResponse(browser, again);
  t.is(page.headers['x-curfew'], 'SAML_AUDIENCE');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

/** The identity provider's page for the vault, about to post to the gateway's own address. */
async function settledResponse(scene: Stage, browser: Browser): Promise<Page> {
  const page = await browser.visit(scene.at('vault'));
  return { ...page, body: page.body.replaceAll(scene.at('vault', '/.curfew/saml/acs'), `${scene.url}/saml/acs`) };
}

test('the question of one service provider is answered at that one only, also under another’s audience', async (t) => {
  const scene = await staged(t);
  const browser = scene.browser();
  const acs = `${scene.url}/saml/acs`;
  const gateway = `${scene.url}/saml/metadata`;
  scene.idp.vary.response = (fields) => ({
    ...fields,
    destination: acs,
    assertion: {
      ...fields.assertion,
      conditions: { ...fields.assertion?.conditions, audiences: [[gateway]] },
      confirmations: fields.assertion?.confirmations?.map((one) => ({ ...one, recipient: acs })),
    },
  });
  const form = await browser.visit(scene.at('vault'));
  const response = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const moved = { ...response, body: response.body.replaceAll(scene.at('vault', '/.curfew/saml/acs'), acs) };
  const page = await postResponse(browser, moved);
  t.is(page.headers['x-curfew'], 'SAML_IN_RESPONSE_TO');
});

test('who leaves an app with a service provider of its own is signed out by that one (P9)', async (t) => {
  const scene = await staged(t);
  const browser = await scene.signedIn('alice', scene.at('vault'));
  const page = await settled(browser, scene.at('vault', '/.curfew/logout'));
  t.is(page.status, 200);
  t.regex(page.body, /You are signed out/);
  t.true(page.url.startsWith(scene.at('vault', '/.curfew/saml/slo')), page.url);
  const request = scene.idp.received.find(({ message }) => message.kind === 'LogoutRequest');
  t.is(request?.message.issuer, 'urn:vault');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('a link to sign in at the gateway leads to no app that has a service provider of its own', async (t) => {
  const scene = await staged(t);
  const page = await scene.browser().request(`${scene.url}/saml/login?app=vault`);
  t.is(page.headers['x-curfew'], 'RETURN_REFUSED');
  const other = await scene.browser().request(scene.at('vault', '/.curfew/saml/login?app=wiki'));
  t.is(other.headers['x-curfew'], 'RETURN_REFUSED');
});

test('an app with keys of its own signs with them, and publishes them and no others', async (t) => {
  const keys = await newKeys('vault', new Date('2026-01-01T00:00:00Z'));
  const scene = await stage(t, {
    apps: {
      ...APPS,
      vault: `${OPEN('vault')}saml: { entityId: 'urn:vault', keys: [{ key: vault.key, cert: vault.crt }] }\n`,
    },
    files: {
      'vault.key': keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'vault.crt': keys.certificate,
    },
  });
  const [chat, vault] = scene.running.parts.doors.ownDoors.map(({ serviceProvider }) => serviceProvider.metadata);
  const der = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');
  t.true(vault?.includes(der(keys.certificate)));
  t.deepEqual(
    [...new Set([...(vault ?? '').matchAll(/X509Certificate>([^<]+)</g)].map(([, text]) => text))],
    [der(keys.certificate)],
  );
  t.false(chat?.includes(der(keys.certificate)));
  // The identity provider knows these keys, and takes what is signed by them only.
  scene.idp.registerServiceProvider(vault ?? '');
  const page = await signIn(scene.browser(), 'alice', scene.at('vault'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('vault'));
});

test('two entries may be one identity provider under one name, each for a service provider of its own (Entra ID signs for each with another key)', async (t) => {
  const scene = await stage(t, {
    // Only the second is anybody's at the gateway's own service provider.
    idp: '  - name: again\n    metadata: idp.xml\n',
    apps: {
      wiki: `${OPEN('wiki')}identityProvider: again\n`,
      vault: `${OPEN('vault')}identityProvider: corp\nsaml: { entityId: 'urn:vault' }\n`,
    },
  });
  for (const { serviceProvider } of scene.running.parts.doors.ownDoors)
    scene.idp.registerServiceProvider(serviceProvider.metadata);
  for (const app of ['wiki', 'vault']) {
    const browser = await scene.signedIn('alice', scene.at(app));
    t.is((await browser.request(scene.at(app))).status, 200, app);
  }
  t.false(scene.lines.some(({ event }) => event === 'identity-providers-alike'));
});

test('two entries with one Issuer at one service provider are warned of: the second can sign nobody in', async (t) => {
  const scene = await stage(t, {
    idp: '  - name: again\n    metadata: idp.xml\n',
    apps: { wiki: `${OPEN('wiki')}identityProviders: [corp, again]\n` },
  });
  const [line] = scene.lines.filter(({ event }) => event === 'identity-providers-alike');
  t.like(line?.facts, { idp: 'corp', other: 'again' });
});
