// Verifies one enveloped signature and answers with the element it vouches for, parsed from the very bytes that were
// signed. The cheap part that only the key's owner can pass comes first, so that garbage costs little (saml-core §5.4,
// xmldsig-core §3.2).

import { hash as digestOf, timingSafeEqual } from 'node:crypto';
import {
  canonicalize,
  digestAlgorithm,
  ENVELOPED,
  IMPLICIT_CANONICALIZATION,
  neededFor,
  signatureAlgorithm,
  verifies,
} from '../algorithms.ts';
import { strictBase64 } from '../bindings/parameters.ts';
import { refuse } from '../codes.ts';
import { attribute, child, children, plainText } from '../xml/elements.ts';
import { namespacesInScope } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse.ts';
import type { TrustedIdp } from './message.ts';
import type { XmlElement } from '../xml/tree.ts';

/** Whose signatures count, and whether SHA-1 will do. */
export interface Signer {
  readonly keys: TrustedIdp['keys'];
  readonly allow: Pick<TrustedIdp['allow'], 'sha1'>;
}

/**
 * The signed element, read from the canonical bytes. `signature` is a child of `holder` whose shape was checked before
 * (checks/signature-shape.ts). KeyInfo is never looked at (saml-core §5.4.5). Takes the signature out of `holder`.
 * Throws SAML_SIGNATURE_ALGORITHM, SAML_SIGNATURE_INVALID.
 */
export function signedElement(holder: XmlElement, signature: XmlElement, idp: Signer): XmlElement {
  const reference = required(verifiedSignedInfo(signature, idp), 'Reference');

  const digestUri = algorithmOf(required(reference, 'DigestMethod'));
  const hash = digestAlgorithm(digestUri, idp.allow.sha1);
  if (hash === undefined) throw notAllowed(digestUri);
  const digest = strictBase64(plainText(required(reference, 'DigestValue')) ?? '');
  const bytes = canonicalBytes(holder, signature, reference);
  const actual = digestOf(hash, bytes, 'buffer');
  if (actual.length !== digest.length || !timingSafeEqual(actual, digest)) {
    throw refuse('SAML_SIGNATURE_INVALID', { detail: { part: 'digest' } });
  }

  const signed = parseXml(bytes);
  const same =
    signed.namespaceURI === holder.namespaceURI &&
    signed.localName === holder.localName &&
    attribute(signed, 'ID') === attribute(holder, 'ID');
  if (!same) throw refuse('SAML_SIGNATURE_INVALID', { detail: { part: 'element' } });
  return signed;
}

/** SignedInfo as it was signed: it too is read from the bytes the key vouches for, not from what arrived. */
function verifiedSignedInfo(signature: XmlElement, idp: Signer): XmlElement {
  const signedInfo = required(signature, 'SignedInfo');
  const uri = algorithmOf(required(signedInfo, 'SignatureMethod'));
  const algorithm = signatureAlgorithm(uri, idp.allow.sha1);
  if (algorithm === undefined) throw notAllowed(uri);
  const method = required(signedInfo, 'CanonicalizationMethod');
  const bytes = canonicalize(signedInfo, algorithmOf(method), namespacesInScope(signedInfo), prefixList(method));
  const octets = Buffer.from(bytes);
  // White space in SignatureValue is legal; WSO2 and Keycloak write it as &#13; too.
  const value = strictBase64(plainText(required(signature, 'SignatureValue')) ?? '');
  if (!idp.keys.some((key) => verifies(octets, algorithm, value, key))) {
    throw refuse('SAML_SIGNATURE_INVALID', { detail: { part: 'key' } });
  }
  return parseXml(bytes);
}

/** The octets the digest is over: the holder without this signature, canonicalized as its transforms say. */
function canonicalBytes(holder: XmlElement, signature: XmlElement, reference: XmlElement): string {
  const transforms = children(required(reference, 'Transforms'), 'signature', 'Transform');
  const canonical = transforms.find((transform) => algorithmOf(transform) !== ENVELOPED);
  const inScope = namespacesInScope(holder);
  holder.removeChild(signature);
  return canonicalize(
    holder,
    canonical === undefined ? IMPLICIT_CANONICALIZATION : algorithmOf(canonical),
    inScope,
    canonical === undefined ? [] : prefixList(canonical),
    true,
  );
}

/** Says which algorithm it is, and what would allow it. */
export function notAllowed(uri: string) {
  const needs = neededFor(uri);
  return refuse('SAML_SIGNATURE_ALGORITHM', { detail: { algorithm: uri.slice(0, 120), ...(needs && { needs }) } });
}

const required = (parent: XmlElement, name: string): XmlElement => {
  const found = child(parent, 'signature', name);
  if (found === undefined) throw refuse('SAML_SIGNATURE_SHAPE', { detail: { missing: name } });
  return found;
};

const algorithmOf = (element: XmlElement): string => attribute(element, 'Algorithm') ?? '';

/** InclusiveNamespaces/@PrefixList of exclusive canonicalization (xml-exc-c14n §4), `#default` among them. */
function prefixList(transform: XmlElement): string[] {
  const inclusive = children(transform).find((element) => element.localName === 'InclusiveNamespaces');
  const list = inclusive === undefined ? '' : (attribute(inclusive, 'PrefixList') ?? '');
  return list.split(/\s+/).filter((prefix) => prefix !== '');
}
