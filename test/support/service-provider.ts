// A service provider for tests of the identity provider: metadata, signed requests, nothing else.

import { element, textElement } from '../../demo/identity-provider/xml.ts';
import { certificateBase64, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { BINDING, NS } from '../../demo/identity-provider/names.ts';

export interface PretendServiceProvider {
  readonly entityId: string;
  readonly keys: IdentityProviderKeys;
  readonly assertionConsumer: string;
  readonly metadata: string;
  /** An AuthnRequest, not signed. */
  authnRequest(fields: { id: string; destination: string; issueInstant: string; isPassive?: boolean }): string;
}

/** `logout` is where LogoutRequests and LogoutResponses go, by every binding. */
export function pretendServiceProvider(
  keys: IdentityProviderKeys,
  origin = 'http://sp.test',
  logout = `${origin}/slo`,
): PretendServiceProvider {
  const entityId = `${origin}/metadata`;
  const assertionConsumer = `${origin}/acs`;
  const certificate = textElement('ds:X509Certificate', certificateBase64(keys.certificate));
  return {
    entityId,
    keys,
    assertionConsumer,
    metadata: element(
      'md:EntityDescriptor',
      { 'xmlns:md': NS.metadata, 'xmlns:ds': NS.signature, entityID: entityId },
      element(
        'md:SPSSODescriptor',
        { protocolSupportEnumeration: NS.protocol },
        element('md:KeyDescriptor', {}, element('ds:KeyInfo', {}, element('ds:X509Data', {}, certificate))),
        ...Object.values(BINDING).map((binding) =>
          element('md:SingleLogoutService', { Binding: binding, Location: logout }),
        ),
        element('md:AssertionConsumerService', { Binding: BINDING.post, Location: assertionConsumer, index: '0' }),
      ),
    ),
    authnRequest: (fields) =>
      element(
        'samlp:AuthnRequest',
        {
          'xmlns:samlp': NS.protocol,
          'xmlns:saml': NS.assertion,
          ID: fields.id,
          Version: '2.0',
          IssueInstant: fields.issueInstant,
          Destination: fields.destination,
          IsPassive: fields.isPassive?.toString(),
          AssertionConsumerServiceURL: assertionConsumer,
        },
        textElement('saml:Issuer', entityId),
      ),
  };
}
