// Our side, and the metadata that tells identity providers of it, built by samlify.

import samlify from 'samlify';
import { OFFERED } from '../encryption/algorithms.ts';
import { ARTIFACT_URI, BINDING_URI } from '../names.ts';

/** Our own side: names, addresses, and the key that signs. */
export interface OurSide {
  readonly entityId: string;
  readonly acs: string;
  readonly slo: string;
  readonly sloSoap: string;
  /** SOAP on the listener that asks for client certificates. */
  readonly sloBackchannel?: string | undefined;
  /** PEM. The first signs, all decrypt, all are published: that is key rollover. */
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
      ...(ours.offersEncryption && { encryptCert: certificates }),
    })
    .getMetadata();
  return metadata.replace(/(<KeyDescriptor use="encryption">.*?)(<\/KeyDescriptor>)/gs, `$1${ENCRYPTION_METHODS}$2`);
}

/** What samlify does not write: which algorithms (saml-metadata §2.4.1.1). */
const ENCRYPTION_METHODS = OFFERED.map((algorithm) => `<EncryptionMethod Algorithm="${algorithm}"/>`).join('');

const addressesOf = (ours: OurSide) => ({
  assertionConsumerService:
    ours.takesArtifacts === true
      ? [
          { Binding: BINDING_URI.post, Location: ours.acs, isDefault: true },
          { Binding: ARTIFACT_URI, Location: ours.acs },
        ]
      : [{ Binding: BINDING_URI.post, Location: ours.acs }],
  // SOAP first: an identity provider that goes by the order of metadata calls us server to server (Shibboleth).
  singleLogoutService: [
    ...(ours.sloBackchannel === undefined ? [] : [{ Binding: BINDING_URI.soap, Location: ours.sloBackchannel }]),
    { Binding: BINDING_URI.soap, Location: ours.sloSoap },
    { Binding: BINDING_URI.redirect, Location: ours.slo },
    { Binding: BINDING_URI.post, Location: ours.slo },
    ...(ours.takesArtifacts === true ? [{ Binding: ARTIFACT_URI, Location: ours.slo }] : []),
  ],
});
