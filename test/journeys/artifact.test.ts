// HTTP-Artifact (saml-bindings §3.6): the browser brings a reference, and the message is fetched from the identity provider.

import type { ServerResponse } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { postFields } from '../../demo/identity-provider/bindings.ts';
import { newId } from '../../demo/identity-provider/fields.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { logoutRequestXml } from '../../demo/identity-provider/messages.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import { readQuery, readSoap } from '../../demo/identity-provider/bindings.ts';
import type { Variations } from '../../demo/identity-provider/compose.ts';
import {
  artifact,
  artifactResponse,
  startArtifactResolver,
  type ArtifactResolver,
} from '../support/artifact-resolver.ts';
import { inbox } from '../support/inbox.ts';
import type { Browser, Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { stage, type Stage } from '../support/gateway.ts';
import { fieldsFor, formCodes, signed, SUCCESS } from '../support/logout-requests.ts';

const somebody = newKeys('somebody', new Date('2026-01-01T00:00:00Z'));

interface Scene extends Stage {
  readonly resolver: ArtifactResolver;
}

async function open(
  t: ExecutionContext,
  idp = '    signOn: { responseBinding: artifact }',
  vary: Variations = {},
  gateway = '',
) {
  const resolver = await startArtifactResolver(t);
  const service = `<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" index="3" Location="${resolver.url}"/>`;
  const scene = await stage(t, {
    idp,
    gateway,
    metadata: (xml) => xml.replace('<md:SingleLogoutService', `${service}<md:SingleLogoutService`),
    identityProvider: { vary },
  });
  resolver.usual = { issuer: scene.idp.entityId, keys: scene.idp.keys, now: () => scene.clock.now() };
  return Object.assign(scene, { resolver });
}

/** Signs alice in at the identity provider and puts the Response there that it would have posted. */
async function responseFor(scene: Scene, browser: Browser): Promise<{ xml: string; relayState: string | undefined }> {
  const form = await browser.visit(scene.at('wiki'));
  const page = await browser.submitForm(form, { username: 'alice', password: 'alicepw' });
  const fields = new Map(formsIn(page.body, page.url)[0]?.fields.map(({ name, value }) => [name, value]));
  return {
    xml: Buffer.from(fields.get('SAMLResponse') ?? '', 'base64').toString(),
    relayState: fields.get('RelayState'),
  };
}

const bring = (scene: Scene, browser: Browser, art: string, path = '/saml/acs'): Promise<Page> =>
  browser.request(`${scene.url}${path}?SAMLart=${encodeURIComponent(art)}`);

const codeOf = ({ headers }: Page): unknown => headers['x-curfew'];

/** Alice's artifact, brought by her browser. */
async function brought(scene: Scene): Promise<{ page: Page; browser: Browser; art: string }> {
  const browser = scene.browser();
  const { xml } = await responseFor(scene, browser);
  const art = scene.resolver.keep(xml);
  return { page: await bring(scene, browser, art), browser, art };
}

const isIn = async (scene: Scene, browser: Browser): Promise<boolean> =>
  (await browser.visit(scene.at('wiki'))).url.startsWith(scene.at('wiki'));

for (const [what, signs, outer] of [
  ['a Response in a signed ArtifactResponse', 'nothing', true],
  ['a signed assertion in a signed ArtifactResponse', 'assertion', true],
  ['a signed Response in an ArtifactResponse without signature', 'response', false],
  ['a signed assertion in an ArtifactResponse without signature', 'assertion', false],
] as const) {
  test(`${what} signs a person in (P4, bindings §3.6)`, async (t) => {
    const scene = await open(t, undefined, { signs });
    if (!outer) scene.resolver.vary = { facts: (facts) => ({ ...facts, keys: undefined }) };
    const { page, browser } = await brought(scene);
    t.is(page.status, 303);
    t.true(await isIn(scene, browser));
    const [asked = ''] = scene.resolver.asked;
    const ours = scene.configuration.saml.keys.map(({ cert }) => cert);
    t.is(signedRoot(readSoap(asked).xml, ours).localName, 'ArtifactResolve', 'ours is signed');
  });
}

test('what was fetched need not name the address it is for: it was sent to none (bindings §3.6.5, PingFederate)', async (t) => {
  const scene = await open(t, undefined, { response: (fields) => ({ ...fields, destination: undefined }) });
  const { page, browser } = await brought(scene);
  t.is(page.status, 303);
  t.true(await isIn(scene, browser));
});

test('an artifact that a form brings from another site finds the browser’s cookie by a second form (P4)', async (t) => {
  const scene = await open(t);
  const browser = scene.browser();
  const { xml } = await responseFor(scene, browser);
  const body = new URLSearchParams({ SAMLart: scene.resolver.keep(xml), RelayState: 'here' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const page = await browser.visit(`${scene.url}/saml/acs`, { method: 'POST', body, headers, from: scene.idp.url });
  t.is(scene.resolver.asked.length, 0);
  t.is((await browser.submitForm(page, {}, { follow: false })).status, 303);
  t.is(scene.resolver.asked.length, 1);
});

test('the AuthnRequest asks for an artifact, and metadata says where one is taken', async (t) => {
  const scene = await open(t);
  const asked = (await scene.browser().visit(scene.at('wiki'))).hops.find(({ url }) => url.includes('SAMLRequest='));
  const { xml } = readQuery(asked?.url.split('?')[1] ?? '');
  t.regex(xml, /ProtocolBinding="urn:oasis:names:tc:SAML:2\.0:bindings:HTTP-Artifact"/);
  const { metadata } = scene.running.parts.doors.serviceProvider;
  t.regex(metadata, /<AssertionConsumerService[^>]*index="1"[^>]*HTTP-Artifact"/);
  t.regex(metadata, /<AssertionConsumerService[^>]*HTTP-POST"[^>]*isDefault="true"/);
});

/** One thing wrong, and what it is refused with. */
const FAULTS: Record<string, [change: (scene: Scene) => unknown, code: string]> = {
  'that is signed by nobody, message and all': [
    ({ idp, resolver }) => {
      idp.vary.signs = 'nothing';
      resolver.vary = { facts: (facts) => ({ ...facts, keys: undefined }) };
    },
    'SAML_UNSIGNED',
  ],
  'that a stranger signed': [
    async ({ resolver }) => {
      const keys = await somebody;
      resolver.vary = { facts: (facts) => ({ ...facts, keys }) };
    },
    'SAML_SIGNATURE_INVALID',
  ],
  'to another ArtifactResolve': [
    ({ resolver }) => (resolver.vary = { facts: (facts) => ({ ...facts, inResponseTo: newId() }) }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'of another identity provider': [
    ({ resolver }) => (resolver.vary = { facts: (facts) => ({ ...facts, issuer: 'https://other.test/idp' }) }),
    'SAML_ISSUER',
  ],
  'of yesterday': [
    ({ resolver }) => (resolver.vary = { facts: (facts) => ({ ...facts, issueInstant: '2020-01-01T00:00:00Z' }) }),
    'SAML_ISSUE_INSTANT',
  ],
  'without success': [
    ({ resolver }) =>
      (resolver.vary = { facts: (facts) => ({ ...facts, status: 'urn:oasis:names:tc:SAML:2.0:status:Requester' }) }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'without a message, as for a forged artifact': [
    ({ resolver }) => (resolver.vary = { facts: (facts) => ({ ...facts, message: '' }) }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'with a message of another kind': [
    ({ resolver }) =>
      (resolver.vary = {
        facts: (facts) => ({ ...facts, message: facts.message.replaceAll('samlp:Response', 'samlp:AuthnRequest') }),
      }),
    'SAML_WRONG_KIND',
  ],
  'with two messages': [
    ({ resolver }) => (resolver.vary = { facts: (facts) => ({ ...facts, message: facts.message + facts.message }) }),
    'SAML_NESTED',
  ],
  'with another ArtifactResponse in it': [
    ({ resolver }) =>
      (resolver.vary = {
        facts: (facts) => ({ ...facts, message: artifactResponse({ ...facts, id: newId(), keys: undefined }) }),
      }),
    'SAML_WRONG_KIND',
  ],
  'with a message of another identity provider': [
    ({ idp }) => {
      idp.vary.signs = 'nothing';
      idp.vary.response = (fields) => ({ ...fields, issuer: 'https://other.test/idp' });
    },
    'SAML_ISSUER',
  ],
  'whose message is for another address': [
    ({ idp }) => (idp.vary.response = (fields) => ({ ...fields, destination: 'https://other.test/saml/acs' })),
    'SAML_DESTINATION_MISMATCH',
  ],
  'that was changed after it was signed': [
    ({ idp, resolver }) => {
      idp.vary.signs = 'nothing';
      resolver.vary = { xml: (xml) => xml.replaceAll('alice@', 'admin@') };
    },
    'SAML_SIGNATURE_INVALID',
  ],
  'that carries the signature of another one (XSW)': [
    ({ idp, resolver }) => {
      idp.vary.signs = 'nothing';
      resolver.vary = {
        xml: (xml) => {
          const signature = /<ds:Signature .*?<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
          const evil = xml
            .replace(signature, '')
            .replaceAll('alice@', 'admin@')
            .replace(/ID="[^"]*"/, 'ID="_evil"');
          const kept = `<samlp:Extensions>${xml.replace(signature, '')}</samlp:Extensions>`;
          return evil.replace('</saml:Issuer>', `</saml:Issuer>${signature}${kept}`);
        },
      };
    },
    'SAML_SIGNATURE_SHAPE',
  ],
  'that is too long': [
    ({ resolver }) => (resolver.vary = { answer: (response) => response.end('x'.repeat(300 * 1024)) }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'that is sent elsewhere': [
    ({ resolver }) =>
      (resolver.vary = {
        answer: (response) => response.writeHead(307, { location: `${resolver.url}/elsewhere` }).end(),
      }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'that never ends, after the deadline of five seconds,': [
    ({ resolver }) => (resolver.vary = { answer: (response) => response.write('<') }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
  'that breaks off': [
    ({ resolver }) => (resolver.vary = { answer: (response) => response.destroy() }),
    'SAML_ARTIFACT_UNRESOLVED',
  ],
};

for (const [what, [change, code]] of Object.entries(FAULTS)) {
  test(`an answer ${what} begins nothing (P4)`, async (t) => {
    const scene = await open(t);
    await change(scene);
    const { page, browser } = await brought(scene);
    t.is(codeOf(page), code);
    t.is(page.headers['set-cookie'], undefined);
    t.false(await isIn(scene, browser));
    t.is(scene.resolver.asked.length, 1);
    t.true(scene.audit.some((line) => line.event === 'refused' && line.code === code));
  });
}

test('an artifact works once (bindings §3.6.5.2)', async (t) => {
  const scene = await open(t, '    signOn: { responseBinding: artifact }\n    allow: { unsolicitedResponse: true }');
  scene.idp.vary.response = (fields) => ({
    ...fields,
    inResponseTo: undefined,
    assertion: unsolicited(fields.assertion),
  });
  const { page, browser, art } = await brought(scene);
  t.is(page.status, 303);
  t.is(codeOf(await bring(scene, browser, art)), 'SAML_REPLAY');
});

const unsolicited = <A extends { readonly confirmations?: readonly object[] | undefined }>(
  assertion: A | undefined,
): A | undefined =>
  assertion && {
    ...assertion,
    confirmations: assertion.confirmations?.map((one) => ({ ...one, inResponseTo: undefined })),
  };

test('one address has no more than its share of the artifacts that are asked about at once', async (t) => {
  const proxied = 'trustedProxies: [127.0.0.1]';
  const scene = await open(t, undefined, {}, proxied);
  const held = inbox<ServerResponse>('question about an artifact');
  scene.resolver.vary.answer = (response) => held.put(response);
  const from = (address: string): Promise<Page> => {
    const art = encodeURIComponent(artifact(scene.idp.entityId));
    const headers = { 'x-forwarded-for': address };
    return scene.browser().request(`${scene.url}/saml/slo?SAMLart=${art}`, { headers });
  };
  const asked = Array.from({ length: 8 }, () => from('2001:db8::1'));
  const questions: ServerResponse[] = [];
  while (questions.length < 8) questions.push(await held.next());
  t.is(codeOf(await from('2001:db8::2')), 'SAML_ARTIFACT_UNRESOLVED', 'of the same 64 bits');
  t.is(scene.resolver.asked.length, 8);
  asked.push(from('2001:db8:0:1::1'));
  questions.push(await held.next());
  for (const question of questions) question.end();
  await Promise.all(asked);
  const again = from('2001:db8::1');
  (await held.next()).end();
  await again;
});

test('an artifact that another browser brings signs nobody in (profiles §4.1.5)', async (t) => {
  const scene = await open(t);
  const { xml } = await responseFor(scene, scene.browser());
  const other = scene.browser();
  await other.visit(scene.at('wiki'));
  t.is(codeOf(await bring(scene, other, scene.resolver.keep(xml))), 'SAML_IN_RESPONSE_TO');
});

test('nobody is asked about an artifact of nobody known, or that is none (bindings §3.6.4)', async (t) => {
  const scene = await open(t);
  const { entityId } = scene.idp;
  for (const [art, code] of [
    [artifact('https://other.test/idp'), 'SAML_ARTIFACT'],
    [artifact(`${entityId}/`), 'SAML_ARTIFACT'],
    [artifact(entityId, 0), 'SAML_ARTIFACT'],
    [artifact(entityId, 3, Buffer.alloc(20), 1), 'SAML_ARTIFACT'],
    [artifact(entityId, 3, Buffer.alloc(19)), 'SAML_ARTIFACT'],
    [artifact(entityId, 3, Buffer.alloc(2000)), 'SAML_ARTIFACT'],
    ['http://127.0.0.1/', 'SAML_BASE64'],
    ['', 'SAML_BASE64'],
  ] as const) {
    t.is(codeOf(await bring(scene, scene.browser(), art)), code, art.slice(0, 80));
  }
  t.is(scene.resolver.asked.length, 0);
});

test('an artifact and a message together, or two artifacts, are refused', async (t) => {
  const scene = await open(t);
  const art = encodeURIComponent(artifact(scene.idp.entityId));
  for (const query of [
    `SAMLart=${art}&SAMLResponse=PHg+`,
    `SAMLRequest=PHg+&SAMLart=${art}`,
    `SAMLart=${art}&SAMLart=${art}`,
    `SAML%61rt=${art}`,
  ]) {
    t.is(codeOf(await scene.browser().request(`${scene.url}/saml/acs?${query}`)), 'SAML_PARAMETER', query);
  }
  t.is(scene.resolver.asked.length, 0);
});

test('an identity provider that was not asked for artifacts may send none', async (t) => {
  const scene = await open(t, '');
  t.is(codeOf(await bring(scene, scene.browser(), artifact(scene.idp.entityId))), 'SAML_ARTIFACT');
  t.is(scene.resolver.asked.length, 0);
  t.false(scene.running.parts.doors.serviceProvider.metadata.includes('HTTP-Artifact'));
});

for (const [what, message] of [
  ['signed', (scene: Scene) => signed(scene, fieldsFor(scene, 'alice', [], '/saml/slo'))],
  ['in a signed ArtifactResponse', (scene: Scene) => logoutRequestXml(fieldsFor(scene, 'alice', [], '/saml/slo'))],
] as const) {
  test(`a LogoutRequest by artifact, ${what}, ends the session and is answered (P1, P2)`, async (t) => {
    const scene = await open(t);
    const { browser } = await brought(scene);
    t.true(await isIn(scene, browser));
    const art = scene.resolver.keep(message(scene));
    // A frame of the identity provider's page, without a cookie of ours (P2).
    const answer = await scene.browser().request(`${scene.url}/saml/slo?SAMLart=${encodeURIComponent(art)}`);
    t.deepEqual(formCodes(scene, answer), SUCCESS);
    t.false((await browser.request(scene.at('wiki'))).status === 200);
  });
}

test('an unsigned LogoutRequest in an ArtifactResponse without signature ends nothing (P4)', async (t) => {
  const scene = await open(t);
  const { browser } = await brought(scene);
  t.true(await isIn(scene, browser));
  scene.resolver.vary = { facts: (facts) => ({ ...facts, keys: undefined }) };
  const art = scene.resolver.keep(logoutRequestXml(fieldsFor(scene, 'alice', [], '/saml/slo')));
  t.is(codeOf(await bring(scene, scene.browser(), art, '/saml/slo')), 'SAML_UNSIGNED');
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});

test('a message that was fetched is none that could be posted', async (t) => {
  const scene = await open(t, undefined, { signs: 'nothing' });
  const browser = scene.browser();
  const { xml } = await responseFor(scene, browser);
  const body = new URLSearchParams(postFields('SAMLResponse', xml, undefined)).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  t.is(codeOf(await browser.request(`${scene.url}/saml/acs`, { method: 'POST', body, headers })), 'SAML_UNSIGNED');
});
