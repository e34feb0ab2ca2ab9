// Where what we write goes, and what we publish.

import { spawnSync } from 'node:child_process';
import test from 'ava';
import { BINDING } from '../../demo/identity-provider/names.ts';
import { readServiceProvider } from '../../demo/identity-provider/service-provider.ts';
import { plus } from '../../gateway/kernel/clock.ts';
import type { Binding } from '../../gateway/saml/names.ts';
import { ourMetadata } from '../../gateway/saml/ours/metadata.ts';
import { openServiceProvider, type LogoutBinding } from '../../gateway/saml/service-provider.ts';
import { needing } from '../support/needing.ts';
import { rememberedMessages } from './memory.ts';
import { BINDINGS, endpoint, identity, next, ourKeys, ours, received, setUp } from './our-side.ts';
import { ACS, ENTITY_ID, NOW, openBench, SKEW_MS, SLO } from './support.ts';

for (const relayState of ['a&b=c+d %/ü', '{RelayState}', '"><x', 'a b', '%2B', '𝒳', 'x'.repeat(80)]) {
  test(`RelayState ${JSON.stringify(relayState)} is echoed byte for byte (bindings §3.4.3, §3.5.3)`, (t) => {
    for (const binding of ['redirect', 'post'] as const) {
      const { sp, idp } = setUp([endpoint(binding, 'slo')]);
      t.is(
        received(t, sp.answer({ id: '_asked', idp, binding, relayState }, 'success', NOW)).arrival.relayState,
        relayState,
      );
    }
  });
}

test('without RelayState there is none in the answer (bindings §3.4.3)', (t) => {
  for (const binding of ['redirect', 'post'] as const) {
    const { sp, idp } = setUp([endpoint(binding, 'slo')]);
    t.is(
      received(t, sp.answer({ id: '_asked', idp, binding, relayState: undefined }, 'success', NOW)).arrival.relayState,
      undefined,
    );
  }
});

test('an answer goes by the binding the question came by where it is offered, else by another a browser can take (profiles §4.4.3)', (t) => {
  const answered = (offered: readonly Binding[], asked: Binding) => {
    const { sp, idp } = setUp(offered.map((binding) => endpoint(binding, 'slo')));
    return sp.answer({ id: '_asked', idp, binding: asked, relayState: undefined }, 'success', NOW)?.binding;
  };
  t.is(answered(['post', 'redirect'], 'redirect'), 'redirect');
  t.is(answered(['post', 'redirect'], 'post'), 'post');
  t.is(answered(['post'], 'redirect'), 'post');
  t.is(answered(['redirect'], 'post'), 'redirect');
  t.is(answered(['soap'], 'post'), undefined);
  t.is(answered([], 'soap'), 'soap');
});

test('our own LogoutRequest goes as the settings say, as the metadata allows, or not at all', (t) => {
  const sent = (offered: readonly Binding[], wanted: LogoutBinding) => {
    const { sp, idp } = setUp(
      offered.map((binding) => endpoint(binding, 'slo')),
      wanted,
    );
    return sp.signOutRequest(idp, identity(), NOW)?.message.binding;
  };
  t.is(sent(['post', 'soap', 'redirect'], 'auto'), 'redirect');
  t.is(sent(['post', 'soap'], 'auto'), 'post');
  t.is(sent(['soap'], 'auto'), 'soap');
  t.is(sent([], 'auto'), undefined);
  t.is(sent(['post', 'soap'], 'soap'), 'soap');
  t.is(sent(['post'], 'soap'), undefined);
  t.is(sent(['post'], 'none'), undefined);
});

test('our metadata says who we are, where messages go and which keys are ours (saml-metadata §2.4.4)', (t) => {
  const { metadata } = setUp([]).sp;
  const read = readServiceProvider(metadata);
  t.is(read.entityId, ENTITY_ID);
  t.deepEqual(
    read.assertionConsumers.map(({ location }) => location),
    [ACS],
  );
  t.deepEqual(
    read.singleLogout.map(({ binding, location }) => [binding, location]),
    [
      [BINDING.soap, `${SLO}/soap`],
      [BINDING.redirect, SLO],
      [BINDING.post, SLO],
    ],
  );
  t.deepEqual(
    read.signingCertificates.map((pem) => pem.replace(/\s/g, '')),
    [ours, next].map(({ certificate }) => certificate.replace(/\s/g, '')),
  );
});

test('our metadata asks for no NameIDFormat, which would override what the identity provider’s administrator chose', (t) => {
  t.notRegex(setUp([]).sp.metadata, /NameIDFormat/);
});

test('our metadata offers every key for encryption, with AES-GCM and OAEP, unless told not to (saml-metadata §2.4.1.1)', (t) => {
  const [encryption = [], ...others] = [true, false].map((offersEncryption) =>
    [
      ...ourMetadata({
        entityId: ENTITY_ID,
        acs: ACS,
        slo: SLO,
        sloSoap: SLO,
        keys: ourKeys,
        offersEncryption,
      }).matchAll(/<KeyDescriptor use="encryption">.*?<\/KeyDescriptor>/gs),
    ].map(([key]) => key),
  );
  t.deepEqual(others, [[]]);
  t.is(encryption.length, 2);
  for (const [at, { certificate }] of [ours, next].entries()) {
    t.true(encryption[at]?.includes(certificate.replace(/-----[A-Z ]+-----|\s/g, '')));
    t.deepEqual(
      [...(encryption[at] ?? '').matchAll(/Algorithm="[^"]*[#/]([^"]+)"/g)].map(([, name]) => name),
      ['aes256-gcm', 'aes192-gcm', 'aes128-gcm', 'rsa-oaep', 'rsa-oaep-mgf1p'],
    );
  }
});

needing('xmllint')('our metadata is XML to xmllint too', (t) => {
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: setUp([]).sp.metadata });
  t.is(status, 0, stderr.toString());
});

test('names with characters of XML do not break out of our metadata', (t) => {
  const entityId = 'https://login.example.com/?a=1&b="<x>';
  const sp = openServiceProvider({
    ...{ entityId, acs: `${ACS}?a=1&b=2`, slo: SLO, sloSoap: `${SLO}/soap`, keys: ourKeys, offersEncryption: true },
    ...{ identityProviders: [], clockSkewMs: SKEW_MS, memory: rememberedMessages().memory },
  });
  t.is(readServiceProvider(sp.metadata).entityId, entityId);
  t.is(readServiceProvider(sp.metadata).assertionConsumers[0]?.location, `${ACS}?a=1&b=2`);
});

test('our own messages, sent back to us, are nobody’s (saml-core §2.2.5)', async (t) => {
  const bench = await openBench();
  for (const binding of BINDINGS) {
    const way = { binding, keys: ours };
    t.is(
      await bench.verdict(bench.logoutRequest({ ...way, fields: { issuer: ENTITY_ID } })),
      binding === 'redirect' ? 'SAML_SIGNATURE_INVALID' : 'SAML_ISSUER',
    );
    t.is(await bench.verdict(bench.logoutRequest(way)), 'SAML_SIGNATURE_INVALID');
  }
});

test('inspecting is the guard’s, with our name, clock skew and memory', async (t) => {
  const { sp } = setUp([]);
  const bench = await openBench();
  t.is((await sp.inspect(bench.logoutRequest(), undefined, NOW)).kind, 'LogoutRequest');
  t.is((await sp.inspect(bench.logoutRequest(), undefined, plus(NOW, 300_000 + SKEW_MS))).kind, 'refused');
});
