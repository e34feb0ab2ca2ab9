// What an app is told in words that it can check, and what it is signed in with: the browser can forge neither (P11).

import { createPublicKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto';
import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';
import { headerValues } from '../support/upstream.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const policy = (app: string, identity: string): string => `app: ${app}
hosts: [${app}.test]
upstream: \${UPSTREAM}
access:
  - { paths: [/public/**], allow: anyone }
  - { allow: authenticated }
identity:
${identity}
signIn: { credentials: people.txt }
`;
const PEOPLE = 'alice@example.test: { user: al, password: "pä:ss" }\n';

const open = (t: Parameters<typeof stage>[0]): Promise<Stage> =>
  stage(t, {
    apps: {
      wiki: policy('wiki', '  jwt: { header: X-Who, claims: { groups: ["${attributes.groups}"] } }'),
      chat: policy('chat', '  basic: { username: "${credentials.user}", password: "${credentials.password}" }'),
    },
    files: { 'jwt.key': KEY.export({ type: 'pkcs8', format: 'pem' }).toString(), 'people.txt': PEOPLE },
    gateway: 'jwt: { keys: [jwt.key] }',
  });

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

test('an app checks with the keys on its own host who the person is (RFC 7519 §7.2)', async (t) => {
  const scene = await open(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const told = () => headerValues(scene.upstream.requests.at(-1) ?? { rawHeaders: [] }, 'X-Who');
  await browser.visit(scene.at('wiki', '/a'), { headers: { 'x-who': 'forged', x_who: 'forged' } });
  const [token = '', ...more] = told();
  t.deepEqual(more, []);
  const keys = await scene.browser().request(scene.at('wiki', '/.curfew/jwks.json'));
  t.is(keys.headers['content-type'], 'application/jwk-set+json');
  t.is(keys.headers['cache-control'], 'public, max-age=300');
  const [jwk] = (JSON.parse(keys.body) as { keys: JsonWebKey[] }).keys;
  const [head = '', body = '', signature = ''] = token.split('.');
  const key = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
  t.true(
    verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  );
  t.like(claimsOf(token), { iss: scene.url, aud: 'wiki', sub: 'alice@example.test' });
  t.true(Array.isArray(claimsOf(token)['groups']));
  const session = scene.audit.find((line) => line.event === 'sign-in')?.session ?? '';
  t.not(session, '');
  t.false(Buffer.from(body, 'base64url').toString().includes(session));

  await browser.visit(scene.at('wiki', '/b'));
  t.deepEqual(told(), [token]);
  await postSoap(scene, soapFor(scene, 'alice'));
  scene.clock.advance(1000);
  await scene.signedIn('alice', scene.at('wiki', '/c'));
  t.not(claimsOf(told()[0] ?? '')['sid'], claimsOf(token)['sid']);
});

test('without a session nothing is said in a person’s name, and nothing of the browser’s passes (P11)', async (t) => {
  const scene = await open(t);
  for (const app of ['wiki', 'chat']) {
    const headers = { authorization: 'Basic Zm9yZ2Vk', 'x-who': 'forged' };
    await scene.browser().visit(scene.at(app, '/public/x'), { headers });
    const request = scene.upstream.requests.at(-1) ?? { rawHeaders: [] };
    t.deepEqual(headerValues(request, app === 'wiki' ? 'x-who' : 'authorization'), []);
  }
});

test('an app that knows only HTTP Basic gets the person’s own account, and nobody else’s (RFC 7617)', async (t) => {
  const scene = await open(t);
  const alice = await scene.signedIn('alice', scene.at('chat'));
  await alice.visit(scene.at('chat'), { headers: { authorization: 'Basic Zm9yZ2Vk' } });
  const told = () => headerValues(scene.upstream.requests.at(-1) ?? { rawHeaders: [] }, 'authorization');
  t.deepEqual(told(), [`Basic ${Buffer.from('al:pä:ss').toString('base64')}`]);
  await scene.signedIn('bob', scene.at('chat'));
  t.deepEqual(told(), []);
  const lines = scene.lines.filter(({ event }) => event === 'identity-basic-missing');
  t.is(lines.length, 1);
  t.like(lines[0]?.facts, { app: 'chat', reason: 'no username known' });
});
