// Transport and lexical checks: from what a binding handed over to a message element, with what the octets alone can
// tell. Nothing is parsed before its size and its markup are known to be harmless (saml-guard checks 5-9).

import { inflateRawSync } from 'node:zlib';
import { signatureAlgorithm, verifies } from '../algorithms.ts';
import type { Arrived, ArrivedByRedirect } from '../arrived.ts';
import { refuse } from '../codes.ts';
import { NS, type MessageKind } from '../names.ts';
import { attribute, children, isElement } from '../xml/elements.ts';
import { decodeUtf8, forbidMarkup } from '../xml/lexical.ts';
import type { XmlLimits } from '../xml/limits.ts';
import { parseXml } from '../xml/parse.ts';
import { speaksFor } from './client-certificate.ts';
import { isIssuer, issuerOf } from './checks/issuer.ts';
import { notAllowed } from './signature.ts';
import type { Structure, TrustedIdp } from './message.ts';
import type { XmlElement } from '../xml/tree.ts';

/**
 * Measured so that any message that is refused costs well under 50 ms. Levels times attributes of a tag bounds the namespaces in scope, and
 * canonicalization writes those of SignedInfo before anybody is known to have signed it; what it writes of names is bounded by themselves.
 */
export const LOGOUT_LIMITS = {
  maxTags: 300,
  maxDepth: 24,
  maxAttributesPerTag: 20,
  maxAttributes: 900,
  maxNamespaces: 64 * 1024,
} as const satisfies XmlLimits;
/** Of a Response: an assertion with its attributes has more than any LogoutRequest. */
export const RESPONSE_LIMITS = {
  ...LOGOUT_LIMITS,
  ...{ maxTags: 2000, maxAttributes: 6000, maxNamespaces: 256 * 1024 },
} as const satisfies XmlLimits;
const MAX_LOGOUT_BYTES = 64 * 1024;
/** In pieces of what a LogoutRequest has; by itself zlib takes 16 KiB for each message. */
const INFLATED = { maxOutputLength: MAX_LOGOUT_BYTES, chunkSize: 4096 };
/** Of a Response, decoded. */
export const MAX_RESPONSE_BYTES = 256 * 1024;

/** The message element, its kind, and the configured identity provider it claims to come from. Throws a SAML_* code. */
export function openArrived(arrived: Arrived, idps: readonly TrustedIdp[]): Structure {
  const signers = arrived.binding === 'redirect' ? signersOf(arrived, idps) : sendersOf(arrived, idps);
  const { root, kind } = readArrived(arrived);
  const idp = claimedIdp(root, signers);
  const isFetched = arrived.binding !== 'redirect' && arrived.resolvedBy !== undefined;
  return { kind, binding: arrived.binding, root, signedOutside: vouchedFor(arrived, idp), isFetched, idp };
}

/** The message element and its kind (checks 6-9); nobody vouches for it yet. Throws a SAML_* code. */
export function readArrived(arrived: Arrived): Pick<Structure, 'root' | 'kind'> {
  const kinds = kindsOf(arrived);
  const mayBeResponse = kinds.includes('Response');
  const bytes = arrived.binding === 'redirect' ? inflate(arrived.deflated) : arrived.xml;
  const most = mayBeResponse ? MAX_RESPONSE_BYTES : MAX_LOGOUT_BYTES;
  if (bytes.length > most) throw refuse('SAML_TOO_COMPLEX', { detail: { bytes: bytes.length } });

  const text = decodeUtf8(bytes);
  forbidMarkup(text);
  const root = unwrapped(parseXml(text, mayBeResponse ? RESPONSE_LIMITS : LOGOUT_LIMITS), arrived);
  const kind = kinds.find((name) => isElement(root, 'protocol', name));
  if (kind === undefined) throw refuse('SAML_WRONG_KIND', { detail: { found: root.localName, expected: kinds } });
  return { root, kind };
}

/** Who answered an ArtifactResolve speaks for nobody else. */
export function sendersOf(arrived: Arrived, idps: readonly TrustedIdp[]): readonly TrustedIdp[] {
  const resolvedBy = arrived.binding === 'redirect' ? undefined : arrived.resolvedBy;
  return resolvedBy === undefined ? idps : idps.filter(({ name }) => name === resolvedBy.idp);
}

/** A Response comes by POST and no other way (profiles §4.1.2). */
function kindsOf(arrived: Arrived): readonly MessageKind[] {
  if (arrived.field === 'SAMLRequest') return ['LogoutRequest'];
  const byForm = arrived.binding === 'post' && arrived.inQuery !== true;
  return byForm ? ['Response', 'LogoutResponse'] : ['LogoutResponse'];
}

/**
 * Redirect: who may have signed, judged on the raw octets before anything is inflated. An unsigned message is let through to the
 * row that decides about unsigned ones.
 */
export function signersOf({ signature }: ArrivedByRedirect, idps: readonly TrustedIdp[]): readonly TrustedIdp[] {
  if (signature === undefined) {
    if (idps.some((idp) => idp.allow.unsignedLogoutResponse)) return idps;
    throw refuse('SAML_UNSIGNED');
  }
  const algorithms = idps.map((idp) => signatureAlgorithm(signature.algorithm, idp.allow.sha1));
  if (algorithms.every((algorithm) => algorithm === undefined)) {
    throw notAllowed(signature.algorithm);
  }
  const signers = idps.filter((idp, at) => {
    const algorithm = algorithms[at];
    return algorithm && idp.keys.some((key) => verifies(signature.octets, algorithm, signature.value, key));
  });
  if (signers.length === 0) throw refuse('SAML_SIGNATURE_INVALID', { detail: { part: 'query' } });
  return signers;
}

/** Whether something outside the message vouches for all of it: the signature of the query, what it was fetched in, or who carried it. */
export function vouchedFor(arrived: Arrived, idp: TrustedIdp): boolean {
  if (arrived.binding === 'redirect') return arrived.signature !== undefined;
  const { field, clientCertificate: certificate, resolvedBy } = arrived;
  if (resolvedBy !== undefined) return resolvedBy.isSigned;
  return field === 'SAMLRequest' && certificate !== undefined && speaksFor(certificate, idp);
}

/** Raw DEFLATE (RFC 1951), stopped at the limit rather than after it. */
function inflate(deflated: Buffer): Buffer {
  try {
    return inflateRawSync(deflated, INFLATED);
  } catch (cause) {
    throw refuse('SAML_DEFLATE', { cause });
  }
}

/** The only child of a SOAP 1.1 Body (bindings §3.2.2.1), also where WSO2 puts the envelope into a form field. */
function unwrapped(root: XmlElement, { binding }: Arrived): XmlElement {
  const isEnvelope = root.localName === 'Envelope';
  if (binding === 'redirect' || (binding === 'post' && !isEnvelope)) return root;
  return soapMessage(root);
}

/** The only child of the Body of a SOAP 1.1 Envelope. Throws SAML_SOAP. */
export function soapMessage(root: XmlElement): XmlElement {
  if (!isElement(root, 'soap', 'Envelope')) {
    const isOther = root.localName === 'Envelope';
    throw refuse('SAML_SOAP', { detail: { reason: isOther ? 'another version of SOAP' : 'no SOAP 1.1 Envelope' } });
  }
  const parts = children(root);
  const bodies = parts.filter((part) => isElement(part, 'soap', 'Body'));
  const headers = parts.filter((part) => isElement(part, 'soap', 'Header'));
  const [body] = bodies;
  if (
    body === undefined ||
    bodies.length + headers.length !== parts.length ||
    bodies.length > 1 ||
    headers.length > 1
  ) {
    throw refuse('SAML_SOAP', { detail: { reason: 'not one Body' } });
  }
  // A header that must be understood is one that we do not understand (SOAP 1.1 §4.2.3).
  if (headers.flatMap((header) => children(header)).some(mustBeUnderstood)) {
    throw refuse('SAML_SOAP', { detail: { reason: 'mustUnderstand' } });
  }
  const [message, second] = children(body);
  if (message === undefined || second !== undefined)
    throw refuse('SAML_SOAP', { detail: { reason: 'not one message' } });
  return message;
}

const mustBeUnderstood = (header: XmlElement): boolean =>
  header.attributes.some(
    ({ namespaceURI, localName, value }) =>
      namespaceURI === NS.soap && localName === 'mustUnderstand' && (value === '1' || value === 'true'),
  );

/** The Issuer is only a hint here whose keys to try; it is judged again on what was signed (check 17). */
export function claimedIdp(root: XmlElement, idps: readonly TrustedIdp[]): TrustedIdp {
  const assertion = children(root, 'assertion', 'Assertion')[0];
  const claimed = issuerOf(root) ?? (assertion && issuerOf(assertion));
  const idp = idps.find((candidate) => isIssuer(candidate, claimed));
  if (idp === undefined) {
    throw refuse('SAML_ISSUER', {
      detail: { issuer: claimed?.slice(0, 200), messageId: attribute(root, 'ID')?.slice(0, 80) },
    });
  }
  return idp;
}
