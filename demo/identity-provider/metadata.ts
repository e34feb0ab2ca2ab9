// Writes SAML metadata (saml-metadata §2.4) out of exactly what it is given.

import { certificateBase64 } from './keys.ts';
import { NS } from './names.ts';
import type { Loose } from './messages.ts';
import { element, textElement } from './xml.ts';

/** One address of a service. */
export interface Endpoint {
  readonly binding: string;
  readonly location: string;
  /** Where answers go, if elsewhere (saml-metadata §2.2.2). */
  readonly responseLocation?: string | undefined;
}

export type MetadataFields = Loose<{
  /** Only needed where the metadata is to be signed. */
  id: string;
  entityId: string;
  validUntil: string;
  wantAuthnRequestsSigned: boolean;
  /** PEM certificates, in this order. */
  signingCertificates: readonly string[];
  singleLogout: readonly Endpoint[];
  nameIdFormats: readonly string[];
  singleSignOn: readonly Endpoint[];
}>;

/** An EntityDescriptor with one IDPSSODescriptor. */
export const metadataXml = (fields: MetadataFields): string =>
  element(
    'md:EntityDescriptor',
    {
      'xmlns:md': NS.metadata,
      'xmlns:ds': NS.signature,
      ID: fields.id,
      entityID: fields.entityId,
      validUntil: fields.validUntil,
    },
    element(
      'md:IDPSSODescriptor',
      { protocolSupportEnumeration: NS.protocol, WantAuthnRequestsSigned: fields.wantAuthnRequestsSigned?.toString() },
      ...(fields.signingCertificates ?? []).map(keyXml),
      ...(fields.singleLogout ?? []).map((endpoint) => endpointXml('md:SingleLogoutService', endpoint)),
      ...(fields.nameIdFormats ?? []).map((format) => textElement('md:NameIDFormat', format)),
      ...(fields.singleSignOn ?? []).map((endpoint) => endpointXml('md:SingleSignOnService', endpoint)),
    ),
  );

const keyXml = (certificate: string): string => {
  const content = textElement('ds:X509Certificate', certificateBase64(certificate));
  return element(
    'md:KeyDescriptor',
    { use: 'signing' },
    element('ds:KeyInfo', {}, element('ds:X509Data', {}, content)),
  );
};

const endpointXml = (name: string, endpoint: Endpoint): string =>
  element(name, {
    Binding: endpoint.binding,
    Location: endpoint.location,
    ResponseLocation: endpoint.responseLocation,
  });
