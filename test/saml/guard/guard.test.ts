// What the guard answers with: the facts of a message that passed, or a refusal that says as much as is known.

import test from 'ava';
import {
  NOW,
  ACS,
  allowing,
  at,
  BROWSER,
  byPost,
  IDP,
  keysCalled,
  openBench,
  replaced,
  SLO,
  trusted,
} from '../support.ts';

const bench = await openBench();
const forger = await keysCalled('forger');

test('a Response is read with everything a logout will need: NameID with its qualifiers, every SessionIndex (P2)', async (t) => {
  const nameId = {
    value: ' Älice & "Bob" ',
    format: 'urn:f',
    nameQualifier: 'urn:nq',
    spNameQualifier: '',
    spProvidedId: 'p',
  };
  const result = await bench.judge(
    bench.response({
      relayState: 'rélay',
      assertion: ({ authnStatements = [] }) => ({
        id: '_a1',
        nameId,
        authnStatements: [
          ...authnStatements,
          { ...authnStatements[0], sessionIndex: ' _s2 ', authnInstant: at(-60), sessionNotOnOrAfter: at(600) },
          { ...authnStatements[0], sessionIndex: undefined },
        ],
      }),
    }),
  );
  if (result.kind !== 'Response') return t.fail();
  t.deepEqual(result.identity.issuedNameId, nameId, 'as it was sent: its logouts go by it');
  t.deepEqual(result.identity.nameId, { ...nameId, value: nameId.value.trim() });
  t.deepEqual(result.identity.sessionIndexes, ['_s1', '_s2']);
  t.deepEqual([...result.identity.attributes], [['groups', ['staff', 'admins']]]);
  t.is(result.identity.idp, 'corp');
  t.is(result.identity.authnInstant, NOW);
  t.is(result.identity.authnContext, 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport');
  t.is(Number(result.sessionNotOnOrAfter), NOW + 600_000);
  t.is(result.assertionId, '_a1');
  t.is(result.relayState, 'rélay');
  t.deepEqual(result.request, { idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/' });
});

test('attributes of one name are put together, one called __proto__ is only an attribute, a value with markup is left out', async (t) => {
  const result = await bench.judge(
    bench.response({
      assertion: {
        attributes: [
          { name: 'a', values: ['1', ''] },
          { name: '__proto__', values: ['x'] },
          { name: 'a', values: ['2'] },
          { name: '', values: ['nameless'] },
          { name: 'b', values: ['MARKUP', 'plain'] },
        ],
      },
      before: (xml) => replaced(xml, 'MARKUP', '<x>no</x>'),
    }),
  );
  t.deepEqual(result.kind === 'Response' && [...result.identity.attributes], [
    ['a', ['1', '', '2']],
    ['__proto__', ['x']],
    ['b', ['plain']],
  ]);
});

test('a LogoutRequest is read whole: NameID, every SessionIndex, until when (P3)', async (t) => {
  for (const binding of ['post', 'redirect', 'soap'] as const) {
    const arrived = bench.logoutRequest({
      binding,
      fields: { id: '_q', nameId: { value: 'é' }, sessionIndexes: ['_1', ' _2\n', '_3'] },
    });
    const result = await bench.judge(arrived);
    if (result.kind !== 'LogoutRequest') return t.fail();
    t.deepEqual(result.nameId, {
      value: 'é',
      format: undefined,
      nameQualifier: undefined,
      spNameQualifier: undefined,
      spProvidedId: undefined,
    });
    t.deepEqual(result.sessionIndexes, ['_1', '_2', '_3']);
    t.is(result.id, '_q');
    t.is(result.binding, binding);
    t.is(result.issueInstant, NOW);
    t.is(Number(result.notOnOrAfter), NOW + 300_000);
  }
});

test('a NameID is given back byte for byte, references and line ends included (saml-core §3.3.4)', async (t) => {
  for (const value of ['a&amp;b', '<b>', 'a\r\nb', '\ta', 'a  b', '𝒳', '{SessionIndex}', ']]>']) {
    const result = await bench.judge(bench.logoutRequest({ fields: { nameId: { value } } }));
    t.is(result.kind === 'LogoutRequest' && result.nameId.value, value);
  }
});

test('the same message has the same digest, signed anew or not; another under its ID has another (P5)', async (t) => {
  const digest = async (way: Parameters<typeof bench.logoutRequest>[0]) => {
    const result = await bench.judge(bench.logoutRequest(way));
    return result.kind === 'LogoutRequest' && result.digest;
  };
  const first = await digest({ fields: { id: '_d' } });
  t.is(await digest({ fields: { id: '_d' }, signing: { keyInfo: 'none', javaLines: true } }), first);
  t.not(await digest({ fields: { id: '_d', sessionIndexes: ['_other'] } }), first);
  t.not(await digest({ fields: { id: '_d', reason: 'urn:other' } }), first);
});

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
for (const [codes, outcome] of [
  [['Success'], 'success'],
  [['Success', 'PartialLogout'], 'partial'],
  [['Responder', 'PartialLogout'], 'partial'],
  [['PartialLogout'], 'partial'],
  [['Requester', 'UnknownPrincipal'], 'failed'],
  [['Responder', 'Success'], 'failed'],
  [[], 'failed'],
] as const) {
  test(`a LogoutResponse that says ${codes.join(', ') || 'nothing'} is taken for ${outcome} (saml-core §3.7.3.2)`, async (t) => {
    const result = await bench.judge(
      bench.logoutResponse({ fields: { status: { codes: codes.map((code) => STATUS + code) } } }),
    );
    t.is(result.kind === 'LogoutResponse' && result.outcome, outcome);
  });
}

test('a LogoutResponse answers a LogoutRequest of ours, once, and that identity provider’s (saml-guard check 33)', async (t) => {
  const arrived = bench.logoutResponse();
  t.is(await bench.verdict(arrived), 'accepted');
  t.is(await bench.verdict(arrived), 'SAML_UNAWAITED');
  t.is(await bench.verdict(bench.logoutResponse({ fields: { inResponseTo: '_never-sent' } })), 'SAML_UNAWAITED');
  t.is(await bench.verdict(bench.logoutResponse({ fields: { inResponseTo: undefined } })), 'SAML_UNAWAITED');
  t.is(await bench.verdict(bench.logoutResponse(), {}, [trusted([bench.keys], { name: 'another' })]), 'SAML_UNAWAITED');
});

test('a refusal names who signed only where a trusted key did', async (t) => {
  const signedBy = async (arrived: Parameters<typeof bench.judge>[0], idps = [bench.idp]) => {
    const result = await bench.judge(arrived, {}, idps);
    return result.kind === 'refused' ? result.signedBy?.name : 'accepted';
  };
  const late = { fields: { issueInstant: at(-9999) } };
  t.is(await signedBy(bench.logoutRequest(late)), 'corp');
  t.is(await signedBy(bench.logoutRequest({ ...late, binding: 'redirect' })), 'corp');
  t.is(await signedBy(bench.response(late)), 'corp');
  t.is(await signedBy(bench.logoutRequest({ ...late, keys: forger })), undefined);
  t.is(await signedBy(bench.logoutRequest({ ...late, signs: false })), undefined);
  const lenient = trusted([bench.keys], allowing('unsignedLogoutResponse'));
  t.is(await signedBy(bench.logoutResponse({ ...late, signs: false }), [lenient]), undefined);
  t.is(await signedBy(bench.logoutResponse(late), [lenient]), 'corp');
});

test('a refusal carries the ID of the message, cut to what a log can bear', async (t) => {
  const result = await bench.judge(bench.logoutRequest({ signs: false, fields: { id: '_named' } }));
  t.is(result.kind === 'refused' && result.messageId, '_named');
  const long = await bench.judge(bench.logoutRequest({ signs: false, fields: { id: 'a'.repeat(5000) } }));
  t.is(long.kind === 'refused' && long.messageId?.length, 256);
});

test('the sender of a refused message learns one sentence, whatever was wrong (bindings §3.2.3.3)', async (t) => {
  const sentences = new Set<string>();
  for (const arrived of [
    bench.logoutRequest({ signs: false }),
    bench.logoutRequest({ keys: forger }),
    bench.logoutRequest({ fields: { destination: 'urn:x' } }),
    byPost('SAMLRequest', '<x', SLO),
  ]) {
    const result = await bench.judge(arrived);
    if (result.kind === 'refused') sentences.add(result.error.publicMessage);
  }
  t.is(sentences.size, 1);
});

test('a store that cannot be asked refuses nobody: the guard rejects (P12)', async (t) => {
  const down = async (): Promise<never> => {
    throw new Error('store is down');
  };
  for (const method of ['readAuthnRequest', 'takeAuthnRequest', 'useAssertion'] as const) {
    await t.throwsAsync(bench.judge(bench.response(), { memory: { ...bench.memory, [method]: down } }), {
      message: 'store is down',
    });
  }
  await t.throwsAsync(bench.judge(bench.logoutResponse(), { memory: { ...bench.memory, takeLogoutRequest: down } }), {
    message: 'store is down',
  });
});

test('a message that is cut off anywhere, or has any one character changed, is refused and never a crash (P4)', async (t) => {
  const xml = bench.responseXml({ signs: 'both', signing: { keyInfo: 'none' } });
  for (let place = 0; place < xml.length; place += 7) {
    const changed = xml.slice(0, place) + (xml[place] === '~' ? '!' : '~') + xml.slice(place + 1);
    t.not(await bench.verdict(byPost('SAMLResponse', changed, ACS)), 'accepted', changed.slice(place - 20, place + 20));
    if (place > 0) t.not(await bench.verdict(byPost('SAMLResponse', xml.slice(0, place), ACS)), 'accepted');
  }
  t.is(await bench.verdict(byPost('SAMLResponse', xml, ACS)), 'accepted');
});

test('an identity provider that is configured under no name is nobody', async (t) => {
  t.is(await bench.verdict(bench.logoutRequest(), {}, []), 'SAML_ISSUER');
  t.is(await bench.verdict(bench.logoutRequest({ binding: 'redirect' }), {}, []), 'SAML_SIGNATURE_ALGORITHM');
  t.is(await bench.verdict(bench.logoutRequest({ fields: { issuer: `${IDP}/` } })), 'SAML_ISSUER');
});
