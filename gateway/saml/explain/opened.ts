// What is encrypted for us, opened to be looked at. For the operator's eyes only: nobody who sends messages learns what came of it.

import type { KeyObject } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import { openedInPlace, type SealedName } from '../encryption/in-place.ts';
import { sealedIn } from '../encryption/sealed.ts';
import { RESPONSE_LIMITS } from '../guard/open.ts';
import type { MessageKind } from '../names.ts';
import { child, children } from '../xml/elements.ts';
import type { XmlElement } from '../xml/tree.ts';

/** Also what the guard would refuse to open: it is shown, and goes no further. */
const ANYTHING = { rsa15: true, tripleDes: true } as const;

/** Puts assertion, NameID and attributes in the place of their ciphertexts; what cannot be opened stays as it is. */
export function openWhatIsEncrypted(root: XmlElement, kind: MessageKind, keys: readonly KeyObject[]): void {
  open(child(root, 'assertion', 'EncryptedAssertion'), 'Assertion', keys);
  const assertion = child(root, 'assertion', 'Assertion');
  const holder = kind === 'Response' ? assertion && child(assertion, 'assertion', 'Subject') : root;
  open(holder && child(holder, 'assertion', 'EncryptedID'), 'NameID', keys);
  for (const statement of assertion === undefined ? [] : children(assertion, 'assertion', 'AttributeStatement'))
    for (const encrypted of children(statement, 'assertion', 'EncryptedAttribute')) open(encrypted, 'Attribute', keys);
}

function open(encrypted: XmlElement | undefined, name: SealedName, keys: readonly KeyObject[]): void {
  if (encrypted === undefined) return;
  try {
    openedInPlace(encrypted, sealedIn(encrypted, ANYTHING), keys, name, RESPONSE_LIMITS);
  } catch (error) {
    if (!(error instanceof CurfewError)) throw error;
  }
}
