import test from 'ava';
import { decodeUtf8, forbidMarkup } from '../../../gateway/saml/xml/lexical.ts';
import { lawsOf } from '../laws.ts';
import { codeOf, openBench, replaced } from '../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const FORBIDDEN = 'SAML_FORBIDDEN_MARKUP';
const after = (what: string, by: string) => () => bench.logoutRequest({ after: (xml) => replaced(xml, what, by) });

accepts('an XML declaration and a byte order mark are accepted', () =>
  bench.logoutRequest({ after: (xml) => `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n` }),
);
accepts('non-ASCII characters in UTF-8 are accepted, whatever encoding the declaration claims', () =>
  bench.logoutRequest({
    fields: { nameId: { value: 'Grüße 𝒳' } },
    after: (xml) => `<?xml version="1.0" encoding="ISO-8859-1"?>${xml}`,
  }),
);
test('octets that are no UTF-8 are refused (XML 1.0 §4.3.3)', (t) => {
  for (const octets of ['ff', 'c0af', 'eda080', 'f8888080'] as const)
    t.is(
      codeOf(() => decodeUtf8(Buffer.from(octets, 'hex'))),
      'SAML_ENCODING',
    );
  t.is(
    codeOf(() => decodeUtf8(Buffer.from('\ufeff<ü/>'))),
    'accepted',
  );
});
// H2: `victim@corp<!---->.attacker.test` is read as `victim@corp` by some.
refuses(
  FORBIDDEN,
  'a comment that splits a NameID is refused, although the signature holds (xml-exc-c14n §1)',
  after('alice@example', 'alice<!---->@example'),
);
refuses(
  FORBIDDEN,
  'a comment that fakes a SessionIndex is refused, although the signature holds',
  after('>_s1<', '><!--_s2-->_s1<'),
);
refuses(FORBIDDEN, 'a CDATA section is refused, although the signature holds', after('alice@', '<![CDATA[alice]]>@'));
refuses(FORBIDDEN, 'a processing instruction is refused', after('<saml:NameID', '<?x y?><saml:NameID'));
refuses(
  FORBIDDEN,
  'a processing instruction whose name begins with xml is refused',
  after('<samlp:', '<?xml-stylesheet href="x"?><samlp:'),
);
refuses(FORBIDDEN, 'an XML declaration that is not at the start is refused (XML 1.0 §2.8)', () =>
  bench.logoutRequest({ after: (xml) => `\n<?xml version="1.0"?>${xml}` }),
);
for (const [what, doctype] of [
  ['an unused DOCTYPE', '<!DOCTYPE x>'],
  ['an internal entity', '<!DOCTYPE x [<!ENTITY e "alice">]>'],
  ['an external entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'],
  ['a parameter entity', '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://169.254.169.254/"> %p;]>'],
  ['an ATTLIST that makes an ID of another attribute', '<!DOCTYPE x [<!ATTLIST x y ID #IMPLIED>]>'],
] as const) {
  refuses(FORBIDDEN, `${what} is refused (XML 1.0 §4.2)`, () => bench.logoutRequest({ after: (xml) => doctype + xml }));
}
refuses(FORBIDDEN, 'an entity that XML does not know by itself is refused (XML 1.0 §4.6)', after('alice@', '&nbsp;'));
refuses(FORBIDDEN, 'an ampersand by itself is refused (XML 1.0 §2.4)', after('alice@', 'alice& @'));
test('characters that XML does not have are refused, and numbers that are none (XML 1.0 §2.2, §4.1)', (t) => {
  for (const text of ['\u0000', '\u0008', '\u000b', '\u001f', '\ufffe', '\uffff', '&#12345678;', '&#x1234567;']) {
    t.is(
      codeOf(() => {
        forbidMarkup(`<a>${text}</a>`);
      }),
      FORBIDDEN,
      JSON.stringify(text),
    );
  }
  for (const text of ['\t\r\n', '&#9;&#xA;&#13;', '&#x10FFFF;', '&lt;!--&gt;', 'ü𝒳\u2028', ']]&gt;']) {
    t.is(
      codeOf(() => {
        forbidMarkup(`<a>${text}</a>`);
      }),
      'accepted',
      JSON.stringify(text),
    );
  }
});

refuses(
  'SAML_NOT_XML',
  'a message with an end tag too many is refused, although the signature holds',
  after('</saml:NameID>', '</saml:NameID></x>'),
);
