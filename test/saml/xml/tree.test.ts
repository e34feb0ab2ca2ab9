import test from 'ava';
import { children } from '../../../gateway/saml/xml/elements.ts';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import { rootOf, XmlElement } from '../../../gateway/saml/xml/tree.ts';

test('what is no child is neither taken out nor replaced, and no other is in its place', (t) => {
  const root = parseXml('<a><b><c/></b></a>');
  const [inner] = children(root);
  const [stranger] = children(inner ?? root);
  t.truthy(stranger);
  t.throws(() => root.removeChild(stranger ?? root), { instanceOf: TypeError });
  t.throws(() => root.replaceChild(new XmlElement('d', '', 'd', '', []), stranger ?? root), { instanceOf: TypeError });
  t.deepEqual(
    children(root).map(({ localName }) => localName),
    ['b'],
  );
});

test('an element that was put in the place of another stands in the same document', (t) => {
  const root = parseXml('<a>1<b/>2</a>');
  const [before] = children(root);
  const put = new XmlElement('d', '', 'd', '', []);
  root.replaceChild(put, before ?? root);
  t.is(rootOf(put), root);
  t.is(root.childNodes[1], put);
  root.removeChild(put);
  t.deepEqual(
    root.childNodes.map((node) => (node.nodeType === 1 ? node.tagName : node.data)),
    ['1', '2'],
  );
});
