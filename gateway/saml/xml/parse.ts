// From text to tree, by a parser that refuses whatever is not well-formed (XML 1.0, Namespaces in XML 1.0), within limits that hold while it reads.

import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { CurfewError } from '../../kernel/errors.ts';
import { refuse } from '../codes.ts';
import { XmlComment, XmlElement, XmlText, type XmlAttribute } from './tree.ts';

/** How much XML a message may be. */
export interface XmlLimits {
  readonly maxTags: number;
  readonly maxDepth: number;
  readonly maxAttributesPerTag: number;
  /** In the whole text, namespace declarations included. */
  readonly maxAttributes: number;
}

/** For what we wrote ourselves or were configured to trust. */
const UNLIMITED: XmlLimits = {
  maxTags: Infinity,
  maxDepth: Infinity,
  maxAttributesPerTag: Infinity,
  maxAttributes: Infinity,
};

/** Characters of a name that may not be its first (XML 1.0 §2.3). */
const NO_START = /^[-.\d\u00b7\u0300-\u036f\u203f\u2040]/;
/** Another version in the declaration would change what a line end is, and which characters there are. */
const OPTIONS = { xmlns: true, position: false, defaultXMLVersion: '1.0', forceXMLVersion: true } as const;

/**
 * Where the parser keeps what it calls. Its method `on` fills them by computed names, and V8 makes a hash table of an object that gets more than six so: then
 * the parser takes five times as long, and every other one with it.
 */
interface Places {
  errorHandler: (error: Error) => never;
  doctypeHandler: () => never;
  piHandler: () => void;
  attributeHandler: (attribute: SaxesAttributeNS) => void;
  openTagHandler: (tag: SaxesTagNS) => void;
  closeTagHandler: () => void;
  textHandler: (data: string) => void;
  cdataHandler: (data: string) => void;
  commentHandler: (data: string) => void;
}

/**
 * The root element of one document. `around`: namespaces by prefix that are declared outside of the text. Throws SAML_NOT_XML, SAML_TOO_COMPLEX,
 * SAML_FORBIDDEN_MARKUP.
 */
export function parseXml(text: string, limits = UNLIMITED, around?: Readonly<Record<string, string>>): XmlElement {
  const parser = new SaxesParser(around === undefined ? OPTIONS : { ...OPTIONS, additionalNamespaces: around });
  let root: XmlElement | undefined;
  let open: XmlElement | undefined;
  let depth = 0;
  let tags = 0;
  let attributes = 0;
  let here: SaxesAttributeNS[] = [];
  const tooComplex = () => refuse('SAML_TOO_COMPLEX', { detail: { tags, depth, attributes } });

  const places = parser as unknown as Places;
  places.errorHandler = ({ message }) => {
    // What follows quotes the message, and a message is nothing for a log.
    throw refuse('SAML_NOT_XML', { detail: { reason: message.split(/["'\n:={]/, 1)[0]?.slice(0, 120) } });
  };
  places.doctypeHandler = () => {
    throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'a document type' } });
  };
  places.piHandler = () => {
    // In front of the root one means nothing; within, a canonical form has it, and the tree has not (xml-c14n §2.1).
    if (open !== undefined) throw refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason: 'a processing instruction' } });
  };
  places.attributeHandler = (attribute) => {
    here.push(attribute);
    attributes += 1;
    if (here.length > limits.maxAttributesPerTag || attributes > limits.maxAttributes) throw tooComplex();
  };
  places.openTagHandler = ({ name, prefix, local, uri }) => {
    tags += 1;
    depth += 1;
    if (tags > limits.maxTags || depth > limits.maxDepth) throw tooComplex();
    checkLocalPart(prefix, local);
    const element = new XmlElement(name, prefix, local, uri, here.map(attributeOf));
    here = [];
    if (open === undefined) root = element;
    else open.appendChild(element);
    open = element;
  };
  places.closeTagHandler = () => {
    depth -= 1;
    open = open?.parentNode;
  };
  places.textHandler = places.cdataHandler = (data) => {
    if (data !== '') open?.appendChild(new XmlText(data));
  };
  places.commentHandler = (data) => open?.appendChild(new XmlComment(data));

  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof CurfewError) throw error;
    throw refuse('SAML_NOT_XML', { cause: error });
  }
  // The parser has refused a text without an element.
  return root as XmlElement;
}

function attributeOf({ name, prefix, local, uri, value }: SaxesAttributeNS): XmlAttribute {
  checkLocalPart(prefix, local);
  // The parser would pass over white space around a namespace; whoever signed it had it there (xml-names §2.2).
  if ((prefix === 'xmlns' || name === 'xmlns') && value !== value.trim())
    throw refuse('SAML_NOT_XML', { detail: { reason: 'white space around a namespace' } });
  return { name, prefix, localName: local, namespaceURI: uri, value };
}

/** What stands behind a colon is a name as well (xml-names §4): the parser looks at how the whole of it begins. */
function checkLocalPart(prefix: string, local: string): void {
  if (prefix !== '' && NO_START.test(local)) throw refuse('SAML_NOT_XML', { detail: { reason: 'a malformed name' } });
}
