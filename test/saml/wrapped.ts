// Tools of the signature wrapper: taking a signature off what it signs, and the check that a careless service provider makes.

import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { metadataXml } from '../../demo/identity-provider/metadata.ts';
import { NS } from '../../demo/identity-provider/names.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';
import { IDP, type Bench } from './support.ts';

/** A signed element, and its two halves. */
export interface Evidence {
  readonly whole: string;
  readonly signature: string;
  /** Without its signature: the digest still fits. */
  readonly bare: string;
}

const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;

/** Takes the first signature off. */
export function evidence(whole: string): Evidence {
  const signature = SIGNATURE.exec(whole)?.[0];
  if (signature === undefined) throw new Error('no signature to take');
  return { whole, signature, bare: whole.replace(SIGNATURE, '') };
}

/** What an identity provider signs for an attacker: his own messages, and what it publishes. */
export function evidences(bench: Bench): Readonly<Record<string, Evidence>> {
  const mallory = { value: 'mallory@example.test' };
  const login = bench.responseXml({ assertion: { nameId: mallory } });
  const metadata = metadataXml({ id: '_metadata', entityId: IDP, signingCertificates: [bench.keys.certificate] });
  return {
    'LogoutRequest of one’s own': evidence(bench.logoutRequestXml({ fields: { nameId: mallory } })),
    'Assertion of one’s own': evidence(/<saml:Assertion.*<\/saml:Assertion>/s.exec(login)?.[0] ?? ''),
    'Response of one’s own': evidence(bench.responseXml({ signs: 'response', assertion: { nameId: mallory } })),
    'LogoutResponse of one’s own': evidence(bench.logoutResponseXml()),
    'signed public metadata': evidence(signEnveloped(metadata, '_metadata', bench.keys)),
  };
}

/** Whether some signature in the document is good: all that a careless service provider asks. */
export function carelesslyVerified(xml: string, certificate: string): boolean {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  return Array.from(document.getElementsByTagNameNS(NS.signature, 'Signature')).some((signature) => {
    const check = new SignedXml({ publicCert: certificate });
    check.loadSignature(signature);
    try {
      return check.checkSignature(xml);
    } catch {
      return false;
    }
  });
}
