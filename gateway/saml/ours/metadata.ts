// Our side, and the metadata that tells identity providers of it, built by samlify.

import samlify from 'samlify';
import { BINDING_URI } from '../names.ts';

/** Our own side: names, addresses, and the key that signs. */
export interface OurSide {
  readonly entityId: string;
  readonly acs: string;
  readonly slo: string;
  readonly sloSoap: string;
  /** PEM. The first signs, all are published: that is key rollover. */
  readonly keys: readonly { readonly privateKey: string; readonly certificate: string }[];
}

/** SP metadata, with all our certificates. */
export function ourMetadata(ours: OurSide): string {
  return samlify
    .SPMetadata({
      ...addressesOf(ours),
      entityID: ours.entityId,
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      // The schema's order (saml-metadata §2.4.4); samlify's own is refused by whoever validates.
      // No NameIDFormat: on import SimpleSAMLphp would take it over what its administrator has chosen.
      elementsOrder: ['KeyDescriptor', 'SingleLogoutService', 'AssertionConsumerService'],
      signingCert: ours.keys.map(({ certificate }) => certificate),
    })
    .getMetadata();
}

const addressesOf = (ours: OurSide) => ({
  assertionConsumerService: [{ Binding: BINDING_URI.post, Location: ours.acs }],
  // SOAP first: an identity provider that goes by the order of metadata calls us server to server (Shibboleth).
  singleLogoutService: [
    { Binding: BINDING_URI.soap, Location: ours.sloSoap },
    { Binding: BINDING_URI.redirect, Location: ours.slo },
    { Binding: BINDING_URI.post, Location: ours.slo },
  ],
});
