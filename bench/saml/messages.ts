// Valid messages of an identity provider, as many as are asked for.

import { postFields, soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { loginFields, logoutRequestFields } from '../../demo/identity-provider/fields.ts';
import type { IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { logoutRequestXml, responseXml } from '../../demo/identity-provider/messages.ts';
import { BINDING, FORMAT } from '../../demo/identity-provider/names.ts';
import { metadataXml } from '../../demo/identity-provider/metadata.ts';
import { signedQuery, signEnveloped } from '../../demo/identity-provider/sign.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';

export const IDP = 'https://idp.example.test/idp';
export type BindingName = 'redirect' | 'post' | 'soap';

/** Twenty groups, as directories have them. */
const GROUPS = Array.from({ length: 20 }, (_, at) => `CN=group-${at},OU=Groups,DC=example,DC=test`);

/** An identity provider that knows one gateway. */
export function identityProvider(keys: IdentityProviderKeys, publicUrl: string) {
  const nameIdOf = (person: number) => ({ value: `person-${person}@example.test`, format: FORMAT.emailAddress });
  const endpoint = (binding: keyof typeof BINDING, path: string) => ({
    binding: BINDING[binding],
    location: `${IDP}${path}`,
  });
  return {
    metadata: metadataXml({
      entityId: IDP,
      signingCertificates: [keys.certificate],
      singleSignOn: [endpoint('redirect', '/sso')],
      singleLogout: [endpoint('soap', '/soap'), endpoint('redirect', '/slo'), endpoint('post', '/slo')],
    }),
    nameIdOf,
    /** A Response with a signed assertion. */
    response(person: number, inResponseTo: string, now: EpochMs): string {
      const fields = loginFields({
        ...{ issuer: IDP, audience: `${publicUrl}/saml/metadata`, assertionConsumer: `${publicUrl}/saml/acs` },
        ...{ inResponseTo, now, nameId: nameIdOf(person), sessionIndex: `_session-${person}` },
        attributes: new Map([['groups', GROUPS]]),
      });
      return signEnveloped(responseXml(fields), fields.assertion?.id ?? '', keys);
    },
    /** What arrives, as a body or a query. */
    logoutRequest(person: number, binding: BindingName, now: EpochMs): string {
      const fields = logoutRequestFields({
        ...{ issuer: IDP, destination: `${publicUrl}${logoutPath(binding)}`, now, nameId: nameIdOf(person) },
        sessionIndexes: [`_session-${person}`],
      });
      const xml = logoutRequestXml(fields);
      if (binding === 'redirect') return signedQuery('SAMLRequest', xml, 'relay', keys);
      const signed = signEnveloped(xml, fields.id ?? '', keys);
      return binding === 'soap' ? soapEnvelope(signed) : form('SAMLRequest', signed);
    },
  };
}

export const logoutPath = (binding: BindingName): string => (binding === 'soap' ? '/saml/slo/soap' : '/saml/slo');

export const form = (name: 'SAMLRequest' | 'SAMLResponse', xml: string): string =>
  new URLSearchParams(postFields(name, xml, 'relay')).toString();
