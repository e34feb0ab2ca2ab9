// What may come of signature wrapping, as a law over many thousand shapes: whoever is named was named, with these attributes and sessions, by one element that
// a trusted key signed (P4). The variants known by name are in wrapping.test.ts and forged-logout.test.ts.

import test from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { arrivedByPost } from '../../gateway/saml/bindings/receive.ts';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import type { MessageMemory, Verified } from '../../gateway/saml/guard/message.ts';
import { sealedAssertion, sealedWay } from './encryption/sealing.ts';
import { dice } from './dice.ts';
import { rewrapped } from './rewrapping.ts';
import { ACS, BROWSER, byPost, openBench, SLO } from './support.ts';
import { evidence } from './wrapped.ts';

const COUNT = 4000;
const STEPS = 3;

const bench = await openBench();
const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/s;

/** What an attacker may have: everything that two accomplices got from the identity provider, and the same with the victim's name in it. */
const people = ['mallory', 'bob'].map((who) => {
  const nameId = { value: `${who}@example.test` };
  const assertion = (valid: { readonly authnStatements?: readonly object[] | undefined }) => ({
    nameId,
    authnStatements: (valid.authnStatements ?? []).map((one) => ({ ...one, sessionIndex: `_of-${who}` })),
    attributes: [{ name: 'groups', values: [`${who}s`] }],
  });
  const requests = { nameId, sessionIndexes: [`_of-${who}`] };
  const messages = [
    bench.responseXml({ assertion }),
    bench.responseXml({ assertion, signs: 'response' }),
    bench.responseXml({ assertion, signs: 'both' }),
    bench.logoutRequestXml({ fields: requests }),
    bench.logoutResponseXml(),
  ];
  const signedAssertion = ASSERTION.exec(messages[0] ?? '')?.[0] ?? '';
  const sealed = [
    sealedAssertion(messages[0] ?? ''),
    sealedAssertion(bench.responseXml({ assertion, signs: false }).replace(`${who}@`, 'victim@')),
    bench.responseXml({ assertion, ...sealedWay({}, 'response') }),
  ];
  const { signature, bare } = evidence(signedAssertion);
  const forged = bare.replaceAll(`${who}@`, 'victim@');
  return {
    messages: [...messages, ...sealed],
    pieces: [
      ...[signedAssertion, signature, bare, forged, forged.replace(' ID="', ' ID="_forged')],
      ...[...messages, ...sealed].flatMap((xml) => [
        xml,
        /<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/s.exec(xml)?.[0] ?? '',
      ]),
      ...messages.map((xml) => evidence(xml).bare.replaceAll(`${who}@`, 'victim@')),
      ...messages.map((xml) => evidence(xml).signature),
      `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">victim@example.test</saml:NameID>`,
    ].filter((piece) => piece !== ''),
    signed: `${who}@example.test _of-${who} ${who}s`,
  };
});
const messages = people.flatMap((one) => one.messages);
const pieces = people.flatMap((one) => one.pieces);
const SIGNED = people.map(({ signed }) => signed);

/** Every question is awaited, and nothing is used up: that would hide what came later. */
const memory: MessageMemory = {
  readAuthnRequest: async () => ({ idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/' }),
  takeAuthnRequest: async () => ({ idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/' }),
  readLogoutRequest: async () => ({ idp: 'corp', app: 'wiki' }),
  takeLogoutRequest: async () => ({ idp: 'corp', app: 'wiki' }),
  useAssertion: async () => true,
};

function arrives(xml: string, bySoap: boolean): Arrived {
  const isResponse = /^<samlp:(Response|LogoutResponse) /.exec(xml);
  if (isResponse) return byPost('SAMLResponse', xml, isResponse[1] === 'Response' ? ACS : SLO);
  return bySoap ? arrivedByPost(Buffer.from(soapEnvelope(xml)), SLO) : byPost('SAMLRequest', xml, SLO);
}

/** Who is named, with which sessions and groups. */
function named(result: Verified): string | undefined {
  switch (result.kind) {
    case 'Response': {
      const { nameId, sessionIndexes, attributes } = result.identity;
      return [nameId.value, sessionIndexes.join(), [...attributes.values()].join()].join(' ');
    }
    case 'LogoutRequest':
      return [result.nameId.value, result.sessionIndexes.join()].join(' ');
    case 'LogoutResponse':
      return undefined;
  }
}

test('of signed messages that are taken apart and put together anew, whatever is accepted says what one signed element says', async (t) => {
  const accepted = new Map<string, number>();
  const refused = new Map<string, number>();
  const count = (of: Map<string, number>, what: string) => of.set(what, (of.get(what) ?? 0) + 1);
  for (let seed = 0; seed < COUNT; seed += 1) {
    const roll = dice(seed);
    let xml = messages[roll(messages.length)] ?? '';
    for (let steps = 1 + roll(STEPS); steps > 0; steps -= 1) xml = rewrapped(xml, pieces, roll);
    const result = await bench.judge(arrives(xml, roll(2) === 0), { memory });
    if (result.kind === 'refused') {
      count(refused, result.error.code);
      continue;
    }
    const who = named(result);
    count(accepted, result.kind);
    if (who !== undefined)
      t.true(
        SIGNED.some((signed) => `${signed} `.startsWith(`${who} `)),
        `${seed}: ${who}\n${xml}`,
      );
  }
  t.log({ accepted: Object.fromEntries(accepted), refused: Object.fromEntries(refused) });
  // Otherwise nothing was shown: the shapes reach every check, and some of them are harmless.
  t.true((accepted.get('Response') ?? 0) > 5 && (accepted.get('LogoutRequest') ?? 0) > 5);
  for (const code of [
    'SAML_ID',
    'SAML_NESTED',
    'SAML_SIGNATURE_SHAPE',
    'SAML_SIGNATURE_INVALID',
    'SAML_UNSIGNED',
    'SAML_ENCRYPTED',
  ])
    t.true((refused.get(code) ?? 0) > 5, code);
});
