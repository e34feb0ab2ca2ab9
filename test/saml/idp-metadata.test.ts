import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import test from 'ava';
import { metadataXml, type MetadataFields } from '../../demo/identity-provider/metadata.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';
import { readIdpMetadata } from '../../gateway/saml/idp-metadata.ts';
import { IdpMetadataFault } from '../../gateway/saml/metadata/fault.ts';
import { BINDING_URI } from '../../gateway/saml/names.ts';
import { IDP, keysCalled, openBench, replaced, trusted } from './support.ts';

const [keys, second, signer] = await Promise.all([keysCalled('corp'), keysCalled('second'), keysCalled('federation')]);
const SSO = { binding: BINDING_URI.redirect, location: `${IDP}/sso` };

const written = (change: MetadataFields = {}): string =>
  metadataXml({
    entityId: IDP,
    signingCertificates: [keys.certificate],
    singleSignOn: [SSO],
    singleLogout: [{ binding: BINDING_URI.post, location: `${IDP}/slo`, responseLocation: `${IDP}/slo/answer` }],
    ...change,
  });

const reads = (change: MetadataFields | ((xml: string) => string) = {}) =>
  readIdpMetadata(typeof change === 'function' ? change(written()) : written(change));

function refuses(name: string, change: MetadataFields | ((xml: string) => string), message: RegExp): void {
  test(name, (t) => {
    t.throws(() => reads(change), { instanceOf: IdpMetadataFault, message });
  });
}

test('metadata says who the identity provider is, by which keys, and where (saml-metadata §2.4.3)', (t) => {
  const found = reads();
  t.is(found.entityId, IDP);
  t.is(found.keys.length, 1);
  t.deepEqual(found.signOn, { redirect: `${IDP}/sso` });
  t.deepEqual(found.logout, { post: { location: `${IDP}/slo`, responseLocation: `${IDP}/slo/answer` } });
});

test('without ResponseLocation answers go to Location (saml-metadata §2.2.2)', (t) => {
  const { logout } = reads({ singleLogout: [{ binding: BINDING_URI.soap, location: `${IDP}/soap` }] });
  t.is(logout.soap?.responseLocation, `${IDP}/soap`);
});

test('the first endpoint of a binding counts, a binding we do not speak is passed over', (t) => {
  const artifact = { binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact', location: `${IDP}/artifact` };
  const { signOn, logout } = reads({
    singleSignOn: [artifact, SSO, { ...SSO, location: `${IDP}/other` }],
    singleLogout: [artifact],
  });
  t.deepEqual(signOn, { redirect: `${IDP}/sso` });
  t.deepEqual(logout, {});
});

test('every signing certificate counts: that is key rollover', (t) => {
  t.is(reads({ signingCertificates: [keys.certificate, second.certificate] }).keys.length, 2);
});

test('a KeyDescriptor without use is for signing too, one for encryption is not (saml-metadata §2.4.1.1)', (t) => {
  t.is(reads((xml) => replaced(xml, ' use="signing"', '')).keys.length, 1);
  t.is(reads((xml) => replaced(xml, ' use="signing"', ' use=""')).keys.length, 1);
  t.throws(() => reads((xml) => replaced(xml, 'use="signing"', 'use="encryption"')), {
    message: /no signing certificate/,
  });
});

/** The first certificate in the metadata replaced by its key alone, as older LemonLDAP::NG write it. */
function bareKey(xml: string, change: { n?: string; e?: string } = {}): string {
  const jwk = { ...createPublicKey(keys.certificate).export({ format: 'jwk' }), ...change };
  const base64 = (part = ''): string => Buffer.from(part, 'base64url').toString('base64').replace(/.{76}/g, '$&\n');
  const value = `<ds:KeyValue>\n\t<RSAKeyValue xmlns="http://www.w3.org/2000/09/xmldsig#"><Modulus>${base64(jwk.n)}\n</Modulus><Exponent>${base64(jwk.e)}\n</Exponent></RSAKeyValue></ds:KeyValue>`;
  return xml.replace(/<ds:X509Data>.*?<\/ds:X509Data>/s, value);
}

test('an RSA key without a certificate signs as one with it (xmldsig-core §4.4.2.2)', async (t) => {
  const found = reads(bareKey);
  t.deepEqual([found.keys.length, found.certificates.length], [1, 0]);
  t.true(found.keys[0]?.equals(createPublicKey(keys.certificate)));
  const bench = await openBench();
  const idps = [trusted([], { keys: found.keys })];
  t.is(await bench.verdict(bench.logoutRequest(), {}, idps), 'accepted');
  t.is(await bench.verdict(bench.logoutRequest({ keys: second }), {}, idps), 'SAML_SIGNATURE_INVALID');
});

test('a key beside its certificate says nothing new, and where they differ the certificate counts (xmldsig-core §4.4)', (t) => {
  const found = reads((xml) =>
    replaced(bareKey(xml), '</ds:KeyValue>', `</ds:KeyValue>${X509_DATA(second.certificate)}`),
  );
  t.deepEqual(
    found.keys.map((key) => key.equals(createPublicKey(second.certificate))),
    [true],
  );
});

for (const [what, change, message] of [
  ['too short', { n: Buffer.alloc(128, 0xff).toString('base64url') }, /an RSA key of 1024 bits/],
  ['by which anybody could sign', { e: 'AQ' }, /anybody could sign/],
  ['that is none', { n: '' }, /no RSA key/],
] as const) {
  refuses(`an RSA key without a certificate is refused ${what}`, (xml) => bareKey(xml, change), message);
}

const X509_DATA = (certificate: string): string =>
  `<ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data>`;
const SP_ROLE = (certificate: string): string =>
  `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleLogoutService Binding="${BINDING_URI.redirect}" Location="https://sp.example/slo"/></md:SPSSODescriptor>`;

test('a key of the SPSSODescriptor in the same metadata signs nobody in or out (AD FS)', async (t) => {
  const found = reads((xml) =>
    replaced(xml, '<md:IDPSSODescriptor', `${SP_ROLE(second.certificate)}<md:IDPSSODescriptor`),
  );
  t.is(found.keys.length, 1);
  t.is(found.logout.redirect, undefined);
  const bench = await openBench();
  const idps = [trusted([], { keys: found.keys })];
  t.is(await bench.verdict(bench.logoutRequest(), {}, idps), 'accepted');
  for (const binding of ['post', 'redirect', 'soap'] as const) {
    t.is(await bench.verdict(bench.logoutRequest({ binding, keys: second }), {}, idps), 'SAML_SIGNATURE_INVALID');
  }
});

test('the one identity provider among several entities is found', (t) => {
  const others = `<md:EntityDescriptor entityID="urn:sp">${SP_ROLE(second.certificate)}</md:EntityDescriptor>`;
  const found = reads(
    (xml) =>
      `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${others}${xml}</md:EntitiesDescriptor>`,
  );
  t.is(found.entityId, IDP);
});

test('metadata that is signed, commented and laid out for people is read', (t) => {
  const signed = signEnveloped(written({ id: '_m' }), '_m', keys);
  t.is(readIdpMetadata(`\ufeff<?xml version="1.0"?>\n<!-- of corp -->\n${signed}\n`).entityId, IDP);
  const certificate = keys.certificate.replace(/-----[A-Z ]+-----/g, '');
  t.is(
    reads((xml) => xml.replace(/(<ds:X509Certificate>)[^<]+/, (_, tag: string) => `${tag}\r\n  ${certificate}\n`)).keys
      .length,
    1,
  );
});

refuses(
  'metadata with a DOCTYPE is refused',
  (xml) => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml}`,
  /DOCTYPE/,
);
refuses('what is no XML is refused', () => 'not found', /not well-formed/);
const SEVERAL = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2026-06-01T00:00:00Z">${written()}<md:EntitiesDescriptor cacheDuration="PT1H">${written({ entityId: 'urn:other', signingCertificates: [second.certificate], validUntil: '2026-07-01T00:00:00Z' })}</md:EntitiesDescriptor></md:EntitiesDescriptor>`;

test('of several identity providers the one that entityId names is read, however deep it stands (saml-metadata §2.3.1)', (t) => {
  t.is(readIdpMetadata(SEVERAL, { entityId: IDP }).entityId, IDP);
  const { entityId, certificates } = readIdpMetadata(SEVERAL, { entityId: 'urn:other' });
  t.is(entityId, 'urn:other');
  t.deepEqual(certificates, [second.certificate.replace(/-----[A-Z ]+-----|\s/g, '')]);
});
test('an entityId that is not there is a fault that names those that are', (t) => {
  t.throws(() => readIdpMetadata(SEVERAL, { entityId: 'urn:typo' }), {
    instanceOf: IdpMetadataFault,
    message: new RegExp(`no identity provider "urn:typo"; write one of "${IDP}", "urn:other"`),
  });
});
test('the earliest validUntil and the shortest cacheDuration around an identity provider count (saml-metadata §2.3.1)', (t) => {
  const { validUntil, cacheMs } = readIdpMetadata(SEVERAL, { entityId: 'urn:other' });
  t.is(validUntil, Date.parse('2026-06-01T00:00:00Z') as never);
  t.is(cacheMs, 3_600_000);
  t.like(reads(), { validUntil: undefined, cacheMs: undefined });
  const cached = (span: string) =>
    reads((xml) => replaced(xml, ' entityID=', ` cacheDuration="${span}" entityID=`)).cacheMs;
  t.deepEqual([cached('P1DT2H3M4.5S'), cached('P1M'), cached('PT30M')], [93_784_500, 2_419_200_000, 1_800_000]);
});
refuses('a validUntil without a zone is refused', { validUntil: '2026-06-01T00:00:00' }, /validUntil that is no time/);
refuses(
  'a cacheDuration that is none is refused',
  (xml) => replaced(xml, ' entityID=', ' cacheDuration="1h" entityID='),
  /cacheDuration/,
);

const signedBy = new X509Certificate(signer.certificate).publicKey;
const signed = (keys = signer): string => signEnveloped(written({ id: '_metadata' }), '_metadata', keys);
const pinned = (xml: string) => () => readIdpMetadata(xml, { signedBy });
test('with signedBy metadata is taken that this key signed as a whole (saml-metadata §3)', (t) => {
  t.is(pinned(signed())().entityId, IDP);
});
for (const [what, xml] of [
  ['is not signed', written()],
  ['somebody else signed', signed(second)],
  ['was changed after it was signed', replaced(signed(), `${IDP}/sso`, 'https://evil.example/sso')],
  [
    'wraps the signed one (XSW)',
    replaced(
      written({ id: '_evil' }),
      '</md:EntityDescriptor>',
      `<md:Extensions>${signed()}</md:Extensions></md:EntityDescriptor>`,
    ),
  ],
  [
    'holds a signed one in an aggregate nobody signed',
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${signed()}</md:EntitiesDescriptor>`,
  ],
  [
    'has its signature at another place',
    signed().replace(/(<ds:Signature .*<\/ds:Signature>)(.*)(<\/md:EntityDescriptor>)/s, '$2$1$3'),
  ],
] as const) {
  test(`with signedBy metadata is refused that ${what}`, (t) => {
    t.throws(pinned(xml), { instanceOf: IdpMetadataFault, message: /signed/ });
  });
}

refuses(
  'metadata of several identity providers is refused',
  (xml) =>
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${xml}${xml}</md:EntitiesDescriptor>`,
  /holds 2 identity providers/,
);
refuses(
  'metadata of a service provider is refused',
  (xml) => xml.replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
  /no IDPSSODescriptor/,
);
refuses(
  'metadata for SAML 1.1 only is refused',
  (xml) =>
    replaced(
      xml,
      'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"',
      'protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"',
    ),
  /no IDPSSODescriptor/,
);
refuses(
  'metadata of another namespace is refused',
  (xml) => replaced(xml, 'urn:oasis:names:tc:SAML:2.0:metadata', 'urn:x'),
  /no EntityDescriptor/,
);
refuses('metadata without entityID is refused', { entityId: undefined }, /no entityID/);
refuses(
  'metadata without signing certificate is refused: nothing of it could be believed',
  { signingCertificates: [] },
  /no signing certificate/,
);
refuses(
  'metadata with a broken certificate is refused',
  (xml) => xml.replace(/(<ds:X509Certificate>).{40}/, '$1'),
  /certificate that cannot be read/,
);
refuses('metadata without SingleSignOnService is refused', { singleSignOn: [] }, /no SingleSignOnService/);
for (const location of ['javascript:alert(1)', 'data:text/html,x', '/relative', 'ftp://idp.example/', 'https://']) {
  refuses(
    `an endpoint at ${location} is refused: browsers are sent there`,
    { singleSignOn: [{ ...SSO, location }] },
    /no http or https address/,
  );
  refuses(
    `a ResponseLocation at ${location} is refused: browsers are sent there`,
    { singleLogout: [{ binding: BINDING_URI.post, location: `${IDP}/slo`, responseLocation: location }] },
    /no http or https address/,
  );
}
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const weak = selfSignedCertificate({ privateKey, commonName: 'weak', notBefore: new Date(0), days: 30_000 });
test('an RSA key under 2048 bits is refused: it can be broken', (t) => {
  t.throws(() => reads({ signingCertificates: [weak] }), { instanceOf: IdpMetadataFault, message: /1024 bits/ });
});
test('keys of no use beside others are passed over, and said: they must not hold up a rollover', (t) => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  const { certificates, keys: found, unusable } = reads({ signingCertificates: [weak, keys.certificate, broken] });
  t.deepEqual(certificates, [keys.certificate.replace(/-----[A-Z ]+-----|\s/g, '')]);
  t.is(found.length, 1);
  t.is(unusable.length, 2);
  t.regex(unusable.join(), /1024 bits.*cannot be read/);
});
test('a certificate may stand there as its file has it, with the lines around it', (t) => {
  for (const text of [
    keys.certificate,
    keys.certificate.replaceAll('\n', '\r\n'),
    keys.certificate.replaceAll('\n', ' '),
  ]) {
    const { keys: found } = reads((xml) => xml.replace(/(<ds:X509Certificate>)[^<]+/, (_, tag: string) => tag + text));
    t.true(found[0]?.equals(new X509Certificate(keys.certificate).publicKey));
  }
});
test('an endpoint whose address is left empty is none, and a style sheet is for people', (t) => {
  const empty = { binding: BINDING_URI.post, location: '' };
  const { signOn, logout } = reads({ singleSignOn: [empty, SSO], singleLogout: [empty] });
  t.deepEqual([signOn, logout], [{ redirect: SSO.location }, {}]);
  const styled = `<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="a.xsl"?>\n${written()}`;
  t.is(readIdpMetadata(styled).entityId, IDP);
});

const resolution = (attributes: string) => (xml: string) =>
  xml.replace('<md:SingleLogoutService', `<md:ArtifactResolutionService ${attributes}/><md:SingleLogoutService`);
const SOAP = `Binding="${BINDING_URI.soap}"`;

test('artifacts are resolved at addresses for SOAP, by their index, the first of several (bindings §3.6.4.2)', (t) => {
  const { artifactResolution } = reads((xml) =>
    [
      `${SOAP} index="0" Location="https://idp.test/0"`,
      `${SOAP} index="65535" Location="https://idp.test/last"`,
      `${SOAP} index="0" Location="https://idp.test/again"`,
      `${SOAP} index="-1" Location="https://idp.test/minus"`,
      `Binding="${BINDING_URI.post}" index="2" Location="https://idp.test/post"`,
    ].reduce((whole, one) => resolution(one)(whole), xml),
  );
  t.deepEqual(
    [...artifactResolution],
    [
      [0, 'https://idp.test/0'],
      [65535, 'https://idp.test/last'],
    ],
  );
});

refuses(
  'an address for artifacts that is none of the web is a fault',
  resolution(`${SOAP} index="0" Location="file:///etc/passwd"`),
  /names ArtifactResolutionService at "file:/,
);

test('white space around an address, a time or a token is no part of it, and a comment no part of a certificate (XML Schema 2 §4.3.6)', (t) => {
  const spaced = reads((xml) =>
    withTimes(xml)
      .replaceAll(/ (entityID|\w*Location|Binding|use|validUntil|cacheDuration)="([^"]*)"/g, ' $1="\n  $2 "')
      .replaceAll('<ds:X509Certificate>', '$&<!-- of 2026 -->'),
  );
  t.deepEqual(spaced, reads(withTimes));
});
const withTimes = (xml: string): string =>
  xml.replace(' entityID=', ' validUntil="2036-01-01T00:00:00Z" cacheDuration="PT6H" entityID=');

test('a blank line in front of the declaration is no fault: it comes of copying', (t) => {
  t.is(readIdpMetadata(`\n  <?xml version="1.0"?>\n${written()}`).entityId, IDP);
  t.is(readIdpMetadata(`\ufeff\n${written()}`).entityId, IDP);
});
