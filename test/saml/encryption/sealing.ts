// Encrypted forms of the bench's messages.

import type { Encrypting } from './encrypt.ts';
import { encryptedData } from './encrypt.ts';
import { ourKeys, replaced, type ResponseWay } from '../support.ts';

const ASSERTION = /<saml:Assertion.*<\/saml:Assertion>/s;
const NAME_ID = /<saml:NameID.*?<\/saml:NameID>/s;
const NAMESPACE = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';

const [first] = await ourKeys();
const ours = { for: first };

/** How to encrypt; all may be left out. */
export type Sealing = Partial<Encrypting>;

/** XML with its assertion encrypted; `change` is made to the assertion before. */
export function sealedAssertion(xml: string, sealing: Sealing = {}, change = (assertion: string) => assertion): string {
  const assertion = ASSERTION.exec(xml)?.[0] ?? '';
  // As it stands, without the declarations around it: content of type Element (xmlenc-core1 §4.3).
  const data = encryptedData(change(assertion), { ...ours, ...sealing });
  return replaced(xml, ASSERTION, `<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>`);
}

/** XML with its first NameID encrypted. */
export function sealedNameId(xml: string, sealing: Sealing = {}, change = (nameId: string) => nameId): string {
  const nameId = NAME_ID.exec(xml)?.[0] ?? '';
  const alone = nameId.includes('xmlns:saml') ? nameId : nameId.replace('<saml:NameID', `<saml:NameID ${NAMESPACE}`);
  const data = encryptedData(change(alone), { ...ours, ...sealing });
  return replaced(xml, NAME_ID, `<saml:EncryptedID>${data}</saml:EncryptedID>`);
}

/** For `bench.response`: the assertion signed, then encrypted, then, if `signs` says so, the Response signed. */
export const sealedWay = (
  sealing: Sealing = {},
  signs?: ResponseWay['signs'],
  change?: (assertion: string) => string,
) => ({ signs, between: (xml: string) => sealedAssertion(xml, sealing, change) }) as const;
