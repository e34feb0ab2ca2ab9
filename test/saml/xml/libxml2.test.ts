// Our reading of XML against libxml2's, the parser under xmlsec1, mod_auth_mellon and PHP: random documents, many of them a little broken. Where two read one
// message differently, what was signed is not what is believed.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { canonicalize } from '../../../gateway/saml/algorithms.ts';
import { eachElement } from '../../../gateway/saml/xml/elements.ts';
import { namespacesInScope } from '../../../gateway/saml/xml/namespaces.ts';
import { parseXml } from '../../../gateway/saml/xml/parse.ts';
import type { XmlElement } from '../../../gateway/saml/xml/tree.ts';
import { needing } from '../../support/needing.ts';
import { dice, type Roll } from '../dice.ts';
import { openBench } from '../support.ts';

const COUNT = 4000;
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

const PREFIXES = ['', '', 'a', 'b', 'saml', '__proto__', 'constructor'];
const URIS = ['urn:1', 'urn:2', 'urn:2#', 'http://a.test/?b=1'];
const NAMES = [
  'x',
  'xmlnsx',
  'x\u0300',
  'a·b',
  '𐀀',
  'y',
  'NameID',
  '__proto__',
  'constructor',
  'é',
  '\uf900',
  'x.-1',
  'ID',
];
const PIECES = [
  't',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  '&lt;',
  '&#13;',
  '&#x10FFFF;',
  '&amp;',
  '&quot;',
  '"',
  "'",
  '>',
  '𝒳',
  '\u0085',
  '\u2028',
  '\ufeff',
  '<!-- c -->',
  '<![CDATA[<&]]>',
];
const SPOILERS = [
  '·',
  '×',
  '<',
  '>',
  '/',
  '=',
  '"',
  "'",
  '&',
  ';',
  ':',
  ' ',
  '!',
  '?',
  '-',
  ']',
  ']]>',
  '<!--',
  '-->',
  '<![CDATA[',
  '\u0001',
  '\ufffe',
  '</x>',
  '<x>',
  'xmlns=""',
  ' xmlns:a=""',
  ' xml:lang="1"',
  '&nbsp;',
  '&#0;',
  '&#xD800;',
  'é',
  '1',
];

const DECLARATIONS = [
  ...['', '', '', '\n'],
  ...['<?xml version="1.0"?>', '<?xml version="1.1"?>', `<?xml version='1.0' encoding="UTF-8" standalone='yes' ?>`],
  ...[
    '<?xml version="1.0" standalone="no"?>',
    '<?xml encoding="UTF-8"?>',
    '<?xml?>',
    '<?xml version="1.0"encoding="UTF-8"?>',
  ],
];

/** Up to so many places changed. By code points: half a character is nothing that UTF-8 can bring. */
function spoiled(document: string, roll: Roll, most: number): string {
  const text = Array.from(document);
  for (let left = roll(most + 1); left > 0; left -= 1)
    text.splice(roll(text.length + 1), roll(3), ...(roll(3) === 0 ? [] : [SPOILERS[roll(SPOILERS.length)] ?? '']));
  return text.join('');
}

function documentBy(roll: Roll): string {
  const one = (from: readonly string[]): string => from[roll(from.length)] ?? '';
  const several = (most: number, write: () => string): string => Array.from({ length: roll(most + 1) }, write).join('');
  const qualified = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}:${name}`);
  const value = (): string => several(3, () => one(PIECES).replaceAll('"', ''));
  const element = (depth: number, bound: readonly string[]): string => {
    const declared = [...new Set(Array.from({ length: roll(3) }, () => one(PREFIXES)))];
    const all = [...new Set([...bound, ...declared])];
    const declarations = declared.map(
      (prefix) => ` ${qualified(prefix === '' ? '' : 'xmlns', prefix || 'xmlns')}="${one(URIS)}"`,
    );
    const attributes = [...new Set(Array.from({ length: roll(3) }, () => qualified(one(['', ...all]), one(NAMES))))];
    const name = qualified(one(['', ...all]), one(NAMES));
    const content = (): string => (depth < 4 && roll(2) === 0 ? element(depth + 1, all) : one(PIECES));
    const head = `${name}${declarations.join('')}${attributes.map((attribute) => ` ${attribute}="${value()}"`).join('')}`;
    return roll(5) === 0 ? `<${head}/>` : `<${head}>${several(4, content)}</${name}>`;
  };
  const document = `${element(0, [])}${one(['', '', '\n', '<!-- -->', '<?x y?>'])}`;
  return `${one(DECLARATIONS)}${one(['', '', '\n', '<!--a-->', '<?x?>'])}${spoiled(document, roll, 2)}`;
}

type Tree = [string, string, [string, string][], (Tree | string | null)[]];
interface Reading {
  readonly tree: Tree;
  /** The inclusive form of the whole, an exclusive one with a PrefixList, and the exclusive one of each element. */
  readonly canonical: string[];
}

/** As lxml writes names: with the namespace in braces. */
const clark = (uri: string, name: string): string => (uri === '' ? name : `{${uri}}${name}`);
/** As Python sorts: by code points. */
const byCode = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

function treeOf(element: XmlElement): Tree {
  const attributes = element.attributes.filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns');
  const nodes: (Tree | string | null)[] = [''];
  for (const node of element.childNodes) {
    if (node.nodeType === 3) nodes.push(`${nodes.pop() as string}${node.data}`);
    else nodes.push(node.nodeType === 1 ? treeOf(node) : null, '');
  }
  return [
    clark(element.namespaceURI, element.localName),
    element.prefix,
    attributes
      .map(({ namespaceURI, localName, value }): [string, string] => [clark(namespaceURI, localName), value])
      .toSorted(byCode),
    nodes,
  ];
}

function ours(text: string): Reading | null {
  let root: XmlElement;
  try {
    root = parseXml(text);
  } catch {
    return null;
  }
  const canonical = [canonicalize(root, INCLUSIVE, [], []), canonicalize(root, EXCLUSIVE, [], ['a', 'saml'])];
  eachElement(root, (element) => {
    canonical.push(canonicalize(element, EXCLUSIVE, namespacesInScope(element), []));
  });
  return { tree: treeOf(root), canonical };
}

const bench = await openBench();
const MESSAGES = [bench.logoutRequestXml(), bench.responseXml(), bench.responseXml({ signs: 'response' })];

const texts = Array.from({ length: COUNT }, (_, at) => {
  const roll = dice(at);
  return at % 8 === 0 ? spoiled(MESSAGES[roll(MESSAGES.length)] ?? '', roll, 3) : documentBy(roll);
});

needing('lxml')(
  'what is XML to libxml2 is XML here and nothing else is, with the same elements, namespaces, values and canonical forms',
  (t) => {
    const script = join(import.meta.dirname, 'libxml2.py');
    const asked = spawnSync('/usr/bin/python3', [script], { input: JSON.stringify(texts), maxBuffer: 1 << 28 });
    t.is(asked.status, 0, asked.stderr.toString());
    const theirs = JSON.parse(asked.stdout.toString()) as (Reading | 'unknown' | null)[];
    let taken = 0;
    for (const [at, text] of texts.entries()) {
      const here = ours(text);
      const there = theirs[at] ?? null;
      if (there === 'unknown') continue;
      if (here && there?.canonical[0] === 'unknown') here.canonical[0] = 'unknown';
      taken += Number(here !== null);
      t.deepEqual(here, there, JSON.stringify(text));
    }
    t.true(taken > COUNT / 4, `${taken} of ${COUNT} are XML`);
  },
);
