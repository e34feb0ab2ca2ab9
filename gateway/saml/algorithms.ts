// The algorithms we accept, by their URI. A Map, not an object: `constructor` is no algorithm (saml-guard §2d).

import { constants, verify, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { derOfHalves } from './ecdsa.ts';
import { canonicalText, type CanonicalForm } from './xml/canonical.ts';
import type { NamespaceInScope } from './xml/namespaces.ts';
import type { XmlElement } from './xml/tree.ts';

/** A signature algorithm as node:crypto knows it. */
export interface SignatureAlgorithm {
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly keyType: 'rsa' | 'ec';
  /** RSASSA-PSS: the mask of the same hash, the salt as long as it (RFC 9231 §2.3.9, §2.3.10). */
  readonly isPss?: true;
}

const DSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DSIG_MORE_07 = 'http://www.w3.org/2007/05/xmldsig-more#';
const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';

const SIGNATURE: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${DSIG_MORE}rsa-sha256`, { hash: 'sha256', keyType: 'rsa' }],
  [`${DSIG_MORE}rsa-sha384`, { hash: 'sha384', keyType: 'rsa' }],
  [`${DSIG_MORE}rsa-sha512`, { hash: 'sha512', keyType: 'rsa' }],
  [`${DSIG_MORE}ecdsa-sha256`, { hash: 'sha256', keyType: 'ec' }],
  [`${DSIG_MORE}ecdsa-sha384`, { hash: 'sha384', keyType: 'ec' }],
  [`${DSIG_MORE}ecdsa-sha512`, { hash: 'sha512', keyType: 'ec' }],
  [`${DSIG_MORE_07}sha256-rsa-MGF1`, { hash: 'sha256', keyType: 'rsa', isPss: true }],
  [`${DSIG_MORE_07}sha384-rsa-MGF1`, { hash: 'sha384', keyType: 'rsa', isPss: true }],
  [`${DSIG_MORE_07}sha512-rsa-MGF1`, { hash: 'sha512', keyType: 'rsa', isPss: true }],
  // Without parameters, and with any it is refused for its shape, SHA-256 is meant (RFC 9231 §2.3.9).
  [`${DSIG_MORE_07}rsa-pss`, { hash: 'sha256', keyType: 'rsa', isPss: true }],
  [`${XMLDSIG}rsa-sha1`, { hash: 'sha1', keyType: 'rsa' }],
  [`${DSIG_MORE}ecdsa-sha1`, { hash: 'sha1', keyType: 'ec' }],
]);

const DIGEST: ReadonlyMap<string, SignatureAlgorithm['hash']> = new Map([
  [`${XMLENC}sha256`, 'sha256'],
  [`${DSIG_MORE}sha384`, 'sha384'],
  [`${XMLENC}sha512`, 'sha512'],
  [`${XMLDSIG}sha1`, 'sha1'],
]);

const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
/**
 * Differs from the former in what an element takes over of `xml:` attributes around it (xml-c14n11 §2.4), and of those nothing is taken over here: where there
 * are any, the signature does not verify.
 */
const INCLUSIVE_11 = 'http://www.w3.org/2006/12/xml-c14n11';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const CANONICALIZATION: ReadonlyMap<string, CanonicalForm> = new Map(
  [
    { uri: EXCLUSIVE, comments: `${EXCLUSIVE}WithComments`, isExclusive: true },
    { uri: INCLUSIVE, comments: `${INCLUSIVE}#WithComments`, isExclusive: false },
    { uri: INCLUSIVE_11, comments: `${INCLUSIVE_11}#WithComments`, isExclusive: false },
  ].flatMap(({ uri, comments, isExclusive }): [string, CanonicalForm][] => [
    [uri, { isExclusive, withComments: false }],
    [comments, { isExclusive, withComments: true }],
  ]),
);

/** The transform that leaves the signature itself out (xmldsig-core §6.6.4). */
export const ENVELOPED = `${XMLDSIG}enveloped-signature`;
/** What a Reference without a canonicalization transform means (xmldsig-core §4.4.3.2). */
export const IMPLICIT_CANONICALIZATION = INCLUSIVE;

/** The algorithm, or undefined where it is unknown or needs `allow.sha1`. */
export function signatureAlgorithm(uri: string, allowSha1: boolean): SignatureAlgorithm | undefined {
  const algorithm = SIGNATURE.get(uri);
  return algorithm?.hash === 'sha1' && !allowSha1 ? undefined : algorithm;
}

/** The digest's hash name, or undefined where it is unknown or needs `allow.sha1`. */
export function digestAlgorithm(uri: string, allowSha1: boolean): SignatureAlgorithm['hash'] | undefined {
  const hash = DIGEST.get(uri);
  return hash === 'sha1' && !allowSha1 ? undefined : hash;
}

/** What a setting would have to allow for a signature or digest algorithm that is known; undefined where none would do. */
export const neededFor = (uri: string): 'allow.sha1' | undefined =>
  (SIGNATURE.get(uri)?.hash ?? DIGEST.get(uri)) === 'sha1' ? 'allow.sha1' : undefined;

/** Whether we know a canonicalization by this URI. */
export const isCanonicalization = (uri: string): boolean => CANONICALIZATION.has(uri);

/**
 * The canonical form of an element (xml-exc-c14n, xml-c14n). `prefixList` is InclusiveNamespaces/@PrefixList. Comments count where the algorithm's name says
 * so and the element is not what a Reference names by its ID: then they are left out first (xmldsig-core §4.4.3.3). Throws where the algorithm is unknown.
 */
export function canonicalize(
  element: XmlElement,
  uri: string,
  inScope: readonly NamespaceInScope[],
  prefixList: readonly string[],
  isReferenced = false,
): string {
  const form = CANONICALIZATION.get(uri);
  if (form === undefined) throw new Error(`unknown canonicalization ${uri}`);
  const { isExclusive, withComments } = form;
  return canonicalText(element, { isExclusive, withComments: withComments && !isReferenced }, inScope, prefixList);
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } as const;

/** Whether `key` made `signature` over `octets`. A key of another type never did. */
export function verifies(octets: Buffer, algorithm: SignatureAlgorithm, signature: Buffer, key: KeyObject): boolean {
  if (key.asymmetricKeyType !== algorithm.keyType) return false;
  if (algorithm.isPss) return verify(algorithm.hash, octets, { key, ...PSS }, signature);
  if (algorithm.keyType === 'rsa') return verify(algorithm.hash, octets, key, signature);
  // goxmldsig writes an ECDSA value as DER: the same signature, in other words.
  return [derOfHalves(signature), signature].some((der) => der && verify(algorithm.hash, octets, key, der));
}

/**
 * A key as node:crypto is to use it: an ECDSA value is r and s side by side, not DER (xmldsig-core §6.4.3). An RSA key goes without options, because Node tells a
 * key among options from other options by two errors that it throws and catches: 0.05 ms of a signature.
 */
export const encodedAsInXml = (key: KeyObject): KeyObject | SignKeyObjectInput =>
  key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' } : key;
