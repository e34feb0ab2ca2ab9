// Signature wrapping at sign-in: XSW1-8 (Somorovsky et al., "On Breaking SAML", 2012) and the variants of CVE-2025-47949. A Response
// that an attacker got for himself is rebuilt around an Assertion that names the victim.

import test from 'ava';
import { ACS, byPost, openBench, replaced } from './support.ts';
import { carelesslyVerified, evidence, evidences } from './wrapped.ts';

const bench = await openBench();
const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/s;
const ISSUER = '</saml:Issuer>';
const END = '</samlp:Response>';
const OBJECT_END = '</ds:Signature>';

const signedAs = (signs?: 'response') =>
  evidence(bench.responseXml({ signs, assertion: { nameId: { value: 'mallory@example.test' } } }));
const assertionOf = (xml: string) => evidence(ASSERTION.exec(xml)?.[0] ?? '');
/** The same with other IDs and the victim's name. */
const evil = (xml: string): string => replaced(xml.replace(/ ID="/g, ' ID="_evil'), 'mallory@', 'victim@');
const inSignature = (signature: string, content: string): string =>
  replaced(signature, OBJECT_END, content + OBJECT_END);

function aroundResponse(build: (original: ReturnType<typeof evidence>) => string): () => string {
  return () => build(signedAs('response'));
}
/** `build` is given the genuine Assertion and answers with what takes its place in the Response. */
function aroundAssertion(build: (original: ReturnType<typeof evidence>, forged: string) => string): () => string {
  return () => {
    const { whole } = signedAs();
    const original = assertionOf(whole);
    return replaced(whole, ASSERTION, build(original, evil(original.bare)));
  };
}

const metadata = evidences(bench)['signed public metadata'];

const VARIANTS: Readonly<Record<string, () => string>> = {
  'XSW1: the signed Response inside the Signature of a forged one': aroundResponse(({ bare, signature }) =>
    replaced(evil(bare), ISSUER, ISSUER + inSignature(signature, bare)),
  ),
  'XSW2: the signed Response beside its Signature in a forged one': aroundResponse(({ bare, signature }) =>
    replaced(evil(bare), ISSUER, ISSUER + bare + signature),
  ),
  'XSW3: a forged Assertion before the signed one': aroundAssertion(({ whole }, forged) => forged + whole),
  'XSW3: a forged Assertion after the signed one': aroundAssertion(({ whole }, forged) => whole + forged),
  'XSW4: a forged Assertion around the signed one': aroundAssertion(({ whole }, forged) =>
    replaced(forged, /<\/saml:Assertion>$/, `${whole}</saml:Assertion>`),
  ),
  'XSW5: a forged Assertion with the Signature, the signed one at the end': aroundAssertion(
    ({ bare, signature }, forged) => replaced(forged, ISSUER, ISSUER + signature) + bare,
  ),
  'XSW6: the signed Assertion inside the Signature of a forged one': aroundAssertion(({ bare, signature }, forged) =>
    replaced(forged, ISSUER, ISSUER + inSignature(signature, bare)),
  ),
  'XSW7: a forged Assertion in the Extensions': aroundAssertion(
    ({ whole }, forged) => `<samlp:Extensions>${forged}</samlp:Extensions>${whole}`,
  ),
  'XSW7: the signed Assertion in the Extensions': aroundAssertion(
    ({ whole }, forged) => `<samlp:Extensions>${whole}</samlp:Extensions>${forged}`,
  ),
  'XSW8: the signed Assertion in an Object of the forged one’s Signature': aroundAssertion(
    ({ bare, signature }, forged) =>
      replaced(forged, ISSUER, ISSUER + inSignature(signature, `<ds:Object>${bare}</ds:Object>`)),
  ),
  'the signed Assertion in the Advice of a forged one': aroundAssertion(({ whole }, forged) =>
    replaced(forged, /<saml:AuthnStatement/, `<saml:Advice>${whole}</saml:Advice><saml:AuthnStatement`),
  ),
  'the signed Assertion in an AttributeValue of a forged one': aroundAssertion(({ whole }, forged) =>
    replaced(forged, '<saml:AttributeValue>staff', `<saml:AttributeValue>${whole}`),
  ),
  'CVE-2025-47949: a forged Assertion beside signed public metadata': () =>
    replaced(
      signedAs().whole.replace(ASSERTION, evil(assertionOf(signedAs().whole).bare)),
      END,
      `${metadata?.whole ?? ''}${END}`,
    ),
  'CVE-2025-47949: signed public metadata in the SubjectConfirmationData of a forged Assertion': aroundAssertion(
    (_, forged) =>
      replaced(
        forged,
        /<saml:SubjectConfirmationData([^>]*)\/>/,
        `<saml:SubjectConfirmationData>${metadata?.whole ?? ''}</saml:SubjectConfirmationData>`,
      ),
  ),
  'CVE-2025-47949: signed public metadata in an Object of the Signature of a forged Assertion': aroundAssertion(
    (_, forged) =>
      replaced(
        forged,
        ISSUER,
        ISSUER + inSignature(metadata?.signature ?? '', `<ds:Object>${metadata?.bare ?? ''}</ds:Object>`),
      ),
  ),
  'CVE-2025-47949: signed public metadata in the Extensions with its Signature on the Response': () => {
    const { whole } = signedAs();
    const unsigned = whole.replace(ASSERTION, evil(assertionOf(whole).bare));
    return replaced(
      unsigned,
      ISSUER,
      `${ISSUER}${metadata?.signature ?? ''}<samlp:Extensions>${metadata?.bare ?? ''}</samlp:Extensions>`,
    );
  },
};

for (const [name, build] of Object.entries(VARIANTS)) {
  test(`${name} is refused (P4, saml-core §5.4.2)`, async (t) => {
    const xml = build();
    t.true(xml.includes('victim@'), 'it names the victim');
    t.true(carelesslyVerified(xml, bench.keys.certificate), 'the attack is one');
    const verdict = await bench.verdict(byPost('SAMLResponse', xml, ACS));
    t.true(['SAML_NESTED', 'SAML_SIGNATURE_SHAPE'].includes(verdict), verdict);
  });
}

for (const spelling of ['ID', 'Id', 'id', 'xml:id']) {
  test(`a second element with the signed Assertion’s ${spelling} is refused (saml-core §1.3.4)`, async (t) => {
    const { whole } = signedAs();
    const id = / ID="([^"]+)"/.exec(assertionOf(whole).whole)?.[1] ?? '';
    const xml = replaced(
      whole,
      '<samlp:Status>',
      `<samlp:Extensions><x ${spelling}="${id}"/></samlp:Extensions><samlp:Status>`,
    );
    t.is(await bench.verdict(byPost('SAMLResponse', xml, ACS)), 'SAML_ID');
  });
}

test('of a Response whose Assertion alone is signed, nothing but the Assertion is read (P4)', async (t) => {
  const xml = replaced(signedAs().whole, / ID="[^"]+"/, ' ID="_chosen-by-the-attacker"');
  const result = await bench.judge(
    byPost(
      'SAMLResponse',
      replaced(
        xml,
        '<samlp:Status>',
        '<samlp:Extensions><saml:NameID>victim</saml:NameID></samlp:Extensions><samlp:Status>',
      ),
      ACS,
    ),
  );
  t.is(result.kind === 'Response' && result.identity.nameId.value, 'mallory@example.test');
});
