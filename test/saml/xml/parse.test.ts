import test from 'ava';
import { attribute, children, eachElement, plainText } from '../../../gateway/saml/xml/elements.ts';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import { codeOf } from '../support.ts';

const LIMITS = { maxTags: 10, maxDepth: 3, maxAttributesPerTag: 4, maxAttributes: 6, maxNamespaces: 600 };
const limited = (text: string): string => codeOf(() => parseXml(text, LIMITS));

test('white space beside the root is nothing', (t) => {
  t.is(parseXml('<?xml version="1.0"?>\n<a/>\n ').localName, 'a');
});

for (const [what, text] of [
  ['nothing', ''],
  ['no element', 'text'],
  ['text before the root', 'x<a/>'],
  ['text after the root', '<a/>x'],
  ['text between the declaration and the root', '<?xml version="1.0"?>x<a/>'],
  ['half a character (XML 1.0 §2.2)', '<a>\ud835</a>'],
  ['a character that XML does not have (XML 1.0 §2.2)', '<a>\u0001</a>'],
  ['a second root', '<a/><b/>'],
  ['an attribute twice (XML 1.0 §3.1)', '<a b="1" b="2"/>'],
  ['an attribute without value', '<a b/>'],
  ['an attribute without quotation marks', '<a b=c/>'],
  ['attributes without space between', '<a b="1"c="2"/>'],
  ['a tag without name', '<a>< b/></a>'],
  ['an end tag in other case', '<a></A>'],
  ['an entity nobody declared', '<a>&x;</a>'],
  ['a prefix nobody declared (xml-names §5)', '<a><b:c/></a>'],
  ['a prefix that objects have of themselves', '<__proto__:a/>'],
  ['a prefix bound to nothing (xml-names §2.2)', '<a xmlns:b=""/>'],
  ['one attribute under two prefixes (xml-names §6.3)', '<a xmlns:b="urn:x" xmlns:c="urn:x" b:d="1" c:d="2"/>'],
  ['a name behind a colon that is none (xml-names §4)', '<a xmlns:b="urn:x" b:.c=""/>'],
  ['a name of three parts (xml-names §4)', '<a xmlns:b="urn:x" xmlns:c="urn:x"><b:c:d/></a>'],
  ['white space around a namespace', '<a xmlns=" urn:x"/>'],
  ['the end of a CDATA section in text (XML 1.0 §2.4)', '<a>]]></a>'],
  ['`<` in a value (XML 1.0 §3.1)', '<a b="<"/>'],
  ['something behind the name of an end tag', '<a></a x>'],
] as const) {
  test(`XML with ${what} is refused, where a browser would help itself`, (t) => {
    t.is(
      codeOf(() => parseXml(text)),
      'SAML_NOT_XML',
    );
  });
}

test('a name that objects have of themselves is a name like others', (t) => {
  const root = parseXml('<a xmlns:__proto__="urn:x" constructor="1" __proto__:b="2"><__proto__:c/></a>');
  t.deepEqual([attribute(root, 'constructor'), attribute(root, '__proto__:b')], ['1', '2']);
  t.deepEqual(
    children(root).map(({ namespaceURI, localName }) => [namespaceURI, localName]),
    [['urn:x', 'c']],
  );
  t.is(attribute(root, 'toString'), undefined);
});

test('a document that calls itself XML 1.1 is read as XML 1.0, and means no more by it (XML 1.0 §2.8)', (t) => {
  t.is(plainText(parseXml('<?xml version="1.1"?><a>1\u00852</a>')), '1\u00852');
  t.is(
    codeOf(() => parseXml('<?xml version="1.1"?><a>&#1;</a>')),
    'SAML_NOT_XML',
  );
});

test('metadata may hold comments and CDATA, and a comment keeps the text on its two sides apart', (t) => {
  const [commented, written] = children(
    parseXml('<?xml-stylesheet href="x"?><a><b>1<!-- -->2</b><c>1<![CDATA[<2]]></c></a>'),
  );
  t.is(commented && plainText(commented), undefined);
  t.is(written && plainText(written), '1<2');
});

test('a document type, or a processing instruction inside the root, is refused also where the lexical look was not taken', (t) => {
  for (const text of ['<!DOCTYPE a><a/>', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', '<a><?b c?></a>'])
    t.is(
      codeOf(() => parseXml(text)),
      'SAML_FORBIDDEN_MARKUP',
      text,
    );
});

test('line ends are those of XML 1.0; what XML 1.1 takes for one is part of the text (XML 1.0 §2.11)', (t) => {
  t.is(plainText(parseXml('<a>1\r\n2\r3\u00854\u20285</a>')), '1\n2\n3\u00854\u20285');
});

test('tags, levels and attributes are counted, and one more than the limit is refused', (t) => {
  t.is(limited(`<a>${'<b/>'.repeat(9)}</a>`), 'accepted');
  t.is(limited(`<a>${'<b/>'.repeat(10)}</a>`), 'SAML_TOO_COMPLEX');
  t.is(limited('<a><b><c></c></b></a>'), 'accepted');
  t.is(limited('<a><b><c><d></d></c></b></a>'), 'SAML_TOO_COMPLEX');
  t.is(limited(`<a>${'<b><c></c></b>'.repeat(4)}</a>`), 'accepted');
  t.is(limited(`<a b="" c='' d = "" e=""/>`), 'accepted');
  t.is(limited('<a b="" c="" d="" e="" f=""/>'), 'SAML_TOO_COMPLEX');
  t.is(limited('<a><b c="" d="" e=""/><b c="" d="" e=""/></a>'), 'accepted');
  t.is(limited('<a><b c="" d="" e=""/><b c="" d="" e=""/><b c=""/></a>'), 'SAML_TOO_COMPLEX');
});
test('xml and xmlns stand for what they always do, and nothing else does (xml-names §3)', (t) => {
  const [XML, XMLNS] = ['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/'];
  t.is(limited(`<a xmlns:xml="${XML}" xml:lang="en"/>`), 'accepted');
  for (const declaration of [
    ...[`xmlns:xml="urn:x"`, `xmlns:p="${XML}"`, `xmlns="${XML}"`, `xmlns:xml=""`],
    ...[`xmlns:xmlns="${XMLNS}"`, `xmlns:xmlns="urn:x"`, `xmlns:p="${XMLNS}"`, `xmlns="${XMLNS}"`],
  ])
    t.is(limited(`<a ${declaration}/>`), 'SAML_NOT_XML', declaration);
  t.is(limited('<xmlns:a/>'), 'SAML_NOT_XML');
});
test('an XML declaration is the first there is, and says what the standard lets it say (XML 1.0 §2.8)', (t) => {
  for (const declaration of [
    ...['<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>", '<?xml version="1.1" standalone="yes" ?>'],
    '<?xml\r\n version = "1.0"\tencoding="UTF-8" standalone="no"?>\n',
  ])
    t.is(limited(`${declaration}<a/>`), 'accepted', declaration);
  for (const declaration of [
    ...['\n<?xml version="1.0"?>', ' <?xml version="1.0"?>', '<!----><?xml version="1.0"?>', '<?XML version="1.0"?>'],
    ...['<?xml?>', '<?xml encoding="UTF-8"?>', '<?xml version="2.0"?>', '<?xml version="1."?>', '<?xml version=1.0?>'],
    ...['<?xml version="1.0"encoding="UTF-8"?>', '<?xml version="1.0" encoding=""?>', '<?xml version="1.0">'],
    ...['<?xml version="1.0" standalone="YES"?>', '<?xml version="1.0" standalone="yes" encoding="UTF-8"?>'],
    '<?xml version="1.0"?><?xml version="1.0"?>',
  ])
    t.is(limited(`${declaration}<a/>`), 'SAML_NOT_XML', declaration);
  t.is(limited('<a/><?xml version="1.0"?>'), 'SAML_NOT_XML');
});
test('beside the root, comments and processing instructions are passed over where they are well-formed (XML 1.0 §2.5, §2.6)', (t) => {
  for (const beside of ['<?a?>', '<?a b?>', '<?a ??>', '<?a\n<b>?>', '<!---->', '<!-- - -->', '<!-->-->', ' \t\r\n'])
    for (const text of [`${beside}<a/>`, `<a/>${beside}`]) t.is(limited(text), 'accepted', text);
  for (const beside of [
    ...[
      '<?a:b c?>',
      '<??>',
      '<? a?>',
      '<?a',
      '<?a?',
      '<?a>',
      '<?1?>',
      '<?a/?>',
      '<?XmL a?>',
      '<!--',
      '<!-->',
      '<!--->',
    ],
    ...['<!-- -- -->', '<!-- --->', '<!- -->', '<![CDATA[]]>', '&#32;', '\ufeff', '\u0085', '\u00a0', '</a>'],
  ])
    for (const text of [`${beside}<a/>`, `<a/>${beside}`]) t.not(limited(text), 'accepted', text);
});
test('a character by number is one that XML has, or is refused, in text and in values (XML 1.0 §4.1)', (t) => {
  for (const [written, character] of [
    ['&#9;', '\t'],
    ['&#xA;', '\n'],
    ['&#13;', '\r'],
    ['&#x20;', ' '],
    ['&#xD7FF;', '\ud7ff'],
    ['&#xe000;', '\ue000'],
    ['&#xFFFD;', '\ufffd'],
    ['&#65536;', '\u{10000}'],
    ['&#x10FFFF;', '\u{10ffff}'],
    ['&#0065;', 'A'],
  ] as const) {
    const root = parseXml(`<a b="${written}">${written}</a>`);
    t.deepEqual([attribute(root, 'b'), plainText(root)], [character, character], written);
  }
  for (const written of [
    ...['&#0;', '&#8;', '&#11;', '&#x1F;', '&#xD800;', '&#xDFFF;', '&#xFFFE;', '&#xFFFF;', '&#x110000;', '&#9999999;'],
    ...[
      '&#18446744073709551681;',
      '&#X41;',
      '&#x;',
      '&#;',
      '&# 65;',
      '&#65',
      '&#6a;',
      '&LT;',
      '&lt',
      '&;',
      '&',
      '& amp;',
    ],
  ])
    for (const text of [`<a b="${written}"/>`, `<a>${written}</a>`])
      t.is(
        codeOf(() => parseXml(text)),
        'SAML_NOT_XML',
        text,
      );
});
test('a namespace has 256 characters at the most: the exclusive form writes it wherever it is used (xml-exc-c14n §3)', (t) => {
  for (const name of ['xmlns', 'xmlns:b']) {
    t.is(limited(`<a ${name}="${'u'.repeat(256)}"/>`), 'accepted');
    t.is(limited(`<a ${name}="${'u'.repeat(257)}"/>`), 'SAML_TOO_COMPLEX');
    t.is(
      codeOf(() => parseXml(`<a ${name}="${'u'.repeat(257)}"/>`)),
      'SAML_TOO_COMPLEX',
    );
  }
});
test('of namespaces every use counts, by elements and by attributes (xml-exc-c14n §3)', (t) => {
  // A declaration is an attribute too, of a namespace of 29 characters (xml-names §3).
  const uses = (length: number, content: string): string =>
    limited(`<a xmlns:p="${'u'.repeat(length)}">${content}</a>`);
  t.is(uses(250, '<p:b/><p:b/>'), 'accepted');
  t.is(uses(250, '<p:b p:c=""/>'), 'accepted');
  t.is(uses(190, '<p:b/><p:b/><p:b/>'), 'accepted');
  t.is(uses(191, '<p:b/><p:b/><p:b/>'), 'SAML_TOO_COMPLEX');
  t.is(uses(191, '<p:b p:c="" p:d=""/>'), 'SAML_TOO_COMPLEX');
  t.is(uses(191, '<b xmlns="u" p:c="" p:d=""/>'), 'accepted');
});
test('a namespace holds in its element, hides that of the same prefix around it, and is over with it (xml-names §6.1)', (t) => {
  const text =
    '<a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:3"/><p:d/></p:b><p:e xmlns="urn:4"><f/></p:e><g/></a>';
  const found: string[] = [];
  eachElement(parseXml(text), ({ localName, namespaceURI }) => found.push(`${localName} ${namespaceURI}`));
  t.deepEqual(found, ['a ', 'b urn:2', 'c urn:3', 'd urn:2', 'e urn:1', 'f urn:4', 'g ']);
  for (const after of ['<b xmlns:q="urn:1"/><q:c/>', '<b xmlns:q="urn:1"></b><q:c/>'])
    t.is(
      codeOf(() => parseXml(`<a>${after}</a>`)),
      'SAML_NOT_XML',
    );
});
test('a tag that only looks closed, or a `>` in a value, does not mislead the count', (t) => {
  t.is(limited(`<a><b x="/>"><b x='">'><b></b></b></b></a>`), 'SAML_TOO_COMPLEX');
  t.is(limited('<a b="&lt;b c=&quot;"/>'), 'accepted');
  t.is(limited('<a'), 'SAML_NOT_XML');
  t.is(limited('<a b="></a>'), 'SAML_NOT_XML');
  t.is(limited('<a <b/></a>'), 'SAML_NOT_XML');
});
test('an end tag that closes nothing is refused: it would take levels off the count (XML 1.0 §3.1)', (t) => {
  for (const text of ['</b><a></a>', '<a></b></a>', '<a></a></a>', '<a><b></a></b>', '<a></A>', '</>', '<a></a x>'])
    t.is(limited(text), 'SAML_NOT_XML', text);
  t.is(limited('<a></a \t\r\n>'), 'accepted');
});
test('an element that is never closed is refused (XML 1.0 §3.1)', (t) => {
  for (const text of ['<a>', '<a><a></a>', '<a><b/>']) t.is(limited(text), 'SAML_NOT_XML', text);
});
