// The identity provider's own key: made when it starts, forgotten when it stops, unless it is given one.

import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { selfSignedCertificate } from '../../gateway/saml/certificate.ts';

export interface IdentityProviderKeys {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

/** A new RSA key of 2048 bits and its certificate, valid from a day before `now` for ten years. */
export async function newKeys(commonName: string, now: Date): Promise<IdentityProviderKeys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const notBefore = new Date(now.getTime() - 86_400_000);
  return { privateKey, certificate: selfSignedCertificate({ privateKey, commonName, notBefore, days: 3652 }) };
}

/** A PEM certificate as SAML writes it: its base64 on one line. */
export const certificateBase64 = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');
