// From structure to what a trusted key vouches for: signatures are verified (check 14), encrypted parts opened (check 15), in the order in which the
// identity provider laid them around each other. What comes to light is judged by the same checks as what arrived in the open.

import type { KeyObject } from 'node:crypto';
import { refuse } from '../codes.ts';
import { openedInPlace } from '../encryption/in-place.ts';
import { sealedIn } from '../encryption/sealed.ts';
import { child } from '../xml/elements.ts';
import { mayBeUnsigned } from './checks/signature-required.ts';
import type { Signed, Structure } from './message.ts';
import { RESPONSE_LIMITS } from './open.ts';
import { signedElement } from './signature.ts';
import { checksFor, STRUCTURE } from './table.ts';

/** Verifies every signature there is, the message's first, and goes on with the signed bytes only. Throws SAML_* codes. */
export function whatWasSigned(structure: Structure, endpoint: string, keys: readonly KeyObject[]): Signed {
  const { kind, binding, root, signedOutside, isFetched, idp } = structure;
  const onRoot = child(root, 'signature', 'Signature');
  const message = onRoot === undefined ? root : signedElement(root, onRoot, idp);
  const signedRoot = onRoot !== undefined || signedOutside;
  const common = { kind, binding, endpoint, idp, root: message, signedRoot, isFetched };
  if (kind !== 'Response') {
    if (!signedRoot && !mayBeUnsigned({ kind, idp })) throw refuse('SAML_UNSIGNED');
    return { ...common, assertion: message };
  }
  openAssertion({ ...structure, root: message, signedOutside: signedRoot }, keys);
  const assertion = child(message, 'assertion', 'Assertion');
  if (assertion === undefined) throw refuse('SAML_NESTED', { detail: { reason: 'no assertion in what was signed' } });
  const onAssertion = child(assertion, 'signature', 'Signature');
  if (onAssertion === undefined && !signedRoot) throw refuse('SAML_UNSIGNED');
  return { ...common, assertion: onAssertion === undefined ? assertion : signedElement(assertion, onAssertion, idp) };
}

/** Puts the assertion in the place of the EncryptedAssertion, and has the whole judged anew. */
function openAssertion(structure: Structure, keys: readonly KeyObject[]): void {
  const { root, idp, kind, signedOutside } = structure;
  const encrypted = child(root, 'assertion', 'EncryptedAssertion');
  if (encrypted === undefined) {
    if (idp.wantAssertionsEncrypted) throw refuse('SAML_NOT_ENCRYPTED');
    return;
  }
  const sealed = sealedIn(encrypted, idp.allow);
  // Only a signature around it keeps others from trying changed ciphertexts on us (xmlenc-core1 §6.1).
  if (sealed.cipher.mode === 'cbc' && !signedOutside) {
    throw refuse('SAML_ENCRYPTION_ALGORITHM', { detail: { reason: 'CBC without a signature around it' } });
  }
  openedInPlace(encrypted, sealed, keys, 'Assertion', RESPONSE_LIMITS);
  for (const check of checksFor(STRUCTURE, kind)) check(structure);
}

const NAME_ID_LIMITS = { maxTags: 1, maxDepth: 1, maxAttributesPerTag: 20, maxAttributes: 20 } as const;

/** Puts the NameID in the place of an EncryptedID. It stands in what was signed, so nobody can try changed ciphertexts, and its cipher may be CBC. */
export function openNameId({ kind, root, assertion, idp }: Signed, keys: readonly KeyObject[]): void {
  // A LogoutResponse names nobody, and may be unsigned.
  if (kind === 'LogoutResponse') return;
  const holder = kind === 'Response' ? child(assertion, 'assertion', 'Subject') : root;
  const encrypted = holder && child(holder, 'assertion', 'EncryptedID');
  if (encrypted === undefined) return;
  openedInPlace(encrypted, sealedIn(encrypted, idp.allow), keys, 'NameID', NAME_ID_LIMITS);
}
