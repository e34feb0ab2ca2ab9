import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import { replaced } from '../../support.ts';

const SHAPE = 'SAML_SIGNATURE_SHAPE';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const after = (what: string | RegExp, by: string) => bench.logoutRequest({ after: (xml) => replaced(xml, what, by) });
const signatureIn = (xml: string): string => /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';

for (const prefix of ['ds', 'dsig', '']) {
  accepts(`a Signature with the prefix "${prefix}" is accepted (xmldsig-core §4)`, () =>
    bench.logoutRequest({ signing: { prefix } }),
  );
}
accepts('a Signature without KeyInfo is accepted (saml-core §5.4.5)', () =>
  bench.logoutRequest({ signing: { keyInfo: 'none' } }),
);
refuses(SHAPE, 'a Reference to another element is refused (saml-core §5.4.2)', () =>
  after(/URI="#[^"]+"/, 'URI="#_other"'),
);
refuses(SHAPE, 'a Reference to the whole document is refused (saml-core §5.4.2)', () =>
  after(/URI="#[^"]+"/, 'URI=""'),
);
refuses(SHAPE, 'a Reference without URI is refused (saml-core §5.4.2)', () => after(/ URI="#[^"]+"/, ''));
refuses(SHAPE, 'a Reference to an address is refused (saml-core §5.4.2)', () =>
  after(/URI="#[^"]+"/, 'URI="http://169.254.169.254/"'),
);
refuses(SHAPE, 'a Reference by XPointer is refused (saml-core §5.4.2)', () =>
  after(/URI="#([^"]+)"/, 'URI="#xpointer(id(\'x\'))"'),
);
refuses(SHAPE, 'two References are refused (saml-core §5.4.2)', () =>
  bench.logoutRequest({
    after: (xml) => xml.replace(/<ds:Reference.*<\/ds:Reference>/s, (reference) => reference + reference),
  }),
);
refuses(SHAPE, 'two SignedInfo are refused (xmldsig-core §4.3)', () =>
  bench.logoutRequest({ after: (xml) => xml.replace(/<ds:SignedInfo.*<\/ds:SignedInfo>/s, (info) => info + info) }),
);
refuses(SHAPE, 'two Signatures are refused (saml-core §5.4.1)', () =>
  bench.logoutRequest({ after: (xml) => xml.replace(signatureIn(xml), (one) => one + one) }),
);
refuses(SHAPE, 'a Signature that does not follow the Issuer is refused (saml-core §3.2.1)', () =>
  bench.logoutRequest({
    after: (xml) =>
      xml
        .replace(signatureIn(xml), '')
        .replace('</samlp:LogoutRequest>', () => `${signatureIn(xml)}</samlp:LogoutRequest>`),
  }),
);
refuses(SHAPE, 'a Signature before the Issuer is refused (saml-core §3.2.1)', () =>
  bench.logoutRequest({
    after: (xml) => xml.replace(signatureIn(xml), '').replace('<saml:Issuer', () => `${signatureIn(xml)}<saml:Issuer`),
  }),
);
refuses(SHAPE, 'a Signature inside the Subject of an Assertion is refused (saml-core §5.4.1)', () =>
  bench.response({
    after: (xml) =>
      xml.replace(signatureIn(xml), '').replace('<saml:Subject>', () => `<saml:Subject>${signatureIn(xml)}`),
  }),
);
refuses(SHAPE, 'a Signature in the Extensions is refused (saml-core §5.4.1)', () =>
  bench.logoutRequest({ fields: { extensions: '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>' } }),
);
refuses(
  SHAPE,
  'a well-formed Signature of an element that is neither message nor Assertion is refused (saml-core §5.4.1)',
  () =>
    bench.response({
      after: (xml) => {
        const signature = replaced(signatureIn(xml), /URI="#[^"]+"/, 'URI="#_e"');
        const extensions = `<samlp:Extensions ID="_e"><saml:Issuer>x</saml:Issuer>${signature}</samlp:Extensions>`;
        return replaced(xml, '<samlp:Status>', `${extensions}<samlp:Status>`);
      },
    }),
);
refuses(SHAPE, 'a Signature in the SOAP Header is refused: it signs no SAML message', () =>
  bench.logoutRequest({
    binding: 'soap',
    soap: { header: '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>' },
  }),
);
refuses(SHAPE, 'a ds:Object in a KeyInfo is refused (saml-core §5.4.2)', () =>
  after('</ds:KeyInfo>', '<ds:Object>x</ds:Object></ds:KeyInfo>'),
);
refuses(SHAPE, 'a ds:Object without a Signature around it is refused', () =>
  bench.logoutRequest({
    fields: { extensions: '<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">x</ds:Object>' },
  }),
);
refuses(SHAPE, 'a ds:Object in a Signature is refused (saml-core §5.4.2)', () =>
  after('</ds:Signature>', '<ds:Object>x</ds:Object></ds:Signature>'),
);
refuses(SHAPE, 'a Manifest in a Signature is refused (saml-core §5.4.2)', () =>
  after('</ds:Signature>', '<ds:Manifest/></ds:Signature>'),
);
refuses(SHAPE, 'a Signature of another namespace is refused (xmldsig-core §4)', () =>
  bench.logoutRequest({ fields: { extensions: '<x:Signature xmlns:x="urn:x"/>' } }),
);
const twice = (change: (xml: string) => string = (xml) => xml) =>
  bench.logoutRequest({ binding: 'redirect', after: () => change(bench.logoutRequestXml()) });
accepts(
  'a Redirect message that is signed inside as well is accepted (bindings §3.4.4.1 would have it taken off; pysaml2)',
  () => twice(),
);
refuses('SAML_SIGNATURE_INVALID', 'a Signature inside a Redirect message is judged like any other', () =>
  twice((xml) => replaced(xml, '_s1', '_s2')),
);
refuses('SAML_UNSIGNED', 'a Signature inside does not take the place of that of the query (bindings §3.4.4.1)', () =>
  bench.logoutRequest({ binding: 'redirect', signs: false, after: () => bench.logoutRequestXml() }),
);
for (const [name, algorithm] of [
  ['XPath', 'http://www.w3.org/TR/1999/REC-xpath-19991116'],
  ['XSLT', 'http://www.w3.org/TR/1999/REC-xslt-19991116'],
  ['base64', 'http://www.w3.org/2000/09/xmldsig#base64'],
  ['a second enveloped-signature', 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'],
] as const) {
  refuses(SHAPE, `a Transform by ${name} is refused (saml-core §5.4.4)`, () =>
    after(/(?<=enveloped-signature"\/>)<ds:Transform Algorithm="[^"]+"/, `<ds:Transform Algorithm="${algorithm}"`),
  );
}
refuses(SHAPE, 'canonicalization before the enveloped-signature Transform is refused (saml-core §5.4.4)', () =>
  after(
    /(<ds:Transform [^>]*enveloped[^>]*>)(<ds:Transform [^>]*>)/,
    `<ds:Transform Algorithm="${INCLUSIVE}"/><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`,
  ),
);
refuses(SHAPE, 'three Transforms are refused (saml-core §5.4.4)', () =>
  after('</ds:Transforms>', `<ds:Transform Algorithm="${INCLUSIVE}"/></ds:Transforms>`),
);
refuses(SHAPE, 'a Signature without Transforms is refused (saml-core §5.4.4)', () =>
  after(/<ds:Transforms>.*<\/ds:Transforms>/s, ''),
);
refuses(SHAPE, 'an unknown canonicalization of SignedInfo is refused (saml-core §5.4.3)', () =>
  after(/<ds:CanonicalizationMethod Algorithm="[^"]+"/, '<ds:CanonicalizationMethod Algorithm="constructor"'),
);
for (const part of ['SignatureMethod', 'DigestMethod', 'DigestValue', 'SignatureValue']) {
  refuses(
    SHAPE,
    `a ${part} with parts of its own is refused: SignedInfo costs before anybody is known to have signed it`,
    () =>
      bench.logoutRequest({
        after: (xml) =>
          xml.replace(
            new RegExp(`(<ds:${part}[^>]*?)(?:/>|>(?:</ds:${part}>)?)`),
            (_, tag: string) =>
              `${tag}><x/>${xml.includes(`</ds:${part}>`) && part.endsWith('Value') ? '' : `</ds:${part}>`}`,
          ),
      }),
  );
}
const listed = (list: string): string =>
  `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${list}"/></ds:Transform></ds:Transforms>`;
refuses(SHAPE, 'a list of thousands of prefixes is refused before anything is canonicalized (xml-exc-c14n §4)', () =>
  after(
    /<ds:Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#"\/?>(<\/ds:Transform>)?<\/ds:Transforms>/,
    listed('p '.repeat(2000)),
  ),
);
