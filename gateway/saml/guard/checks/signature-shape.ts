// A signature has one place (right after the Issuer of what it signs), one reference (to that element) and no parts that
// a SAML signature does not need (saml-core §5.4.1-5.4.4, saml-guard check 12).

import { ENVELOPED, isCanonicalization } from '../../algorithms.ts';
import { refuse } from '../../codes.ts';
import { attribute, child, children, eachElement, isElement } from '../../xml/elements.ts';
import { rootOf, type XmlElement } from '../../xml/tree.ts';
import type { Structure } from '../message.ts';

const LONGEST_PREFIX_LIST = 500;

/** Refuses with SAML_SIGNATURE_SHAPE any signature that is not exactly where and what it may be. */
export function signatureShape({ root, kind }: Structure): void {
  eachElement(rootOf(root), (element) => {
    if (isElement(element, 'signature', 'Object')) reject('an Object');
    if (element.localName !== 'Signature') return;
    if (!isElement(element, 'signature', 'Signature')) reject('a Signature of another namespace');
    const holder = element.parentNode as XmlElement;
    const mayHold =
      holder === root ||
      (kind === 'Response' && holder.parentNode === root && isElement(holder, 'assertion', 'Assertion'));
    if (!mayHold) reject('a Signature where none may be');
    const [issuer, second] = children(holder);
    if (issuer === undefined || !isElement(issuer, 'assertion', 'Issuer') || second !== element) {
      reject('a Signature that does not follow the Issuer');
    }
    signatureParts(element, attribute(holder, 'ID') ?? '');
  });
}

/** Refuses with SAML_SIGNATURE_SHAPE a signature that refers to something else than `id`, or has parts no signature needs. */
export function signatureParts(signature: XmlElement, id: string): void {
  names(signature, ['SignedInfo', 'SignatureValue'], ['KeyInfo']);
  const signedInfo = child(signature, 'signature', 'SignedInfo') ?? reject('no SignedInfo');
  names(signedInfo, ['CanonicalizationMethod', 'SignatureMethod', 'Reference']);
  canonicalization(child(signedInfo, 'signature', 'CanonicalizationMethod'));
  leaf(child(signature, 'signature', 'SignatureValue'));
  leaf(child(signedInfo, 'signature', 'SignatureMethod'));
  const reference = child(signedInfo, 'signature', 'Reference') ?? reject('no Reference');
  if (attribute(reference, 'URI') !== `#${id}`) reject('a Reference to another element');
  names(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  leaf(child(reference, 'signature', 'DigestMethod'));
  leaf(child(reference, 'signature', 'DigestValue'));
  const transforms = children(child(reference, 'signature', 'Transforms') ?? reject('no Transforms'));
  const [enveloped, second] = transforms;
  if (enveloped === undefined || attribute(enveloped, 'Algorithm') !== ENVELOPED || transforms.length > 2) {
    reject('Transforms other than enveloped-signature and one canonicalization');
  }
  leaf(enveloped);
  if (second !== undefined) canonicalization(second);
}

/** The children are these, once each and in this order. */
function names(parent: XmlElement, required: readonly string[], optional: readonly string[] = []): void {
  const found = children(parent);
  const expected = found.length > required.length ? [...required, ...optional] : required;
  const fits =
    found.length === expected.length &&
    found.every((element, at) => isElement(element, 'signature', expected[at] ?? ''));
  if (!fits) reject(`${parent.localName} with other parts`);
}

/**
 * A known algorithm, and at most a short list of prefixes (xml-exc-c14n §4). SignedInfo is canonicalized before anybody is known to have signed it,
 * so nothing that costs may hide in it: a list of 20 000 prefixes took 100 ms.
 */
function canonicalization(method: XmlElement | undefined): void {
  const algorithm = (method && attribute(method, 'Algorithm')) ?? '';
  if (!isCanonicalization(algorithm)) reject('an unknown canonicalization or transform', algorithm);
  const [inclusive, second] = method === undefined ? [] : children(method);
  if (inclusive === undefined) return;
  leaf(inclusive);
  const list = attribute(inclusive, 'PrefixList') ?? '';
  if (second !== undefined || inclusive.localName !== 'InclusiveNamespaces' || list.length > LONGEST_PREFIX_LIST) {
    reject('a canonicalization with other parts');
  }
}

function leaf(element: XmlElement | undefined): void {
  if (element !== undefined && children(element).length > 0) reject(`${element.localName} with parts`);
}

function reject(reason: string, algorithm?: string): never {
  const named = algorithm === undefined ? {} : { algorithm: algorithm.slice(0, 120) };
  throw refuse('SAML_SIGNATURE_SHAPE', { detail: { reason, ...named } });
}
