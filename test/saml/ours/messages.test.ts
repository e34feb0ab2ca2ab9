// What we write, read as an identity provider reads it: whole, and signed by our key.

import { deflateRawSync } from 'node:zlib';
import test from 'ava';
import type { LogoutStatus } from '../../../gateway/saml/ours/messages.ts';
import { BINDINGS, endpoint, identity, NAME_ID, received, setUp } from '../our-side.ts';
import { ACS, at, ENTITY_ID, IDP, NOW } from '../support.ts';

for (const binding of ['redirect', 'post'] as const) {
  test(`an AuthnRequest goes by ${binding}, signed, to the address in the metadata (profiles §4.1.4.1)`, (t) => {
    const { sp, idp } = setUp([], 'auto', [binding]);
    const { id, message: outgoing } = sp.signInRequest(idp, NOW);
    const { message, url } = received(t, outgoing);
    t.like(message, {
      kind: 'AuthnRequest',
      id,
      issuer: ENTITY_ID,
      issueInstant: at(0),
      destination: `${IDP}/sso?of=${binding}`,
      assertionConsumer: ACS,
    });
    t.true(url.startsWith(`${IDP}/sso?of=${binding}${binding === 'redirect' ? '&SAMLRequest=' : ''}`));
    t.regex(id, /^_[0-9a-f]{40}$/);
  });
}

test('an AuthnRequest says how people are to sign in, and is signed as it stands (saml-core §3.4.1)', (t) => {
  const { sp, idp } = setUp([], 'auto', ['redirect', 'post']);
  const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  const wishes = {
    force: true,
    contexts: ['urn:a', 'urn:b'],
    comparison: 'minimum',
    order: ['urn:a', 'urn:b'],
    responseBinding: 'post',
    nameIdFormat: format,
    allowCreate: false,
  } as const;
  for (const binding of ['redirect', 'post'] as const) {
    const asked = { ...idp, signOn: { binding, ...wishes } };
    const { message, arrival } = received(t, sp.signInRequest(asked, NOW).message);
    const { xml } = arrival;
    t.like(message, {
      forceAuthn: true,
      isPassive: false,
      nameIdFormat: format,
      destination: `${IDP}/sso?of=${binding}`,
    });
    t.regex(xml, /AllowCreate="false"/);
    t.regex(xml, /Comparison="minimum"><saml:AuthnContextClassRef[^>]*>urn:a<.*urn:b</);
  }
  const silent = received(
    t,
    sp.signInRequest(
      { ...idp, signOn: { binding: 'post', ...wishes } },
      NOW,
      { contexts: ['urn:c'], force: true },
      true,
    ).message,
  );
  // Forced and passive at once could never be answered.
  t.like(silent.message, { forceAuthn: false, isPassive: true, contexts: ['urn:c'] });
  t.regex(silent.arrival.xml, /Comparison="exact"/);
});

for (const binding of BINDINGS) {
  test(`a LogoutRequest goes by ${binding}, signed, with the NameID as it was received and every SessionIndex (saml-core §3.7.1)`, (t) => {
    const { sp, idp } = setUp([endpoint(binding, 'slo')]);
    const request = sp.signOutRequest(idp, identity(NAME_ID, ['_s1', '_s2']), NOW);
    const { message, url } = received(t, request?.message);
    t.deepEqual(message, {
      kind: 'LogoutRequest',
      id: request?.id ?? '',
      issuer: ENTITY_ID,
      issueInstant: at(0),
      destination: `${IDP}/slo?of=${binding}`,
      nameId: NAME_ID,
      sessionIndexes: ['_s1', '_s2'],
      notOnOrAfter: at(300),
      reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
    });
    t.true(url.startsWith(`${IDP}/slo?of=${binding}`));
  });

  test(`what was absent in the NameID stays absent by ${binding} (saml-core §3.3.4)`, (t) => {
    const { sp, idp } = setUp([endpoint(binding, 'slo')]);
    const outgoing = sp.signOutRequest(idp, identity({ value: 'alice', spNameQualifier: '' }, []), NOW)?.message;
    const { message, arrival } = received(t, outgoing);
    t.regex(arrival.xml, /<saml:NameID xmlns:saml="[^"]+" SPNameQualifier="">alice<\/saml:NameID>/);
    t.false(arrival.xml.includes('SessionIndex'));
    t.is(message.kind, 'LogoutRequest');
  });

  for (const value of [
    '{SessionIndex}',
    '{ID}{Issuer}',
    '"><x',
    '</saml:NameID><saml:NameID>victim',
    "' a='b",
    '&amp;',
    ']]>',
    'a\r\nb\tc',
    '  ü 𝒳 ',
    '$& $1 $`',
    '\\u0041',
  ]) {
    test(`a NameID and a SessionIndex of ${JSON.stringify(value)} are only values, by ${binding}`, (t) => {
      const { sp, idp } = setUp([endpoint(binding, 'slo')]);
      const nameId = { value, format: value, nameQualifier: value, spNameQualifier: value, spProvidedId: value };
      const { message } = received(t, sp.signOutRequest(idp, identity(nameId, [value, 'x']), NOW)?.message);
      t.like(message, { kind: 'LogoutRequest', nameId, sessionIndexes: [value, 'x'] });
    });
  }
}

for (const [status, codes] of [
  ['success', ['Success']],
  ['partial', ['Responder', 'PartialLogout']],
  ['requester', ['Requester']],
] as const satisfies readonly (readonly [LogoutStatus, readonly string[]])[]) {
  for (const binding of BINDINGS) {
    test(`a LogoutResponse that says ${status} goes by ${binding}, signed, to where answers go (saml-core §3.7.3.2, saml-metadata §2.2.2)`, (t) => {
      const { sp, idp } = setUp([endpoint(binding, 'slo')]);
      const outgoing = sp.answer({ id: '_asked', idp, binding, relayState: undefined }, status, NOW);
      const { message, url } = received(t, outgoing);
      t.like(message, { kind: 'LogoutResponse', issuer: ENTITY_ID, inResponseTo: '_asked', issueInstant: at(0) });
      t.deepEqual(
        message.kind === 'LogoutResponse' && message.codes,
        codes.map((code) => `urn:oasis:names:tc:SAML:2.0:status:${code}`),
      );
      // Over SOAP the answer goes back on the connection the question came on.
      t.is(message.destination, binding === 'soap' ? undefined : `${IDP}/slo/answer`);
      if (binding !== 'soap') t.true(url.startsWith(`${IDP}/slo/answer`));
    });
  }
}

test('a LogoutRequest of ours is under the 5000 bytes WSO2 inflates, with a long name and several SessionIndexes', (t) => {
  const { sp, idp } = setUp([endpoint('redirect', 'slo')]);
  const long = {
    value: 'a'.repeat(256),
    format: 'f'.repeat(80),
    nameQualifier: 'n'.repeat(200),
    spNameQualifier: 's'.repeat(200),
  };
  const { arrival, url } = received(
    t,
    sp.signOutRequest(
      idp,
      identity(
        long,
        Array.from({ length: 8 }, (_, one) => `_${one}${'0'.repeat(40)}`),
      ),
      NOW,
    )?.message,
  );
  t.true(Buffer.byteLength(arrival.xml) < 5000);
  t.true(deflateRawSync(arrival.xml).length < 5000);
  t.true(url.length < 4096);
});

test('no two messages have one ID (saml-core §1.3.4)', (t) => {
  const { sp, idp } = setUp([endpoint('post', 'slo')]);
  const seen = new Set<string | undefined>();
  for (let count = 0; count < 20; count += 1) {
    seen.add(sp.signInRequest(idp, NOW).id);
    seen.add(sp.signOutRequest(idp, identity(), NOW)?.id);
    seen.add(
      received(t, sp.answer({ id: '_asked', idp, binding: 'post', relayState: undefined }, 'success', NOW)).message.id,
    );
  }
  t.is(seen.size, 60);
});
