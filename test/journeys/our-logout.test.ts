// The person leaves by themselves: our session ends first, then the identity provider is told (P9).

import test from 'ava';
import { redirectAddress } from '../../demo/identity-provider/bindings.ts';
import { logoutResponseFields } from '../../demo/identity-provider/fields.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { logoutResponseXml } from '../../demo/identity-provider/messages.ts';
import { metadataXml } from '../../demo/identity-provider/metadata.ts';
import { BINDING, STATUS } from '../../demo/identity-provider/names.ts';
import { signedQuery } from '../../demo/identity-provider/sign.ts';
import { sessionsError } from '../../gateway/sessions/codes.ts';
import type { Browser, Page } from '../support/browser.ts';
import { linksIn } from '../support/forms.ts';
import { OPEN, stage, type Stage, type StageOptions } from '../support/gateway.ts';

const TOLD = /Your identity provider has signed you out as well/;
const PARTIAL = /could not reach every other application/;
const FAILED = /did not confirm that it has signed you out/;
const NOT_TOLD = /You may still be signed in at your identity provider/;

const by = (binding: string): StageOptions => ({ idp: `    logout: { binding: ${binding} }` });

/** Leaves at the wiki and goes wherever that leads. */
const leave = async (scene: Stage, browser: Browser): Promise<Page> =>
  browser.settle(await browser.visit(scene.at('wiki', '/.curfew/logout')));

for (const binding of ['auto', 'redirect', 'post', 'soap']) {
  test(`a person who leaves is out of every application and of the identity provider, told by ${binding}`, async (t) => {
    const scene = await stage(t, by(binding));
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    await browser.visit(scene.at('chat'));
    const cookies = ['wiki', 'chat', 'login'].map((host) => ({
      host,
      cookie: `curfew=${browser.cookies(`${host}.test`).find(({ name }) => name === 'curfew')?.value ?? ''}`,
    }));
    const page = await leave(scene, browser);
    t.is(page.status, 200);
    t.regex(page.body, /<title>Signed out<\/title>/);
    t.regex(page.body, TOLD);
    const left = page.hops.find(({ url }) => url === scene.at('wiki', '/.curfew/logout')) ?? page;
    t.is(left.headers['clear-site-data'], '"cache"', 'what the application let the browser keep goes as well');
    t.is(scene.idp.sessions().length, 0);
    const told = scene.idp.received.findLast(({ message }) => message.kind === 'LogoutRequest');
    t.is(told?.binding, binding === 'auto' ? 'redirect' : (binding as 'redirect' | 'post' | 'soap'));
    for (const { host, cookie } of cookies) {
      const kept = await scene.browser().request(scene.at(host, '/.curfew/session'), { headers: { cookie } });
      t.is(kept.status, 401, host);
    }
    t.is((await browser.request(scene.at('chat'))).status, 303);
    t.deepEqual(
      browser.cookies('wiki.test').map(({ name }) => name),
      ['curfew-enter'],
    );
    const line = scene.audit.find(({ event }) => event === 'session-ended');
    t.like(line, { reason: 'person' });
  });
}

test('a person leaves by a form post as well', async (t) => {
  const scene = await stage(t, by('soap'));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.visit(scene.at('wiki', '/.curfew/logout'), { method: 'POST', from: scene.at('wiki') });
  t.regex(page.body, TOLD);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('a form of another site signs out as a link does: no browser loses its cookie while the session lives', async (t) => {
  const scene = await stage(t, by('none'));
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  // The session's cookie is Lax and stays behind.
  const page = await browser.visit(scene.at('wiki', '/.curfew/logout'), { method: 'POST', from: 'http://evil.test/' });
  t.regex(page.body, /<title>Signed out<\/title>/);
  t.is(await scene.running.parts.doors.sessions.count(), 0, 'the page said so, and she was not');
});

for (const [what, visit] of [
  ['picture', { mode: 'fetch' }],
  ['frame', { mode: 'iframe' }],
] as const) {
  test(`a ${what} of another site takes nothing from a browser that is signed in`, async (t) => {
    const scene = await stage(t, by('none'));
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const { url } = await browser.visit(scene.at('wiki', '/.curfew/session'));
    const page = await scene
      .browser()
      .request(scene.at('wiki', '/.curfew/logout'), { from: 'http://evil.test/', ...visit });
    t.is(page.headers['clear-site-data'], undefined);
    t.deepEqual(page.setCookies, []);
    t.is((await browser.visit(url)).status, 200);
  });
}

test('an identity provider without single logout is not told, and the page says so', async (t) => {
  for (const options of [
    by('none'),
    { metadata: (xml: string) => xml.replace(/<md:SingleLogoutService[^>]*\/>/g, '') },
  ] satisfies StageOptions[]) {
    const scene = await stage(t, options);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const page = await leave(scene, browser);
    t.regex(page.body, NOT_TOLD);
    t.is(page.url, scene.at('wiki', '/.curfew/logout'));
    t.is((await browser.request(scene.at('wiki'))).status, 303);
  }
});

test('whoever leaves without being signed in gets the same page, and nobody is told', async (t) => {
  const scene = await stage(t);
  const page = await leave(scene, scene.browser());
  t.is(page.status, 200);
  t.regex(page.body, /You are signed out/);
  t.is(scene.idp.received.length, 0);
});

for (const [what, codes, words] of [
  ['Success', [STATUS.success], TOLD],
  ['PartialLogout at the top', [STATUS.partialLogout], PARTIAL],
  ['PartialLogout under Success', [STATUS.success, STATUS.partialLogout], PARTIAL],
  ['PartialLogout under Responder', [STATUS.responder, STATUS.partialLogout], PARTIAL],
  ['Responder', [STATUS.responder], FAILED],
  ['Requester', [STATUS.requester], FAILED],
] as const) {
  for (const binding of ['redirect', 'post', 'soap']) {
    test(`a LogoutResponse that says ${what} by ${binding} is told to the person as it is (saml-core §3.7.3.2)`, async (t) => {
      const scene = await stage(t, {
        ...by(binding),
        identityProvider: { vary: { logoutResponse: (fields) => ({ ...fields, status: { codes } }) } },
      });
      const browser = await scene.signedIn('alice', scene.at('wiki'));
      const page = await leave(scene, browser);
      t.is(page.status, 200);
      t.regex(page.body, words);
      t.is((await browser.request(scene.at('wiki'))).status, 303);
    });
  }
}

test('a LogoutResponse that was answered already is refused, and nothing comes of it', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await leave(scene, browser);
  t.true(page.url.startsWith(`${scene.url}/saml/slo?SAMLResponse=`), page.url);
  const again = await browser.visit(page.url);
  t.is(again.status, 400);
  t.is(again.headers['x-curfew'], 'SAML_UNAWAITED');
  t.regex(again.body, /<h1>This link has expired<\/h1>[^]*If you signed out, you are signed out\./);
});

test('a LogoutResponse to a question nobody asked is refused', async (t) => {
  const scene = await stage(t, {
    identityProvider: { vary: { logoutResponse: (fields) => ({ ...fields, inResponseTo: '_unknown' }) } },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await leave(scene, browser);
  t.is(page.headers['x-curfew'], 'SAML_UNAWAITED');
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('an unsigned LogoutResponse is refused, and believed only where that is allowed (P4)', async (t) => {
  for (const allowed of [false, true]) {
    const scene = await stage(t, {
      ...(allowed ? { idp: '    allow: { unsignedLogoutResponse: true }' } : {}),
      identityProvider: { vary: { signsLogout: false } },
    });
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const page = await leave(scene, browser);
    if (allowed) t.regex(page.body, TOLD);
    else t.is(page.headers['x-curfew'], 'SAML_UNSIGNED');
    t.is((await browser.request(scene.at('wiki'))).status, 303);
  }
});

test('a LogoutResponse of another identity provider than was asked is refused', async (t) => {
  const keys = await newKeys('other', new Date('2026-01-01T00:00:00Z'));
  const issuer = 'https://other.test/metadata';
  const endpoint = { binding: BINDING.redirect, location: 'https://other.test/slo' };
  const other = metadataXml({
    entityId: issuer,
    wantAuthnRequestsSigned: true,
    signingCertificates: [keys.certificate],
    singleLogout: [endpoint],
    nameIdFormats: [],
    singleSignOn: [{ binding: BINDING.redirect, location: 'https://other.test/sso' }],
  });
  const scene = await stage(t, {
    idp: '  - name: other\n    metadata: other.xml',
    files: { 'other.xml': other },
    apps: { wiki: `${OPEN('wiki')}identityProvider: corp\n` },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const asked = await browser.request(scene.at('wiki', '/.curfew/logout'));
  await browser.request(asked.headers.location ?? '');
  const id = scene.idp.received.at(-1)?.message.id ?? '';
  const forged = logoutResponseXml(
    logoutResponseFields({ issuer, destination: `${scene.url}/saml/slo`, inResponseTo: id, now: scene.clock.now() }),
  );
  const page = await browser.visit(
    redirectAddress(`${scene.url}/saml/slo`, signedQuery('SAMLResponse', forged, undefined, keys)),
  );
  t.is(page.headers['x-curfew'], 'SAML_UNAWAITED');
});

test('the signed-out page leads where the policy says', async (t) => {
  const scene = await stage(t, {
    ...by('soap'),
    apps: { wiki: `${OPEN('wiki')}signOut: { returnTo: "https://portal.test/?a=1&b=2" }\n` },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await leave(scene, browser);
  t.deepEqual(linksIn(page.body, page.url), ['https://portal.test/?a=1&b=2']);
});

test('where the store cannot be asked nobody is told that they are out, and the browser keeps the cookie to try again with (P1, P12)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const { sessions } = scene.running.parts.doors;
  const end = sessions.end.bind(sessions);
  sessions.end = () => Promise.reject(sessionsError('SESSIONS_STORE_UNAVAILABLE'));
  for (const time of ['first', 'second']) {
    const page = await browser.request(scene.at('wiki', '/.curfew/logout'));
    t.is(page.status, 503, time);
    t.is(page.headers['x-curfew'], 'SESSIONS_STORE_UNAVAILABLE', time);
    t.deepEqual(page.setCookies, [], time);
  }
  sessions.end = end;
  await leave(scene, browser);
  t.is(await sessions.count(), 0);
});
