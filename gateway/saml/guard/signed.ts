// From structure to what a trusted key vouches for: signatures are verified (check 14), encrypted parts opened (check 15), in the order in which the
// identity provider laid them around each other. What comes to light is judged by the same checks as what arrived in the open.

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { refuse } from '../codes.ts';
import { openedInPlace } from '../encryption/in-place.ts';
import { sealedIn } from '../encryption/sealed.ts';
import { child, children } from '../xml/elements.ts';
import { mayBeUnsigned } from './checks/signature-required.ts';
import type { Signed, Structure } from './message.ts';
import { LOGOUT_LIMITS, RESPONSE_LIMITS } from './open.ts';
import { signedElement } from './signature.ts';
import { checksFor, STRUCTURE } from './table.ts';
import type { XmlElement } from '../xml/tree.ts';

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
  openAssertion({ ...structure, root: message, signedOutside: signedRoot }, keys, root);
  const assertion = child(message, 'assertion', 'Assertion');
  if (assertion === undefined) throw refuse('SAML_NESTED', { detail: { reason: 'no assertion in what was signed' } });
  // Its own signature is verified where it arrived: the form that was signed around it may have left out namespaces that this one is over (xml-exc-c14n §1.3).
  const arrived = child(root, 'assertion', 'Assertion') ?? assertion;
  const onAssertion = child(arrived, 'signature', 'Signature');
  if (onAssertion === undefined && !signedRoot) throw refuse('SAML_UNSIGNED');
  return { ...common, assertion: onAssertion === undefined ? assertion : signedElement(arrived, onAssertion, idp) };
}

/** Puts the assertion in the place of the EncryptedAssertion, and has the whole judged anew. `arrived`: the message before its signature was verified. */
function openAssertion(structure: Structure, keys: readonly KeyObject[], arrived: XmlElement): void {
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
  openedInPlace(
    encrypted,
    sealed,
    keys,
    'Assertion',
    RESPONSE_LIMITS,
    child(arrived, 'assertion', 'EncryptedAssertion'),
  );
  for (const check of checksFor(STRUCTURE, kind)) check(structure);
}

const NAME_ID_LIMITS = { ...LOGOUT_LIMITS, maxTags: 1, maxDepth: 1 } as const;
/** Each costs a private RSA operation for each key. */
const MOST_ATTRIBUTES = 16;

/** Puts NameID and Attributes in the place of what encrypts them. It stands in what was signed, so nobody can try changed ciphertexts, and the cipher may be CBC. */
export function openInside({ kind, root, assertion, idp }: Signed, keys: readonly KeyObject[]): void {
  // A LogoutResponse names nobody, and may be unsigned.
  if (kind === 'LogoutResponse') return;
  const holder = kind === 'Response' ? child(assertion, 'assertion', 'Subject') : root;
  const encrypted = holder && child(holder, 'assertion', 'EncryptedID');
  if (encrypted !== undefined) openedInPlace(encrypted, sealedIn(encrypted, idp.allow), keys, 'NameID', NAME_ID_LIMITS);
  if (kind === 'Response') openAttributes(assertion, idp, keys);
}

/** One that does not open, because it is for somebody else or by an algorithm that is not allowed, is an attribute that is not there: it grants nothing (saml-core §2.7.3.2). */
function openAttributes(assertion: XmlElement, { allow }: Structure['idp'], keys: readonly KeyObject[]): void {
  const encrypted = children(assertion, 'assertion', 'AttributeStatement').flatMap((statement) =>
    children(statement, 'assertion', 'EncryptedAttribute'),
  );
  for (const element of encrypted.slice(0, MOST_ATTRIBUTES)) {
    try {
      openedInPlace(element, sealedIn(element, allow), keys, 'Attribute', RESPONSE_LIMITS);
    } catch (error) {
      if (!(error instanceof CurfewError)) throw error;
    }
  }
}
