// Signs, as identity providers do and with the variations they are known for.

import { sign } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { deflateRawSync } from 'node:zlib';
import { certificateBase64, type IdentityProviderKeys } from './keys.ts';
import { DIGEST, NS, SIGNATURE, TRANSFORM } from './names.ts';

export interface SigningOptions {
  /** `certificate` (default), `none`, or the XML to put inside ds:KeyInfo. */
  readonly keyInfo?: string | undefined;
  /** Namespace prefix of the signature; default `ds`, `''` for none. */
  readonly prefix?: string | undefined;
  /** Default rsa-sha256. */
  readonly signatureAlgorithm?: string | undefined;
  /** Default sha256. */
  readonly digestAlgorithm?: string | undefined;
  /** Canonicalization of SignedInfo; default exclusive. */
  readonly canonicalization?: string | undefined;
  /** Default enveloped, then exclusive canonicalization. */
  readonly transforms?: readonly string[] | undefined;
  /** Breaks the SignatureValue into lines that end in `&#13;`, as Java's library did for years. Default false. */
  readonly javaLines?: boolean | undefined;
}

/** What travels in a query string or a form. */
export type ParameterName = 'SAMLRequest' | 'SAMLResponse';

export interface QueryOptions {
  /** False sends it unsigned. Default true. */
  readonly signed?: boolean | undefined;
  /** Default rsa-sha256. */
  readonly signatureAlgorithm?: string | undefined;
  /** `%2f` instead of `%2F`, as Entra and AD FS write it. Default false. */
  readonly lowerCase?: boolean | undefined;
  /** Signature before SigAlg, as Entra and AD FS order them; what is signed stays the same. Default false. */
  readonly signatureFirst?: boolean | undefined;
}

const HASHES: Readonly<Record<string, string>> = {
  [SIGNATURE.rsaSha1]: 'sha1',
  [SIGNATURE.rsaSha256]: 'sha256',
  [SIGNATURE.rsaSha512]: 'sha512',
};

/**
 * `xml` with an enveloped signature over the element whose ID is `id`, right after its Issuer (saml-core §5.4), or as
 * its first child where it has none.
 */
export function signEnveloped(
  xml: string,
  id: string,
  keys: IdentityProviderKeys,
  options: SigningOptions = {},
): string {
  const signature = new SignedXml({
    privateKey: keys.privateKey,
    signatureAlgorithm: options.signatureAlgorithm ?? SIGNATURE.rsaSha256,
    canonicalizationAlgorithm: options.canonicalization ?? TRANSFORM.exclusive,
    getKeyInfoContent: ({ prefix } = {}) => keyInfo(keys, options.keyInfo, prefix ? `${prefix}:` : ''),
  });
  const holder = `//*[@ID='${id}']`;
  signature.addReference({
    xpath: holder,
    transforms: options.transforms ?? [TRANSFORM.enveloped, TRANSFORM.exclusive],
    digestAlgorithm: options.digestAlgorithm ?? DIGEST.sha256,
  });
  const prefix = options.prefix ?? 'ds';
  signature.computeSignature(xml, {
    ...(prefix === '' ? {} : { prefix }),
    location: hasIssuer(xml, id)
      ? { reference: `${holder}/*[local-name(.)='Issuer']`, action: 'after' }
      : { reference: holder, action: 'prepend' },
  });
  const signed = signature.getSignedXml();
  return options.javaLines ? withJavaLines(signed, signature.getSignatureXml()) : signed;
}

/**
 * The query string of the Redirect binding, signed over the very octets it consists of: message, RelayState where
 * there is one, SigAlg (saml-bindings §3.4.4.1).
 */
export function signedQuery(
  name: ParameterName,
  xml: string,
  relayState: string | undefined,
  keys: IdentityProviderKeys,
  options: QueryOptions = {},
): string {
  const write = (parameter: string, value: string): string => {
    const escaped = encodeURIComponent(value);
    const written = options.lowerCase ? escaped.replace(/%../g, (code) => code.toLowerCase()) : escaped;
    return `${parameter}=${written}`;
  };
  const payload = [write(name, deflateRawSync(xml).toString('base64'))];
  if (relayState !== undefined) payload.push(write('RelayState', relayState));
  if (options.signed === false) return payload.join('&');
  const algorithm = options.signatureAlgorithm ?? SIGNATURE.rsaSha256;
  const octets = [...payload, write('SigAlg', algorithm)];
  const value = sign(HASHES[algorithm] ?? 'sha256', Buffer.from(octets.join('&')), keys.privateKey).toString('base64');
  const signature = write('Signature', value);
  return (options.signatureFirst ? [...payload, signature, ...octets.slice(-1)] : [...octets, signature]).join('&');
}

function keyInfo(keys: IdentityProviderKeys, choice: string | undefined, prefix: string): string | null {
  if (choice === 'none') return null;
  if (choice !== undefined && choice !== 'certificate') return choice;
  const certificate = certificateBase64(keys.certificate);
  return `<${prefix}X509Data><${prefix}X509Certificate>${certificate}</${prefix}X509Certificate></${prefix}X509Data>`;
}

function hasIssuer(xml: string, id: string): boolean {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const issuers = Array.from(document.getElementsByTagNameNS(NS.assertion, 'Issuer'));
  return issuers.some(({ parentNode }) => (parentNode as Element | null)?.getAttribute('ID') === id);
}

function withJavaLines(xml: string, signature: string): string {
  const value = /SignatureValue>([^<]+)</.exec(signature)?.[1] ?? '';
  const lines = value.match(/.{1,76}/g) ?? [];
  return xml.replace(value, () => `&#13;\n${lines.join('&#13;\n')}`);
}
