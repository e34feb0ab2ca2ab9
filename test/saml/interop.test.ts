// Messages that another implementation signed, in the shapes identity providers are known to send.

import { createPublicKey } from 'node:crypto';
import anyTest from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { metadataXml } from '../../demo/identity-provider/metadata.ts';
import { TRANSFORM } from '../../demo/identity-provider/names.ts';
import { arrivedByPost } from '../../gateway/saml/bindings/receive.ts';
import { readIdpMetadata } from '../../gateway/saml/idp-metadata.ts';
import { BINDING_URI } from '../../gateway/saml/names.ts';
import { byPost, IDP, openBench, replaced, SLO } from './support.ts';
import { hasXmlsec1, signByXmlsec1 } from './xmlsec1.ts';

const test = hasXmlsec1 ? anyTest : anyTest.skip;
const bench = await openBench();

const EC = 'xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#"';
const EXCLUSIVE = `<ds:Transform Algorithm="${TRANSFORM.exclusive}"/>`;
const INCLUSIVE = `<ds:Transform Algorithm="${TRANSFORM.inclusive}"/>`;
const VERSION_11 = 'http://www.w3.org/2006/12/xml-c14n11';
const LISTED = `<ds:Transform Algorithm="${TRANSFORM.exclusive}"><ec:InclusiveNamespaces ${EC} PrefixList="xs SOAP-ENV #default"/></ds:Transform>`;

/** A signature to be filled in. */
const signature = (id: string, transform: string, canonicalization: string): string =>
  `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${canonicalization}"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${TRANSFORM.enveloped}"/>${transform}</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;

/** A LogoutRequest with an empty signature in it. */
function template(id: string, transform: string, canonicalization: string = TRANSFORM.exclusive): string {
  const extensions =
    '<x:z xmlns:x="urn:x" xmlns="urn:d"><x:y xmlns=""/><y xmlns="urn:d"><x:y xmlns="urn:z"/></y></x:z><x:y xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">a\tb &lt;&gt;&amp;&quot; ü</x:y>';
  const xml = bench.logoutRequestXml({ signs: false, fields: { id, extensions } });
  return replaced(xml, '</saml:Issuer>', `</saml:Issuer>${signature(id, transform, canonicalization)}`);
}

for (const [what, transform, canonicalization] of [
  ['exclusive canonicalization', EXCLUSIVE, TRANSFORM.exclusive],
  ['exclusive canonicalization with a PrefixList', LISTED, TRANSFORM.exclusive],
  ['inclusive canonicalization', INCLUSIVE, TRANSFORM.inclusive],
  ['inclusive canonicalization 1.1', `<ds:Transform Algorithm="${VERSION_11}"/>`, VERSION_11],
  [
    'inclusive canonicalization 1.1 with comments',
    `<ds:Transform Algorithm="${VERSION_11}#WithComments"/>`,
    `${VERSION_11}#WithComments`,
  ],
  ['the enveloped-signature transform only', '', TRANSFORM.inclusive],
] as const) {
  const id = '_interop';
  const xs = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';

  test(`xmlsec1 signs with ${what}, and the guard believes it`, async (t) => {
    const xml = replaced(
      template(id, transform, canonicalization),
      '<samlp:LogoutRequest ',
      `<samlp:LogoutRequest ${xs} `,
    );
    const signed = signByXmlsec1(xml, bench.keys);
    t.is(await bench.verdict(byPost('SAMLRequest', signed, SLO)), 'accepted');
    t.is(
      await bench.verdict(byPost('SAMLRequest', replaced(signed, 'alice@', 'victim@'), SLO)),
      'SAML_SIGNATURE_INVALID',
    );
  });

  test(`xmlsec1 signs with ${what} in a Signature that needs no prefix, and the guard believes it`, async (t) => {
    const xml = replaced(template(id, transform, canonicalization), 'xmlns:ds=', 'xmlns=').replaceAll('ds:', '');
    const signed = signByXmlsec1(replaced(xml, '<samlp:LogoutRequest ', `<samlp:LogoutRequest ${xs} `), bench.keys);
    t.is(await bench.verdict(byPost('SAMLRequest', signed, SLO)), 'accepted');
  });

  test(`xmlsec1 signs inside a SOAP envelope that declares namespaces with ${what}, and the guard believes it`, async (t) => {
    const envelope = replaced(
      soapEnvelope(template(id, transform, canonicalization)),
      '<SOAP-ENV:Envelope ',
      `<SOAP-ENV:Envelope ${xs} xmlns="urn:default" `,
    );
    const signed = signByXmlsec1(envelope, bench.keys);
    t.is(await bench.verdict(arrivedByPost(Buffer.from(signed), SLO)), 'accepted');
    t.is(
      await bench.verdict(arrivedByPost(Buffer.from(replaced(signed, 'alice@', 'victim@')), SLO)),
      'SAML_SIGNATURE_INVALID',
    );
  });
}

// Messages may hold no comment; metadata may.
for (const [uri, comments] of [
  [TRANSFORM.exclusive, `${TRANSFORM.exclusive}WithComments`],
  [TRANSFORM.inclusive, `${TRANSFORM.inclusive}#WithComments`],
  [VERSION_11, `${VERSION_11}#WithComments`],
] as const)
  for (const method of [uri, comments])
    test(`xmlsec1 signs metadata with comments in it by ${method}: those in SignedInfo count where the name says so, others never (xmldsig-core §4.4.3.3)`, (t) => {
      const id = '_metadata';
      const xml = metadataXml({
        ...{ id, entityId: IDP, signingCertificates: [bench.keys.certificate] },
        singleSignOn: [{ binding: BINDING_URI.redirect, location: `${IDP}/sso` }],
      });
      const opening = /<md:EntityDescriptor [^>]*>/.exec(xml)?.[0] ?? '';
      const empty = signature(id, `<ds:Transform Algorithm="${method}"/>`, method);
      const commented = replaced(empty, '<ds:SignedInfo>', '<ds:SignedInfo><!-- how -->');
      const signed = signByXmlsec1(replaced(xml, opening, `${opening}${commented}<!-- of corp -->`), bench.keys);
      const signedBy = createPublicKey(bench.keys.certificate);
      const read = (text: string) => readIdpMetadata(text, { signedBy }).entityId;
      t.is(read(signed), IDP);
      t.is(read(replaced(signed, '<!-- of corp -->', '<!-- of nobody -->')), IDP);
      const changed = replaced(signed, '<!-- how -->', '<!-- why -->');
      if (method === uri) t.is(read(changed), IDP);
      else t.throws(() => read(changed), { message: /SAML_SIGNATURE_INVALID/ });
    });

for (const [attribute, verdict] of [
  ['xml:id="_around"', 'accepted'],
  ['xml:lang="en"', 'SAML_SIGNATURE_INVALID'],
  ['xml:base="https://elsewhere.test/"', 'SAML_SIGNATURE_INVALID'],
] as const) {
  test(`inclusive canonicalization 1.1 inside ${attribute} is ${verdict}: of what is around nothing is taken over (xml-c14n11 §2.4)`, async (t) => {
    const message = template('_interop', `<ds:Transform Algorithm="${VERSION_11}"/>`, VERSION_11);
    const envelope = replaced(soapEnvelope(message), '<SOAP-ENV:Envelope ', `<SOAP-ENV:Envelope ${attribute} `);
    const withNames = replaced(
      envelope,
      '<SOAP-ENV:Envelope ',
      '<SOAP-ENV:Envelope xmlns:xs="http://www.w3.org/2001/XMLSchema" ',
    );
    t.is(await bench.verdict(arrivedByPost(Buffer.from(signByXmlsec1(withNames, bench.keys)), SLO)), verdict);
  });
}

anyTest('xmlsec1 is there, or this is no CI', (t) => {
  if (!hasXmlsec1) t.log('xmlsec1 is not installed: the tests of this file were skipped');
  t.true(hasXmlsec1 || process.env['CI'] === undefined);
});
