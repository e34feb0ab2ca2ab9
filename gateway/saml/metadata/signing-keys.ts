// Which keys of an identity provider's role may sign (saml-metadata §2.4.1.1): those of its certificates, in which nothing but the key counts,
// and keys without one.

import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { child, children, collapsed, plainText } from '../xml/elements.ts';
import type { XmlElement } from '../xml/tree.ts';

/** What a role may sign by. */
export interface SigningKeys {
  /** Those of the certificates, in their order, then those without one. */
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
  /** Why further keys are passed over. */
  readonly unusable: readonly string[];
}

/**
 * KeyDescriptors for signing, or without `use` or with an empty one, which stand for both. What is of no use beside others, an old key that is too short or a new one of a kind that
 * is unknown here, must not keep the rest from being taken over.
 */
export function signingKeys(role: XmlElement): SigningKeys {
  const [certificates, bare, unusable]: [X509Certificate[], KeyObject[], string[]] = [[], [], []];
  for (const descriptor of children(role, 'metadata', 'KeyDescriptor')) {
    if ((collapsed(descriptor, 'use') || 'signing') !== 'signing') continue;
    const keyInfo = child(descriptor, 'signature', 'KeyInfo');
    if (keyInfo === undefined) continue;
    const written = children(keyInfo, 'signature', 'X509Data').flatMap((x509) =>
      children(x509, 'signature', 'X509Certificate'),
    );
    for (const element of written) {
      const found = certificate(textOf(element));
      if (typeof found === 'string') unusable.push(found);
      else certificates.push(found);
    }
    // All of one KeyInfo is one key (xmldsig-core §4.4), so beside a certificate it says nothing new.
    for (const value of written.length > 0 ? [] : children(keyInfo, 'signature', 'KeyValue')) {
      const found = rsaKey(value);
      if (typeof found === 'string') unusable.push(found);
      else bare.push(found);
    }
  }
  return { keys: [...certificates.map(({ publicKey }) => publicKey), ...bare], certificates, unusable };
}

/** A comment in it says whose it is. */
const textOf = ({ childNodes }: XmlElement): string =>
  childNodes.map((node) => (node.nodeType === 3 ? node.data : '')).join('');

/** Or why it is of no use. Some write it as the file has it, with the lines before and behind. */
function certificate(text: string): X509Certificate | string {
  const [, inside = text] = /-----BEGIN [A-Z ]+-----([^-]*)/.exec(text) ?? [];
  try {
    const found = new X509Certificate(Buffer.from(inside.replace(/\s+/g, ''), 'base64'));
    return weakness(found.publicKey) ?? found;
  } catch {
    return 'has a certificate that cannot be read';
  }
}

/** Or why it is of no use. Older LemonLDAP::NG publish nothing else (xmldsig-core §4.4.2.2). */
function rsaKey(value: XmlElement): KeyObject | string {
  const rsa = child(value, 'signature', 'RSAKeyValue');
  const part = (name: string): string | undefined => {
    const element = rsa && child(rsa, 'signature', name);
    const text = element && (plainText(element) ?? '').replace(/\s+/g, '');
    return text !== undefined && /^[A-Za-z0-9+/]+=*$/.test(text)
      ? Buffer.from(text, 'base64').toString('base64url')
      : undefined;
  };
  const [n, e] = [part('Modulus'), part('Exponent')];
  if (n === undefined || e === undefined) return 'has a key without a certificate that is no RSA key';
  try {
    const found = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
    return weakness(found) ?? found;
  } catch {
    return 'has an RSA key that cannot be read';
  }
}

function weakness({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === 'rsa' && (details?.modulusLength ?? 0) < 2048)
    return `has an RSA key of ${details?.modulusLength ?? 0} bits; 2048 are the least that is safe`;
  if (type === 'rsa' && (details?.publicExponent ?? 0n) < 3n) return 'has an RSA key by which anybody could sign';
  return type === 'rsa' || type === 'ec' ? undefined : `has a key of type ${type ?? 'unknown'}; RSA or EC is needed`;
}
