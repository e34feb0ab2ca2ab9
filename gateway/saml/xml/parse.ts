// From text to tree, in one pass: XML 1.0 with its namespaces, less what no message needs. Whatever is not well-formed is refused, and limits hold while it is read.

import { refuse } from '../codes.ts';
import { characters, textOf, valueOf } from './characters.ts';
import { Complexity, TRUSTED, type XmlLimits } from './limits.ts';
import { attributesOf, halvesOf, mayDeclare, nameEnd, uriOf } from './names.ts';
import { Scope } from './scope.ts';
import { XmlComment, XmlElement, XmlText } from './tree.ts';

/**
 * The root element of one document. `around`: namespaces by prefix that are declared outside of the text. Throws SAML_NOT_XML, SAML_TOO_COMPLEX,
 * SAML_FORBIDDEN_MARKUP.
 */
export const parseXml = (text: string, limits = TRUSTED, around?: Readonly<Record<string, string>>): XmlElement =>
  new Reader(characters(text), limits, around).document();

/** An open element, and how many namespaces were declared around it. */
interface Open {
  readonly element: XmlElement;
  readonly outside: number;
  readonly around: Open | undefined;
}

const DECLARATION =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.\d+"|'1\.\d+')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/;
const [TAB, NEWLINE, SPACE, BANG, QUOTE, APOSTROPHE, SLASH, LESS, EQUALS, GREATER, QUESTION] = [
  ...[0x09, 0x0a, 0x20, 0x21, 0x22, 0x27, 0x2f, 0x3c, 0x3d, 0x3e, 0x3f],
] as const;

class Reader {
  readonly #text: string;
  readonly #complexity: Complexity;
  readonly #scope: Scope;
  #at = 0;
  #open: Open | undefined;
  #depth = 0;

  constructor(text: string, limits: XmlLimits, around: Readonly<Record<string, string>> = {}) {
    this.#text = text;
    this.#complexity = new Complexity(limits);
    this.#scope = new Scope(Object.entries(around));
  }

  document(): XmlElement {
    this.#at = DECLARATION.exec(this.#text)?.[0].length ?? 0;
    this.#beside();
    const root = this.#startTag();
    while (this.#open !== undefined) this.#content(this.#open);
    this.#beside();
    if (this.#at < this.#text.length) throw notXml('content beside the root');
    return root;
  }

  /** White space, comments and processing instructions in front of the root or behind it mean nothing (XML 1.0 §2.1). */
  #beside(): void {
    for (;;) {
      this.#space();
      if (this.#text.startsWith('<!--', this.#at)) this.#comment();
      else if (this.#text.startsWith('<?', this.#at)) this.#instruction();
      else if (this.#text.startsWith('<!', this.#at)) throw forbidden('a document type');
      else return;
    }
  }

  /** A piece of what is in an element. */
  #content({ element }: Open): void {
    const less = this.#text.indexOf('<', this.#at);
    if (less < 0) throw notXml('an element is not closed');
    if (less > this.#at) element.appendChild(new XmlText(textOf(this.#text.slice(this.#at, less))));
    this.#at = less;
    switch (this.#text.charCodeAt(less + 1)) {
      case SLASH:
        this.#endTag();
        return;
      case QUESTION:
        // A canonical form has it, and the tree has not (xml-c14n §2.1).
        throw forbidden('a processing instruction');
      case BANG:
        if (this.#text.startsWith('<!--', less)) element.appendChild(new XmlComment(this.#comment()));
        else if (this.#text.startsWith('<![CDATA[', less)) this.#section(element);
        else throw notXml('a declaration inside an element');
        return;
      default:
        this.#startTag();
    }
  }

  #startTag(): XmlElement {
    if (this.#text.charCodeAt(this.#at) !== LESS) throw notXml('no element');
    this.#at += 1;
    const name = this.#name();
    const outside = this.#scope.size;
    const found: { name: string; prefix: string; localName: string; value: string }[] = [];
    while (this.#isAttributeNext()) {
      const attribute = this.#attribute();
      const { prefix, localName, value } = attribute;
      const declares = attribute.name === 'xmlns' ? '' : prefix === 'xmlns' ? localName : undefined;
      if (declares !== undefined) {
        if (!mayDeclare(declares, value)) throw notXml('a namespace that may not be declared so');
        this.#complexity.declaration(value);
        this.#scope.declare(declares, value);
      }
      found.push(attribute);
      this.#complexity.attribute(found.length);
    }
    const { prefix, localName } = halvesOf(name);
    const element = new XmlElement(
      name,
      prefix,
      localName,
      uriOf(this.#scope, prefix),
      attributesOf(found, this.#scope),
    );
    this.#open?.element.appendChild(element);
    this.#complexity.element(element, this.#depth);
    if (this.#text.charCodeAt(this.#at) === SLASH) {
      this.#at += 1;
      this.#expect(GREATER);
      this.#scope.leave(outside);
    } else {
      this.#expect(GREATER);
      this.#open = { element, outside, around: this.#open };
      this.#depth += 1;
    }
    return element;
  }

  /** Whether there is another one: then it stands behind white space (XML 1.0 §3.1). */
  #isAttributeNext(): boolean {
    const isSpaced = this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === GREATER || code === SLASH) return false;
    if (!isSpaced) throw notXml('no white space before an attribute');
    return true;
  }

  #attribute() {
    const name = this.#name();
    this.#space();
    this.#expect(EQUALS);
    this.#space();
    const quote = this.#text.charCodeAt(this.#at);
    if (quote !== QUOTE && quote !== APOSTROPHE) throw notXml('a value without quotation marks');
    const end = this.#text.indexOf(quote === QUOTE ? '"' : "'", this.#at + 1);
    if (end < 0) throw notXml('a value that does not end');
    const written = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    // What stands behind a spread V8 adds one by one, outside of compiled code.
    const { prefix, localName } = halvesOf(name);
    return { name, prefix, localName, value: valueOf(written) };
  }

  #endTag(): void {
    const { element, outside = 0, around } = this.#open ?? {};
    if (element === undefined || !this.#text.startsWith(element.tagName, this.#at + 2))
      throw notXml('tags do not match');
    this.#at += 2 + element.tagName.length;
    this.#space();
    this.#expect(GREATER);
    this.#scope.leave(outside);
    this.#open = around;
    this.#depth -= 1;
  }

  #name(): string {
    const end = nameEnd(this.#text, this.#at);
    if (end === this.#at) throw notXml('no name');
    const name = this.#text.slice(this.#at, end);
    this.#at = end;
    return name;
  }

  /** Its text (XML 1.0 §2.5). */
  #comment(): string {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end < 0 || this.#text.charCodeAt(end + 2) !== GREATER) throw notXml('a comment that does not end');
    const comment = this.#text.slice(this.#at + 4, end);
    this.#at = end + 3;
    return comment;
  }

  #instruction(): void {
    this.#at += 2;
    const end = this.#text.indexOf('?>', this.#at);
    const target = this.#name();
    const isSpaced = this.#space() || this.#at === end;
    if (end < this.#at || !isSpaced || /^xml$/i.test(target) || target.includes(':'))
      throw notXml('a malformed processing instruction');
    this.#at = end + 2;
  }

  /** A CDATA section is text (XML 1.0 §2.7). */
  #section(element: XmlElement): void {
    const begin = this.#at + '<![CDATA['.length;
    const end = this.#text.indexOf(']]>', begin);
    if (end < 0) throw notXml('a CDATA section that does not end');
    if (end > begin) element.appendChild(new XmlText(this.#text.slice(begin, end)));
    this.#at = end + 3;
  }

  /** Passes over white space; whether there was any. */
  #space(): boolean {
    const before = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== NEWLINE && code !== TAB) return this.#at > before;
      this.#at += 1;
    }
  }

  #expect(code: number): void {
    if (this.#text.charCodeAt(this.#at) !== code) throw notXml('a malformed tag');
    this.#at += 1;
  }
}

const notXml = (reason: string) => refuse('SAML_NOT_XML', { detail: { reason } });
const forbidden = (reason: string) => refuse('SAML_FORBIDDEN_MARKUP', { detail: { reason } });
