import test from 'ava';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import { codeOf } from '../support.ts';

test('white space beside the root is nothing', (t) => {
  t.is(parseXml('<?xml version="1.0"?>\n<a/>\n ').localName, 'a');
});

for (const [what, text] of [
  ['nothing', ''],
  ['no element', 'text'],
  ['text before the root', 'x<a/>'],
  ['text after the root', '<a/>x'],
  ['text between the declaration and the root', '<?xml version="1.0"?>x<a/>'],
  ['a second root', '<a/><b/>'],
  ['an attribute twice (XML 1.0 §3.1)', '<a b="1" b="2"/>'],
  ['an attribute without value', '<a b/>'],
  ['an attribute without quotation marks', '<a b=c/>'],
  ['attributes without space between', '<a b="1"c="2"/>'],
  ['a tag without name', '<a>< b/></a>'],
  ['an end tag in other case', '<a></A>'],
  ['an entity nobody declared', '<a>&x;</a>'],
] as const) {
  test(`XML with ${what} is refused, where a browser would help itself`, (t) => {
    t.is(
      codeOf(() => parseXml(text)),
      'SAML_NOT_XML',
    );
  });
}

test('line ends are those of XML 1.0; what XML 1.1 takes for one is part of the text (XML 1.0 §2.11)', (t) => {
  t.is(parseXml('<a>1\r\n2\r3\u00854\u20285</a>').textContent, '1\n2\n3\u00854\u20285');
});
