// Canonical forms, rule by rule (xml-c14n 1.0, xml-exc-c14n). What they are of random documents libxml2 says (libxml2.test.ts).

import test from 'ava';
import { canonicalText } from '../../../gateway/saml/xml/canonical.ts';
import { children } from '../../../gateway/saml/xml/elements.ts';
import { namespacesInScope } from '../../../gateway/saml/xml/namespaces.ts';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import type { XmlElement } from '../../../gateway/saml/xml/tree.ts';

const inclusive = (element: XmlElement, withComments = false): string =>
  canonicalText(element, { isExclusive: false, withComments }, namespacesInScope(element), []);
const exclusive = (element: XmlElement, prefixes: readonly string[] = []): string =>
  canonicalText(element, { isExclusive: true, withComments: false }, namespacesInScope(element), prefixes);
/** The innermost of the first children. */
function innermost(element: XmlElement): XmlElement {
  const [first] = children(element);
  return first === undefined ? element : innermost(first);
}

test('characters are written as the form has it, in text and in values (xml-c14n §2.3)', (t) => {
  const root = parseXml(`<a b='&amp;&lt;&gt;"&apos;&#9;&#10;&#13;\t'>&amp;&lt;>"'&#9;&#10;&#13;\r\n<![CDATA[<&]]></a>`);
  t.is(inclusive(root), `<a b="&amp;&lt;>&quot;'&#x9;&#xA;&#xD; ">&amp;&lt;&gt;"'\t\n&#xD;\n&lt;&amp;</a>`);
});

test('a reference that stands for the text of another stays that text', (t) => {
  t.is(inclusive(parseXml('<a b="&amp;lt;">&amp;amp;lt;</a>')), '<a b="&amp;lt;">&amp;amp;lt;</a>');
});

test('namespaces come before attributes, the default one first, then by prefix (xml-c14n §2.2)', (t) => {
  const root = parseXml('<b:a z="" b:y="" a:y="" xmlns:b="urn:1" xmlns="urn:3" xmlns:a="urn:2" a="" xml:lang=""/>');
  t.is(
    inclusive(root),
    '<b:a xmlns="urn:3" xmlns:a="urn:2" xmlns:b="urn:1" a="" z="" xml:lang="" b:y="" a:y=""></b:a>',
  );
});

test('their order is that of code points, not of the halves of characters (xml-c14n §2.2)', (t) => {
  t.is(inclusive(parseXml('<a \u{10000}="" \uf900="" é=""/>')), '<a é="" \uf900="" \u{10000}=""></a>');
  t.is(
    inclusive(parseXml('<a xmlns:\u{10000}="urn:1" xmlns:\uf900="urn:2" xmlns:ab="urn:3" xmlns:a="urn:4"/>')),
    '<a xmlns:a="urn:4" xmlns:ab="urn:3" xmlns:\uf900="urn:2" xmlns:\u{10000}="urn:1"></a>',
  );
  const byNamespace = '<a xmlns:a="urn:\u{10000}" xmlns:b="urn:\uf900" b:x="" a:x=""></a>';
  t.is(inclusive(parseXml(byNamespace)), byNamespace);
});

test('the inclusive form of a part has every namespace around it, nearest first, and none twice (xml-c14n §2.4)', (t) => {
  const text =
    '<a xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3"><b xmlns:p="urn:4"><c xmlns:q="urn:5" xmlns=""><d xmlns:p="urn:4" xmlns:q="urn:6"/></c></b></a>';
  const [middle] = children(parseXml(text));
  const [part] = middle === undefined ? [] : children(middle);
  t.is(part && inclusive(part), '<c xmlns:p="urn:4" xmlns:q="urn:5"><d xmlns:q="urn:6"></d></c>');
});

test('the exclusive form has namespaces where they are used, anew for each that uses them (xml-exc-c14n §3)', (t) => {
  const text = '<a xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3"><p:b><p:c/></p:b><p:d q:e=""/><f xmlns=""/></a>';
  t.is(
    exclusive(parseXml(text)),
    '<a xmlns="urn:1"><p:b xmlns:p="urn:2"><p:c></p:c></p:b><p:d xmlns:p="urn:2" xmlns:q="urn:3" q:e=""></p:d><f xmlns=""></f></a>',
  );
});

test('a listed prefix is declared where it is in scope, used or not; #default is the empty one (xml-exc-c14n §3)', (t) => {
  const element = innermost(parseXml('<a xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3"><p:b/></a>'));
  t.is(exclusive(element, ['q']), '<p:b xmlns:p="urn:2" xmlns:q="urn:3"></p:b>');
  t.is(exclusive(element, ['#default', 'r']), '<p:b xmlns="urn:1" xmlns:p="urn:2"></p:b>');
  const own = parseXml('<a xmlns:q="urn:1"><b xmlns:q="urn:1"/><c xmlns:q="urn:2"/></a>');
  t.is(exclusive(own, ['q']), '<a xmlns:q="urn:1"><b></b><c xmlns:q="urn:2"></c></a>');
});

test('nothing around an element undoes what the element itself declares', (t) => {
  const element = innermost(parseXml('<a xmlns="urn:1" xmlns:p="urn:2"><b xmlns="" xmlns:p="urn:3"/></a>'));
  t.is(inclusive(element), '<b xmlns:p="urn:3"></b>');
  t.is(exclusive(element, ['#default', 'p']), '<b xmlns:p="urn:3"></b>');
});

test('the prefix xml is declared nowhere, though it was (xml-c14n §2.3)', (t) => {
  const root = parseXml('<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"/>');
  t.is(inclusive(root), '<a xml:lang="en"></a>');
  t.is(exclusive(root, ['xml']), '<a xml:lang="en"></a>');
});

test('comments are written where the form is one with comments', (t) => {
  const root = parseXml('<a>1<!-- \r\n& -->2</a>');
  t.is(inclusive(root), '<a>12</a>');
  t.is(inclusive(root, true), '<a>1<!-- \n& -->2</a>');
});

test('what is read from a canonical form is what it was written of', (t) => {
  const text =
    '<p:a xmlns:p="urn:1" b="&#9;&#13;&quot;&lt;&amp;">&#13;]]&gt;<![CDATA[<c/>&lt;]]><p:d xmlns:p="urn:2"/></p:a>';
  const again = parseXml(inclusive(parseXml(text)));
  t.is(again.getAttribute('b'), '\t\r"<&');
  t.is(inclusive(again), inclusive(parseXml(text)));
  t.deepEqual(
    again.childNodes.map((node) => (node.nodeType === 1 ? node.namespaceURI : node.data)),
    ['\r]]><c/>&lt;', 'urn:2'],
  );
});
