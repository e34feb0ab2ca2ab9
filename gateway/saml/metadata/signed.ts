// Metadata with a pinned signer: whoever controls the address, or the way to it, cannot put keys of their own into it (saml-metadata §3).

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { signatureParts } from '../guard/checks/signature-shape.ts';
import { signedElement } from '../guard/signature.ts';
import { attribute, children, isElement } from '../xml/elements.ts';
import { IdpMetadataFault } from './fault.ts';
import type { XmlElement } from '../xml/tree.ts';

/** The document as `key` signed it: the signature over the whole is the first child of the root, and is the guard's to verify. Throws IdpMetadataFault. */
export function signedMetadata(root: XmlElement, key: KeyObject): XmlElement {
  const [signature] = children(root);
  if (signature === undefined || !isElement(signature, 'signature', 'Signature')) {
    throw new IdpMetadataFault('is not signed, and signedBy says by whom it must be');
  }
  try {
    signatureParts(signature, attribute(root, 'ID') ?? '');
    return signedElement(root, signature, { keys: [key], allow: { sha1: false } });
  } catch (cause) {
    if (!(cause instanceof CurfewError)) throw cause;
    throw new IdpMetadataFault(`is not signed by the certificate of signedBy (${cause.code})`, { cause });
  }
}
