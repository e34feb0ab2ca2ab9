// Says whether a service provider's own key signed a message. Nothing is read from a message that was not signed.

import { verify } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { SignedOctets } from './bindings.ts';
import { DIGEST, NS, SIGNATURE } from './names.ts';
import { attributeOf, childrenOf, elementsIn, parseXml } from './read.ts';
import { Refusal } from './refusal.ts';

const HASHES: ReadonlyMap<string, string> = new Map([
  [SIGNATURE.rsaSha256, 'sha256'],
  [SIGNATURE.rsaSha512, 'sha512'],
]);
const DIGESTS: readonly string[] = [DIGEST.sha256, DIGEST.sha512];

/**
 * The root element as it was signed, read back from the signed bytes. Throws a Refusal unless one of the certificates
 * (PEM) signed exactly the root, with one signature right after its Issuer (saml-core §5.4.2).
 */
export function signedRoot(xml: string, certificates: readonly string[]): Element {
  const root = parseXml(xml);
  const signatures = Array.from(root.getElementsByTagNameNS(NS.signature, 'Signature'));
  const [signature] = signatures;
  if (!signature) throw new Refusal(`The ${root.localName} is not signed.`);
  const [issuer, second] = elementsIn(root);
  if (signatures.length > 1 || second !== signature || issuer?.localName !== 'Issuer') {
    throw new Refusal(`The ${root.localName} must have one signature, right after its Issuer.`);
  }
  for (const certificate of certificates) {
    const signed = signedBy(xml, signature, certificate);
    if (signed?.localName === root.localName && attributeOf(signed, 'ID') === attributeOf(root, 'ID')) return signed;
  }
  throw new Refusal(`No certificate in the service provider's metadata signed the ${root.localName}.`);
}

/** Throws a Refusal unless one of the certificates signed these octets of a query string (saml-bindings §3.4.4.1). */
export function checkQuerySignature(signed: SignedOctets | undefined, certificates: readonly string[]): void {
  if (!signed) throw new Refusal('The message is not signed: the address has no Signature.');
  const hash = HASHES.get(signed.algorithm);
  if (hash === undefined) throw new Refusal(`The message is signed with ${signed.algorithm}, which is not accepted.`);
  const octets = Buffer.from(signed.octets);
  if (certificates.some((certificate) => verify(hash, octets, certificate, signed.signature))) return;
  throw new Refusal("No certificate in the service provider's metadata signed the message.");
}

function signedBy(xml: string, signature: Element, certificate: string): Element | undefined {
  const check = new SignedXml({ publicCert: certificate });
  check.SignatureAlgorithms = only(check.SignatureAlgorithms, [...HASHES.keys()]);
  check.HashAlgorithms = only(check.HashAlgorithms, DIGESTS);
  try {
    check.loadSignature(signature);
    if (!check.checkSignature(xml)) return undefined;
  } catch {
    return undefined;
  }
  const [bytes, second] = check.getSignedReferences();
  return bytes === undefined || second !== undefined ? undefined : parseXml(bytes);
}

const only = <T>(known: Record<string, T>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(known).filter(([name]) => names.includes(name)));

/** Whether a message has any enveloped signature as a child of its root. */
export const hasSignature = (root: Element): boolean => childrenOf(root, NS.signature, 'Signature').length > 0;
