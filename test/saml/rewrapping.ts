// Signature wrapping by lot: messages that an identity provider signed for two people are taken apart and put together anew, with forged ones among
// the parts. XSW1-8 are a few of what comes out.

import type { Roll } from './dice.ts';

/** Where an element stands in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const TAG = /<(\/?)[^<>]*?(\/?)>/g;

/** All elements of well-formed XML without anything but elements and text. */
function spansOf(xml: string): Span[] {
  const [open, found]: [number[], Span[]] = [[], []];
  for (const { 0: tag, 1: closes, 2: isEmpty, index } of xml.matchAll(TAG)) {
    const start = closes === '/' ? open.pop() : index;
    if (closes !== '/' && isEmpty !== '/') open.push(index);
    else if (start !== undefined) found.push({ start, end: index + tag.length });
  }
  return found;
}

const SAML = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const SAMLP = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"';
const DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';
/** What may be put around something: the places where the schemas allow what they do not know, and some where they do not. */
const AROUND = [
  ...[`samlp:Extensions ${SAMLP}`, `saml:Advice ${SAML}`, `saml:Evidence ${SAML}`, `saml:AttributeValue ${SAML}`],
  ...[`saml:SubjectConfirmationData ${SAML}`, `saml:Subject ${SAML}`, `saml:Conditions ${SAML}`, `saml:Issuer ${SAML}`],
  ...[`saml:NameID ${SAML}`, `samlp:StatusDetail ${SAMLP}`, `samlp:SessionIndex ${SAMLP}`],
  ...[`ds:Object ${DS}`, `ds:KeyInfo ${DS}`, `ds:Signature ${DS}`, `ds:SignedInfo ${DS}`, `ds:Transform ${DS}`],
  ...[`samlp:Response ${SAMLP}`, `saml:Assertion ${SAML}`, `samlp:LogoutRequest ${SAMLP}`, 'x:y xmlns:x="urn:x"'],
];

/** Namespaces that forms leave out where nothing uses them, so that a stranger may put them in. */
const DECLARATIONS = [
  ...['xmlns:xs="urn:x"', 'xmlns:xsi="urn:x"', 'xmlns:ec="urn:x"', 'xmlns="urn:x"', 'xmlns:x="urn:x"'],
  ...['xmlns:saml="urn:x"', 'xmlns:samlp="urn:x"', 'xmlns:ds="urn:x"', 'xmlns:saml2="urn:x"', 'xmlns:xenc="urn:x"'],
];

/** Takes a message apart and puts it together anew, in one step, with one of `pieces` or a part of its own. */
export function rewrapped(xml: string, pieces: readonly string[], roll: Roll): string {
  const one = <T>(from: readonly T[]): T | undefined => from[roll(from.length)];
  const { start, end } = one(spansOf(xml)) ?? { start: 0, end: xml.length };
  const element = xml.slice(start, end);
  const instead = (by: string): string => xml.slice(0, start) + by + xml.slice(end);
  const piece = one(pieces) ?? '';
  const ids = [...`${xml}${pieces.join('')}`.matchAll(/ ID="([^"]*)"/g)].map(([, id = '']) => id);
  switch (roll(12)) {
    case 0:
    case 1:
      return put(xml, piece, roll);
    case 2:
      return instead(piece);
    case 3: {
      const around = one(AROUND) ?? '';
      return instead(`<${around}>${element}</${around.split(' ', 1).join('')}>`);
    }
    case 4:
      return put(instead(''), element, roll);
    case 5:
      return put(xml, element, roll);
    case 6:
      return instead('') || xml;
    case 7:
      return once(xml, / ID="[^"]*"/g, ` ID="${one(ids) ?? ''}"`, roll);
    case 8:
      return once(xml, / URI="#[^"]*"/g, ` URI="${one(['', '#', '#xpointer(/)', `#${one(ids) ?? ''}`]) ?? ''}"`, roll);
    case 9:
      return once(xml, / ID="/g, one([' Id="', ' id="', ' xml:id="', ' ID="_other" Id="']) ?? '', roll);
    case 10:
      return once(xml, /<[\w:]+(?=[ >])/g, `$& ${one(DECLARATIONS) ?? ''}`, roll);
    default:
      return once(xml, />(?:mallory|bob)@/g, '>victim@', roll);
  }
}

/** Before or behind one of the tags. */
function put(into: string, what: string, roll: Roll): string {
  const places = [...into.matchAll(TAG)].flatMap(({ 0: tag, index }) => [index, index + tag.length]);
  const at = places[roll(places.length)] ?? 0;
  return into.slice(0, at) + what + into.slice(at);
}

/** With something else in the place of one of those that match; `$&` is what was there. */
function once(xml: string, pattern: RegExp, by: string, roll: Roll): string {
  const matches = [...xml.matchAll(pattern)];
  const found = matches[roll(matches.length)];
  if (found === undefined) return xml;
  return xml.slice(0, found.index) + by.replace('$&', found[0]) + xml.slice(found.index + found[0].length);
}
