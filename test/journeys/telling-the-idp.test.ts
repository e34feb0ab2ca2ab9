// How an identity provider hears of sessions that end here without it: at a plain address, or by SOAP where no browser is there.

import test, { type ExecutionContext } from 'ava';
import { inflateRawSync } from 'node:zlib';
import type { Received } from '../../demo/identity-provider/receive.ts';
import { OPEN, stage, type Stage } from '../support/gateway.ts';

const ON_TIMEOUT = { idp: '    logout: { onTimeout: true }', sessions: '  idle: 10m\n  lifetime: 1h' };

/** LogoutRequests of ours that the identity provider has verified; waits until all are there that are under way. */
async function heard(scene: Stage): Promise<Received['message'][]> {
  await scene.running.parts.close();
  return scene.idp.received.map(({ message }) => message).filter(({ kind }) => kind === 'LogoutRequest');
}

async function signedIn(t: ExecutionContext, options: Parameters<typeof stage>[1]) {
  const scene = await stage(t, options);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  return { scene, browser };
}

for (const [reason, minutes] of [
  ['idle', 11],
  ['lifetime', 61],
] as const) {
  test(`with onTimeout an identity provider is told by SOAP of a session that ends by ${reason}, without a Reason it may not give`, async (t) => {
    const { scene, browser } = await signedIn(t, ON_TIMEOUT);
    for (let at = 0; at < minutes - 11; at += 5) {
      scene.clock.advance(5 * 60_000);
      await browser.request(scene.at('wiki'));
    }
    scene.clock.advance(11 * 60_000);
    await scene.running.parts.expire();
    const [message, second] = await heard(scene);
    t.like(message, { kind: 'LogoutRequest', reason: undefined, nameId: { value: 'alice@example.test' } });
    t.is(second, undefined);
    t.true(scene.audit.some((line) => line.event === 'session-ended' && line.reason === reason));
    t.deepEqual(scene.idp.sessions(), []);
  });
}

test('with onTimeout an identity provider is told of a session that an administrator ends, and why (saml-core §3.7.3)', async (t) => {
  const { scene } = await signedIn(t, ON_TIMEOUT);
  const [session] = await scene.running.parts.doors.sessions.findBySubject('corp', 'alice@example.test', []);
  if (session === undefined) return t.fail('nobody is signed in');
  await scene.running.parts.endSession(session.id, { reason: 'administrator' });
  const [message] = await heard(scene);
  t.like(message, { kind: 'LogoutRequest', reason: 'urn:oasis:names:tc:SAML:2.0:logout:admin' });
});

test('without onTimeout an identity provider is told of neither', async (t) => {
  const { scene } = await signedIn(t, { sessions: ON_TIMEOUT.sessions });
  scene.clock.advance(11 * 60_000);
  await scene.running.parts.expire();
  t.deepEqual(await heard(scene), []);
  t.is(scene.idp.sessions().length, 1);
});

test('an identity provider that ends a session itself, or is down, is not waited for and changes nothing (P9)', async (t) => {
  const { scene } = await signedIn(t, ON_TIMEOUT);
  const bob = await scene.signedIn('bob', scene.at('wiki'));
  await scene.idp.signOutEverywhere('bob');
  t.is((await bob.request(scene.at('wiki'))).status, 303);
  await scene.idp.close();
  scene.clock.advance(11 * 60_000);
  t.is(await scene.running.parts.expire(), 1);
  t.deepEqual(await heard(scene), []);
  t.true(scene.lines.some(({ event }) => event === 'identity-provider-not-told'));
});

const PLAIN = 'https://idp.test/samlsso?slo=true&spEntityID=${entityId}&returnTo=${returnTo}';

test('with logout.url a person who leaves is out, and the browser goes there with the page to come back to (P9)', async (t) => {
  const { scene, browser } = await signedIn(t, { idp: `    logout: { url: "${PLAIN}" }` });
  const gone = await browser.request(scene.at('wiki', '/.curfew/logout'));
  t.is(gone.status, 303);
  const to = new URL(gone.headers.location ?? '');
  t.is(to.origin + to.pathname, 'https://idp.test/samlsso');
  t.is(to.searchParams.get('spEntityID'), `${scene.url}/saml/metadata`);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
  const back = await browser.visit(to.searchParams.get('returnTo') ?? '');
  t.is(back.status, 200);
  t.regex(back.body, /You are signed out/);
});

test('with logout.url the page to come back to is the one the policy names, and none that a request names', async (t) => {
  const returnTo = 'https://portal.example.com/?a=1&b=2';
  const { scene, browser } = await signedIn(t, {
    idp: `    logout: { url: "${PLAIN}" }`,
    apps: { wiki: `${OPEN('wiki')}signOut: { returnTo: "${returnTo}" }\n` },
  });
  const gone = await browser.request(
    scene.at('wiki', '/.curfew/logout?returnTo=https://evil.test&RelayState=https://evil.test'),
  );
  t.is(new URL(gone.headers.location ?? '').searchParams.get('returnTo'), returnTo);
  t.notRegex(gone.headers.location ?? '', /evil/);
});

test('a LogoutRequest of ours by Redirect stays below 5000 bytes and names at least one SessionIndex; by POST it names all', async (t) => {
  for (const [binding, indexes, most] of [
    ['redirect', 40, 4990],
    ['post', 40, Infinity],
  ] as const) {
    const { scene, browser } = await signedIn(t, {
      idp: `    logout: { binding: ${binding} }`,
      identityProvider: {
        vary: {
          response: (fields) => ({
            ...fields,
            assertion: {
              ...fields.assertion,
              authnStatements: Array.from({ length: indexes }, (_none, at) => ({
                ...fields.assertion?.authnStatements?.[0],
                sessionIndex: `_${at}_${'x'.repeat(200)}`,
              })),
            },
          }),
        },
      },
    });
    const left = await browser.request(scene.at('wiki', '/.curfew/logout'));
    const [, posted = ''] = /name="SAMLRequest" value="([^"]*)"/.exec(left.body) ?? [];
    const xml =
      binding === 'redirect'
        ? inflateRawSync(
            Buffer.from(new URL(left.headers.location ?? '').searchParams.get('SAMLRequest') ?? '', 'base64'),
          )
        : Buffer.from(posted, 'base64');
    t.true(xml.length <= most, `${xml.length} bytes`);
    const named = xml.toString().split('<samlp:SessionIndex>').length - 1;
    if (binding === 'post') t.is(named, indexes);
    else t.true(named > 10 && named < indexes, `${named} named`);
  }
});
