// §7.16-24: signatures over query strings, as they are written in the field.

import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { certificateBase64, newKeys } from '../../demo/identity-provider/keys.ts';
import { openWire, said } from './wire.ts';
import { SHAPES } from './shapes.ts';

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const DOTNET = { escape: 'dotnet', order: ['SAMLRequest', 'RelayState', 'Signature', 'SigAlg'] } as const;

test('§7.16 upper-case hex in the standard’s order is verified, and every parameter is what was signed', async (t) => {
  const wire = await openWire(t, SHAPES.auth0);
  const query = (): string => wire.query(wire.xml(), { relayState: 'h4' });
  await wire.ends('genuine', () => wire.get(query()));
  await wire.leaves('another RelayState', 'SAML_SIGNATURE_INVALID', () => wire.get(query().replace('=h4', '=h5')));
  await wire.leaves('no RelayState', 'SAML_SIGNATURE_INVALID', () => wire.get(query().replace('&RelayState=h4', '')));
});

test('§7.17 lower-case hex with Signature before SigAlg is verified, with RelayState and without (AD FS, Entra)', async (t) => {
  for (const shape of [SHAPES.adfs, SHAPES.entra]) {
    const wire = await openWire(t, shape);
    await wire.ends('without', () => wire.get(wire.query(wire.xml(), DOTNET)));
    const answer = await wire.ends('with', () => wire.get(wire.query(wire.xml(), { ...DOTNET, relayState: 'a/b=c' })));
    t.is(said(wire.scene, answer).relayState, 'a/b=c');
    await wire.leaves('signed in the order of arrival', 'SAML_SIGNATURE_INVALID', () =>
      wire.get(wire.query(wire.xml(), DOTNET).replace('Signature=', 'Signature=AAAA')),
    );
  }
});

test('§7.18 RelayState comes back as it was meant: with blanks, empty, absent, or longer than 80 bytes', async (t) => {
  const wire = await openWire(t, SHAPES.simplesamlphp);
  for (const [relayState, escape] of [
    ['a b+c&d=é%', 'java'],
    ['a b+c&d=é%', 'raw'],
    ['x'.repeat(81), 'raw'],
    [undefined, 'raw'],
  ] as const) {
    const answer = await wire.ends(`${relayState}`, () => wire.get(wire.query(wire.xml(), { relayState, escape })));
    t.is(said(wire.scene, answer).relayState, relayState);
  }
  // An empty one has no value to give back: whoever checks may sign over it or not (bindings §3.4.4.1), so a query leaves it out.
  const empty = await wire.ends('empty', () => wire.get(wire.query(wire.xml(), { relayState: '' })));
  t.is(said(wire.scene, empty).relayState, undefined);
  await wire.leaves('beyond all reason', 'SAML_RELAY_STATE', () =>
    wire.get(wire.query(wire.xml(), { relayState: 'x'.repeat(1025) })),
  );
});

test('§7.19 other parameters before, between and after are no part of the message', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  await wire.ends('around', () => wire.get(`x=1&${wire.query(wire.xml()).replace('&SigAlg', '&y=2&SigAlg')}&z`));
  const own = { destination: `${wire.scene.url}/saml/slo?x=1` };
  await wire.ends('an address registered with a query of its own', () => wire.get(`x=1&${wire.query(wire.xml(own))}`));
  await wire.leaves('for another query', 'SAML_DESTINATION_MISMATCH', () =>
    wire.get(`x=2&${wire.query(wire.xml(own))}`),
  );
  await wire.leaves('without it', 'SAML_DESTINATION_MISMATCH', () => wire.get(wire.query(wire.xml(own))));
});

test('§7.20 a parameter of SAML’s that comes twice, or in disguise, is refused', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  const query = (): string => wire.query(wire.xml(), { relayState: 'h' });
  for (const name of ['SAMLRequest', 'Signature', 'SigAlg', 'RelayState', '%53AMLRequest', 'Sig%41lg'])
    await wire.leaves(name, 'SAML_PARAMETER', () => wire.get(`${query()}&${name}=AAAA`));
});

test('§7.21 an unsigned LogoutRequest ends nothing, whoever sends it so by default (SimpleSAMLphp, authentik; P4)', async (t) => {
  for (const shape of [SHAPES.simplesamlphp, SHAPES.authentik]) {
    const wire = await openWire(t, shape, { idp: '    allow: { unsignedLogoutResponse: true }' });
    await wire.leaves('unsigned', 'SAML_UNSIGNED', () => wire.get(wire.query(wire.xml(), { algorithm: 'none' })));
  }
});

test('§7.22 RSA with SHA-256, 384 and 512 is verified, SHA-1 where it is allowed, and nothing else', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  for (const hash of ['sha256', 'sha384', 'sha512'])
    await wire.ends(hash, () => wire.get(wire.query(wire.xml(), { algorithm: `${MORE}rsa-${hash}`, hash })));
  for (const algorithm of [SHA1, 'constructor', '__proto__', `${MORE}hmac-sha256`, ''])
    await wire.leaves(algorithm, 'SAML_SIGNATURE_ALGORITHM', () =>
      wire.get(wire.query(wire.xml(), { algorithm, hash: 'sha1' })),
    );
  await wire.leaves('the RSA key under the name of another kind', 'SAML_SIGNATURE_INVALID', () =>
    wire.get(wire.query(wire.xml(), { algorithm: `${MORE}ecdsa-sha256` })),
  );
  const lax = await openWire(t, SHAPES.okta, { idp: '    allow: { sha1: true }' });
  await lax.ends('SHA-1, allowed', () => lax.get(lax.query(lax.xml(), { algorithm: SHA1, hash: 'sha1' })));
});

test('§7.23 of two certificates in the metadata either may have signed, and no other (key rollover)', async (t) => {
  const second = await newKeys('second', new Date('2026-01-01T00:00:00Z'));
  const certificate = certificateBase64(second.certificate);
  const wire = await openWire(t, SHAPES.okta, {
    metadata: (xml) =>
      xml.replace(
        /(<md:KeyDescriptor.*?<\/md:KeyDescriptor>)/s,
        (one) => one + one.replace(/(X509Certificate>)[^<]+/, `$1${certificate}`),
      ),
  });
  await wire.ends('the first', () => wire.get(wire.query(wire.xml())));
  await wire.ends('the second', () => wire.get(wire.query(wire.xml(), { key: second.privateKey })));
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await wire.leaves('a stranger', 'SAML_SIGNATURE_INVALID', () => wire.get(wire.query(wire.xml(), { key })));
});

test('§7.24 a signature in the XML of a Redirect message should have been removed (bindings §3.4.4.1); where it was not, both must be good', async (t) => {
  const wire = await openWire(t, SHAPES.okta);
  await wire.ends('both', () => wire.get(wire.query(wire.signed())));
  await wire.leaves('changed inside', 'SAML_SIGNATURE_INVALID', () =>
    wire.get(wire.query(wire.signed().replace('Version="2.0"', 'Version="2.0" Consent="x"'))),
  );
  await wire.leaves('deflated with the inner one alone', 'SAML_UNSIGNED', () =>
    wire.get(wire.query(wire.signed(), { algorithm: 'none' })),
  );
});
