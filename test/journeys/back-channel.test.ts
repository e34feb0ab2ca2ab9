// `listen.backchannel`: LogoutRequests over TLS with client certificates, and nothing else; where the operator says so, a certificate of the
// identity provider's takes the place of its signature.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from 'ava';
import { postFields, soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { logoutRequestXml, type LogoutRequestFields } from '../../demo/identity-provider/messages.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { newSigner, writePairs, type Pair, type Signer } from '../support/certificates.ts';
import { OPEN, stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { fieldsFor, formCodes, post, soapCodes, SUCCESS, type Answer } from '../support/logout-requests.ts';
import { needing } from '../support/needing.ts';

const law = needing('openssl');

const URL_OF = 'https://login.test:8444';
const PATH = '/saml/slo/soap';
const TRUSTING = '    allow: { tlsInsteadOfSignature: true }\n    clientCertificateNames: [idp.test]';

interface Scene extends Stage {
  readonly servers: Signer;
  readonly clients: Signer;
  readonly port: number;
  readonly caFile: string;
}

/** A gateway with a back channel that lets in whom `clients` and the identity provider's own metadata key certify. */
async function open(t: ExecutionContext, idp = '', apps?: StageOptions['apps']): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-back-channel-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [servers, clients] = [newSigner('servers'), newSigner('clients')];
  writePairs(join(folder, 'tls'), { a: servers.sign(['other.test']), b: servers.sign(['login.test']) });
  const keys = await newKeys('the identity provider itself', new Date('2026-01-01T00:00:00Z'));
  const caFile = join(folder, 'clients.pem');
  writeFileSync(caFile, `${clients.cert}${keys.certificate}`);
  const scene = await stage(t, {
    listen: ', backchannel: 127.0.0.1:0',
    gateway: `tls: { certificates: ${folder}/tls, clientCa: ${caFile} }\nbackchannelUrl: ${URL_OF}`,
    idp,
    identityProvider: { keys },
    ...(apps && { apps }),
  });
  return Object.assign(scene, { servers, clients, caFile, port: scene.running.backchannel?.port ?? 0 });
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** Posts over the back channel with a client certificate, or without one. */
async function call(scene: Scene, pair: Partial<Pair>, body: string, how: Call = {}): Promise<Answer> {
  const { method = 'POST', path = PATH, headers = {}, agent = false } = how;
  const asked = request({
    ...{ host: '127.0.0.1', port: scene.port, servername: 'login.test', ca: scene.servers.cert, agent, ...pair },
    ...{ method, path, headers: { 'content-length': Buffer.byteLength(body), ...headers } },
  });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

const fields = (scene: Scene): LogoutRequestFields => ({
  ...fieldsFor(scene, 'alice'),
  destination: `${URL_OF}${PATH}`,
});
const unsigned = (scene: Scene, changes: LogoutRequestFields = {}): string =>
  soapEnvelope(logoutRequestXml({ ...fields(scene), ...changes }));
const signedBy = (scene: Scene, keys: Stage['idp']['keys'], changes: LogoutRequestFields = {}): string => {
  const made = { ...fields(scene), ...changes };
  return soapEnvelope(signEnveloped(logoutRequestXml(made), made.id ?? '', keys));
};
const ownPair = ({ idp: { keys } }: Scene): Pair => ({
  cert: keys.certificate,
  key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

async function isIn(scene: Scene): Promise<() => Promise<boolean>> {
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  return async () => (await browser.request(scene.at('wiki'))).status === 200;
}

const codeOf = ({ headers }: Answer): unknown => headers['x-curfew'];

law('a signed LogoutRequest over the back channel ends the session and is answered there (P1, P4)', async (t) => {
  const scene = await open(t);
  const stillIn = await isIn(scene);
  t.true(await stillIn());
  const answer = await call(scene, scene.clients.sign(['idp.test']), signedBy(scene, scene.idp.keys));
  t.deepEqual(soapCodes(scene, answer), SUCCESS);
  t.false(await stillIn());
});

law('who shows no client certificate, or one of a stranger, gets no further than the handshake (P4)', async (t) => {
  const scene = await open(t, TRUSTING);
  const body = signedBy(scene, scene.idp.keys);
  const stranger = newSigner('clients').sign(['idp.test']);
  await t.throwsAsync(call(scene, {}, body), undefined, 'no certificate');
  await t.throwsAsync(call(scene, stranger, body), undefined, 'another authority of the same name');
  await t.throwsAsync(
    call(scene, scene.servers.sign(['idp.test']), body),
    undefined,
    'our own server certificates’ authority',
  );
  await t.throwsAsync(
    call(scene, scene.clients.sign(['idp.test'], 2, 'serverAuth'), body),
    undefined,
    'a server’s certificate',
  );
  t.is((await call(scene, scene.clients.sign(['idp.test'], 2, 'clientAuth'), body)).status, 200);
  t.is(scene.audit.filter(({ event }) => event === 'logout-request').length, 1);
});

law('the gateway has two addresses at the back channel, for POST, and nothing else answers there', async (t) => {
  const scene = await open(t);
  const pair = scene.clients.sign(['idp.test']);
  for (const [method, path] of [
    ['GET', '/saml/slo'],
    ['PUT', PATH],
    ['POST', '/saml/acs'],
    ['POST', `${PATH}?again`],
    ['POST', '/saml/slo/'],
    ['POST', '/saml/%73lo'],
    ['GET', '/saml/metadata'],
    ['GET', '/saml/login'],
    ['GET', '/.curfew/session'],
    ['GET', '/'],
  ] as const) {
    const headers = { host: `wiki.test:${scene.port}` };
    t.is((await call(scene, pair, '', { method, path, headers })).status, 404, `${method} ${path}`);
  }
  t.is(scene.upstream.requests.length, 0);
});

law('no Response and no LogoutResponse is taken over the back channel', async (t) => {
  const scene = await open(t, TRUSTING);
  const body = new URLSearchParams(postFields('SAMLResponse', '<Response/>', undefined)).toString();
  t.is(codeOf(await call(scene, scene.clients.sign(['idp.test']), body, { path: '/saml/slo' })), 'SAML_WRONG_KIND');
});

law(
  'an unsigned LogoutRequest is refused over the back channel as well, unless the operator lets TLS speak for it (P4)',
  async (t) => {
    const scene = await open(t);
    const stillIn = await isIn(scene);
    for (const pair of [scene.clients.sign(['idp.test']), ownPair(scene)]) {
      t.is(codeOf(await call(scene, pair, unsigned(scene))), 'SAML_UNSIGNED');
    }
    t.true(await stillIn());
  },
);

law(
  'an unsigned LogoutRequest acts where a certificate with that name carried it (P4, bindings §3.2.2.3)',
  async (t) => {
    const scene = await open(t, TRUSTING);
    const stillIn = await isIn(scene);
    const answer = await call(scene, scene.clients.sign(['idp.test']), unsigned(scene));
    t.deepEqual(soapCodes(scene, answer), SUCCESS);
    t.false(await stillIn());
  },
);

law('an unsigned LogoutRequest acts where the key of the certificate is one of the metadata (P4)', async (t) => {
  const scene = await open(t, '    allow: { tlsInsteadOfSignature: true }');
  const stillIn = await isIn(scene);
  t.is(codeOf(await call(scene, scene.clients.sign(['idp.test']), unsigned(scene))), 'SAML_UNSIGNED');
  t.true(await stillIn());
  t.deepEqual(soapCodes(scene, await call(scene, ownPair(scene), unsigned(scene))), SUCCESS);
  t.false(await stillIn());
});

law('a certificate of the same authority that belongs to somebody else speaks for nobody (P4)', async (t) => {
  const scene = await open(t, TRUSTING);
  const stillIn = await isIn(scene);
  for (const names of [['printer.test'], ['*.test'], ['idp.test.evil.test'], ['evil.test/CN=idp.test']]) {
    t.is(codeOf(await call(scene, scene.clients.sign(names), unsigned(scene))), 'SAML_UNSIGNED', names.join());
  }
  t.true(await stillIn());
});

law('a signature that is there is judged, whoever carried it (P4)', async (t) => {
  const scene = await open(t, TRUSTING);
  const stillIn = await isIn(scene);
  const others = await newKeys('somebody', new Date('2026-01-01T00:00:00Z'));
  const answer = await call(scene, scene.clients.sign(['idp.test']), signedBy(scene, others));
  t.is(codeOf(answer), 'SAML_SIGNATURE_INVALID');
  t.true(await stillIn());
});

law('what would be taken unsigned over the back channel is refused everywhere else (P4)', async (t) => {
  const scene = await open(t, TRUSTING);
  const stillIn = await isIn(scene);
  const answer = await post(`${scene.url}${PATH}`, unsigned(scene, { destination: `${scene.url}${PATH}` }));
  t.is(codeOf(answer), 'SAML_UNSIGNED');
  t.true(await stillIn());
});

law('a Destination is that of the back channel (bindings §3.5.5.2)', async (t) => {
  const scene = await open(t);
  const destination = `${scene.url}${PATH}`;
  const answer = await call(scene, scene.clients.sign(['idp.test']), signedBy(scene, scene.idp.keys, { destination }));
  t.is(codeOf(answer), 'SAML_DESTINATION_MISMATCH');
  t.true(scene.running.parts.doors.serviceProvider.metadata.includes(`${URL_OF}${PATH}`));
});

law(
  'a form over the back channel is answered by the bare message, also where the client asks for HTML as Java does',
  async (t) => {
    const scene = await open(t, TRUSTING);
    const xml = logoutRequestXml({ ...fields(scene), destination: `${URL_OF}/saml/slo` });
    const body = new URLSearchParams(postFields('SAMLRequest', xml, undefined)).toString();
    const headers = { accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2' };
    const answer = await call(scene, scene.clients.sign(['idp.test']), body, { path: '/saml/slo', headers });
    t.regex(answer.body, /^[A-Za-z0-9+/=]+$/);
    t.deepEqual(formCodes(scene, answer), SUCCESS);
  },
);

law('an authority that is replaced lets nobody in any more, on connections from before as well', async (t) => {
  const scene = await open(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const pair = scene.clients.sign(['idp.test']);
  t.is((await call(scene, pair, signedBy(scene, scene.idp.keys), { agent })).status, 200);
  const successors = newSigner('successors');
  writeFileSync(scene.caFile, 'nonsense');
  await scene.running.reread();
  t.is((await call(scene, pair, signedBy(scene, scene.idp.keys))).status, 200, 'a faulty file changes nothing');
  writeFileSync(scene.caFile, successors.cert);
  await scene.running.reread();
  await t.throwsAsync(call(scene, pair, signedBy(scene, scene.idp.keys), { agent }));
  await t.throwsAsync(call(scene, pair, signedBy(scene, scene.idp.keys)));
  t.is((await call(scene, successors.sign(['idp.test']), signedBy(scene, scene.idp.keys))).status, 200);
});

law(
  'another file of authorities is taken over by a reload, for connections from before as well; a faulty one changes nothing',
  async (t) => {
    const scene = await open(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    const pair = scene.clients.sign(['idp.test']);
    const ask = (by: Pair, how: Call = {}) => call(scene, by, signedBy(scene, scene.idp.keys), how);
    t.is((await ask(pair, { agent })).status, 200);
    const successors = newSigner('successors');
    const [faulty, next] = [`${scene.caFile}.faulty`, `${scene.caFile}.next`];
    writeFileSync(faulty, 'nonsense');
    writeFileSync(next, successors.cert);
    const gateway = join(scene.folder, 'gateway.yaml');
    const written = readFileSync(gateway, 'utf8');
    writeFileSync(gateway, written.replace(scene.caFile, faulty));
    t.is((await scene.running.reload('signal')).result, 'refused');
    t.is((await ask(pair)).status, 200);
    writeFileSync(gateway, written.replace(scene.caFile, next));
    t.is((await scene.running.reload('signal')).result, 'applied');
    await t.throwsAsync(ask(pair));
    await t.throwsAsync(ask(pair, { agent }));
    t.is((await ask(successors.sign(['idp.test']))).status, 200);
  },
);

const OWN_PATH = '/.curfew/saml/vault/slo/soap';

/** One more app, which has a service provider of its own; somebody is signed in at both. */
async function openWithOwn(t: ExecutionContext, idp = '') {
  const scene = await open(t, idp, { wiki: OPEN('wiki'), vault: `${OPEN('vault')}saml: { entityId: 'urn:vault' }\n` });
  for (const { serviceProvider } of scene.running.parts.doors.ownDoors)
    scene.idp.registerServiceProvider(serviceProvider.metadata);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.settle(await browser.visit(scene.at('vault')));
  const isIn = async (app: string) => (await browser.request(scene.at(app))).status === 200;
  const whoIsIn = async () => [await isIn('wiki'), await isIn('vault')] as const;
  const changes = { destination: `${URL_OF}${OWN_PATH}`, sessionIndexes: [] };
  return { scene, whoIsIn, changes, pair: scene.clients.sign(['idp.test']) };
}

law(
  'an app’s own service provider has addresses of its own there, in its metadata: they end its sessions and no other (P1, P3)',
  async (t) => {
    const { scene, whoIsIn, changes, pair } = await openWithOwn(t);
    t.deepEqual(await whoIsIn(), [true, true]);
    const [own] = scene.running.parts.doors.ownDoors;
    t.regex(own?.serviceProvider.metadata ?? '', new RegExp(`SingleLogoutService[^>]*Location="${URL_OF}${OWN_PATH}"`));
    t.false(scene.running.parts.doors.serviceProvider.metadata.includes('vault'));
    const answer = await call(scene, pair, signedBy(scene, scene.idp.keys, changes), { path: OWN_PATH });
    t.is(codeOf(answer), 'OK');
    t.regex(answer.body, /<saml:Issuer[^>]*>urn:vault</, 'in its own name');
    t.regex(answer.body, /status:Success"/);
    t.deepEqual(await whoIsIn(), [true, false]);
    t.deepEqual(
      soapCodes(scene, await call(scene, pair, signedBy(scene, scene.idp.keys, { sessionIndexes: [] }))),
      SUCCESS,
    );
    t.deepEqual(await whoIsIn(), [false, false]);
  },
);

law(
  'what is for one address of the back channel is refused at another, and an app without a service provider has none (bindings §3.5.5.2)',
  async (t) => {
    const { scene, whoIsIn, changes, pair } = await openWithOwn(t);
    const own = signedBy(scene, scene.idp.keys, changes);
    t.is(codeOf(await call(scene, pair, own)), 'SAML_DESTINATION_MISMATCH');
    t.is(
      codeOf(await call(scene, pair, signedBy(scene, scene.idp.keys), { path: OWN_PATH })),
      'SAML_DESTINATION_MISMATCH',
    );
    for (const path of [
      '/.curfew/saml/wiki/slo',
      '/.curfew/saml/nobody/slo',
      '/.curfew/saml/slo',
      '/.curfew/saml/vault/acs',
      '/.curfew/saml/%76ault/slo',
      '/.curfew/saml//slo',
      `${OWN_PATH}?x`,
    ])
      // prettier-ignore
      t.is((await call(scene, pair, own, { path })).status, 404, path);
    // On the app's own host nothing of the kind is to be had.
    t.is((await post(scene.at('vault', OWN_PATH), own)).status, 404);
    t.deepEqual(await whoIsIn(), [true, true]);
  },
);

law(
  'there too a certificate takes the place of a signature only where the operator says so, and nowhere else (P4)',
  async (t) => {
    const strict = await openWithOwn(t);
    t.is(codeOf(await call(strict.scene, strict.pair, unsigned(strict.scene, strict.changes), { path: OWN_PATH })), 'SAML_UNSIGNED'); // prettier-ignore
    const { scene, whoIsIn, changes, pair } = await openWithOwn(t, TRUSTING);
    const stranger = scene.clients.sign(['printer.test']);
    t.is(codeOf(await call(scene, stranger, unsigned(scene, changes), { path: OWN_PATH })), 'SAML_UNSIGNED');
    const destination = scene.at('vault', '/.curfew/saml/slo/soap');
    t.is(codeOf(await post(destination, unsigned(scene, { ...changes, destination }))), 'SAML_UNSIGNED');
    t.deepEqual(await whoIsIn(), [true, true]);
    t.is(codeOf(await call(scene, pair, unsigned(scene, changes), { path: OWN_PATH })), 'OK');
    t.deepEqual(await whoIsIn(), [true, false]);
  },
);
