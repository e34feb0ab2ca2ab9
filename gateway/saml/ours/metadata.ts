// Our side, and the metadata that tells identity providers of it, built by samlify.

import { X509Certificate } from 'node:crypto';
import samlify from 'samlify';
import type { Aliases } from '../alias-settings.ts';
import { OFFERED } from '../encryption/algorithms.ts';
import { ARTIFACT_URI, BINDING_URI } from '../names.ts';

/** Our own side: names, addresses, and the key that signs. */
export interface OurSide {
  readonly entityId: string;
  readonly acs: string;
  readonly slo: string;
  readonly sloSoap: string;
  /** Further addresses where messages are taken; the first for Responses is asked for, in the place of `acs`. */
  readonly aliases?: Aliases | undefined;
  /** SOAP on the listener that asks for client certificates. */
  readonly sloBackchannel?: string | undefined;
  /** PEM. The first signs, those that are RSA decrypt, all are published: that is key rollover. */
  readonly keys: readonly { readonly privateKey: string; readonly certificate: string }[];
  /** Whether an identity provider may send artifacts: then their addresses are published. */
  readonly takesArtifacts?: boolean | undefined;
  /** Whether metadata offers the keys for encryption. */
  readonly offersEncryption: boolean;
}

/** SP metadata, with all our certificates. */
export function ourMetadata(ours: OurSide): string {
  const certificates = ours.keys.map(({ certificate }) => certificate);
  const metadata = samlify
    .SPMetadata({
      ...addressesOf(ours),
      entityID: ours.entityId,
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      // The schema's order (saml-metadata §2.4.4); samlify's own is refused by whoever validates.
      // No NameIDFormat: on import SimpleSAMLphp would take it over what its administrator has chosen.
      elementsOrder: ['KeyDescriptor', 'SingleLogoutService', 'AssertionConsumerService'],
      signingCert: certificates,
      ...(ours.offersEncryption && { encryptCert: certificates.filter(isForEncryption) }),
    })
    .getMetadata();
  return metadata.replace(/(<KeyDescriptor use="encryption">.*?)(<\/KeyDescriptor>)/gs, `$1${ENCRYPTION_METHODS}$2`);
}

/** A key is encrypted by RSA alone (saml/encryption/). */
const isForEncryption = (certificate: string): boolean =>
  new X509Certificate(certificate).publicKey.asymmetricKeyType === 'rsa';

/** What samlify does not write: which algorithms (saml-metadata §2.4.1.1). */
const ENCRYPTION_METHODS = OFFERED.map((algorithm) => `<EncryptionMethod Algorithm="${algorithm}"/>`).join('');

/** Where Responses are asked for: where the service provider before took them, if it is replaced. */
export const askedAt = ({ acs, aliases }: Pick<OurSide, 'acs' | 'aliases'>): string => aliases?.acs[0] ?? acs;

const addressesOf = (ours: OurSide) => ({
  assertionConsumerService: [...new Set([askedAt(ours), ours.acs])].flatMap((Location, index, all) => [
    {
      Binding: BINDING_URI.post,
      Location,
      ...(index === 0 && (ours.takesArtifacts === true || all.length > 1) && { isDefault: true }),
    },
    ...(ours.takesArtifacts === true ? [{ Binding: ARTIFACT_URI, Location }] : []),
  ]),
  // SOAP first: an identity provider that goes by the order of metadata calls us server to server (Shibboleth).
  singleLogoutService: [
    ...(ours.sloBackchannel === undefined ? [] : [{ Binding: BINDING_URI.soap, Location: ours.sloBackchannel }]),
    { Binding: BINDING_URI.soap, Location: ours.sloSoap },
    { Binding: BINDING_URI.redirect, Location: ours.slo },
    { Binding: BINDING_URI.post, Location: ours.slo },
    ...(ours.takesArtifacts === true ? [{ Binding: ARTIFACT_URI, Location: ours.slo }] : []),
  ],
});
