// Reads an EncryptedAssertion or EncryptedID as far as that can be done without a key: one EncryptedData, and the EncryptedKeys that
// may open it, inside its KeyInfo or beside it (saml-core §2.2.4, §6; xmlenc-core1 §3.1).

import { strictBase64 } from '../bindings/parameters.ts';
import { refuse } from '../codes.ts';
import { attribute, child, children, isElement, plainText } from '../xml/elements.ts';
import { dataCipher, keyTransport, type DataCipher, type KeyTransport, type Weakness } from './algorithms.ts';
import type { XmlElement } from '../xml/tree.ts';

/** Encrypted content, and the keys to it, each encrypted. */
export interface Sealed {
  readonly cipher: DataCipher;
  readonly keys: readonly { readonly transport: KeyTransport; readonly value: Buffer }[];
  /** Initialization vector, ciphertext, tag. */
  readonly octets: Buffer;
}

/** Each costs a private RSA operation for each key of ours; an identity provider writes one for each recipient, and we are one. */
const MOST_KEYS = 4;

/**
 * What stands in `holder`. An EncryptedKey beside EncryptedData is what a RetrievalMethod would lead to, which is therefore not followed; Recipient
 * is not looked at: a key that is not for us does not open. Throws SAML_ENCRYPTED where the parts are not those, SAML_ENCRYPTION_ALGORITHM
 * where an algorithm is unknown or needs a weakness that is not allowed.
 */
export function sealedIn(holder: XmlElement, allow: Readonly<Record<Weakness, boolean>>): Sealed {
  const parts = children(holder);
  const datas = parts.filter((part) => isElement(part, 'encryption', 'EncryptedData'));
  const beside = parts.filter((part) => isElement(part, 'encryption', 'EncryptedKey'));
  const [found, second] = datas;
  if (found === undefined || second !== undefined || datas.length + beside.length !== parts.length) {
    throw malformed('not one EncryptedData');
  }
  const keyInfo = child(found, 'signature', 'KeyInfo');
  const inside = keyInfo === undefined ? [] : children(keyInfo, 'encryption', 'EncryptedKey');
  const encryptedKeys = [...inside, ...beside];
  if (encryptedKeys.length === 0 || encryptedKeys.length > MOST_KEYS) throw malformed('EncryptedKeys');

  const method = methodOf(found);
  const cipher = dataCipher(algorithmOf(method));
  if (cipher === undefined) throw notAllowed(method);
  if (cipher.weakness !== undefined && !allow[cipher.weakness]) throw notAllowed(method, cipher.weakness);
  const keys = encryptedKeys.map((key) => ({ transport: transportOf(key, allow), value: cipherValue(key) }));
  return { cipher, keys, octets: cipherValue(found) };
}

function transportOf(encryptedKey: XmlElement, allow: Readonly<Record<Weakness, boolean>>): KeyTransport {
  const method = methodOf(encryptedKey);
  const digest = child(method, 'signature', 'DigestMethod');
  const mgf = child(method, 'encryption11', 'MGF');
  const label = child(method, 'encryption', 'OAEPparams');
  const transport = keyTransport(algorithmOf(method), {
    digest: digest && algorithmOf(digest),
    mgf: mgf && algorithmOf(mgf),
    label: label === undefined ? Buffer.alloc(0) : strictBase64(plainText(label) ?? ''),
  });
  if (transport === undefined) throw notAllowed(method);
  if (transport.padding === 'rsa15' && !allow[transport.weakness]) throw notAllowed(method, transport.weakness);
  return transport;
}

function methodOf(parent: XmlElement): XmlElement {
  const method = child(parent, 'encryption', 'EncryptionMethod');
  if (method === undefined) throw malformed('no EncryptionMethod');
  return method;
}

const algorithmOf = (element: XmlElement): string => attribute(element, 'Algorithm') ?? '';

/** A CipherReference would have us fetch what a stranger names (xmlenc-core1 §3.3.1). */
function cipherValue(parent: XmlElement): Buffer {
  const holder = child(parent, 'encryption', 'CipherData');
  const value = holder && child(holder, 'encryption', 'CipherValue');
  if (value === undefined) throw malformed('no CipherValue');
  return strictBase64(plainText(value) ?? '');
}

const malformed = (reason: string) => refuse('SAML_ENCRYPTED', { detail: { reason } });

/** Said before any key is used, of what everybody can read: no oracle. */
const notAllowed = (method: XmlElement, needs?: Weakness) =>
  refuse('SAML_ENCRYPTION_ALGORITHM', {
    detail: { algorithm: algorithmOf(method).slice(0, 120), ...(needs && { needs: `allow.${needs}` }) },
  });
