// A service provider as its metadata describes it: who it is, where it wants its messages, which keys are its own.

import { BINDING, NS, type BindingName } from './names.ts';
import type { Endpoint } from './metadata.ts';
import { attributeOf, childrenOf, parseXml } from './read.ts';
import { Refusal } from './refusal.ts';

export interface ServiceProvider {
  readonly entityId: string;
  /** Addresses for Responses, by form POST; the default first. */
  readonly assertionConsumers: readonly { readonly index: string | undefined; readonly location: string }[];
  readonly singleLogout: readonly Endpoint[];
  /** PEM. */
  readonly signingCertificates: readonly string[];
}

/** Reads SP metadata. Throws a Refusal where it has no entityID, no address for Responses or no signing key. */
export function readServiceProvider(metadata: string): ServiceProvider {
  const root = parseXml(metadata.replace(/<!--.*?-->/gs, ''));
  const role = root.localName === 'EntityDescriptor' ? childrenOf(root, NS.metadata, 'SPSSODescriptor')[0] : undefined;
  const entityId = attributeOf(root, 'entityID');
  if (!role || !entityId) throw new Refusal('This is no metadata of a service provider.');
  const assertionConsumers = childrenOf(role, NS.metadata, 'AssertionConsumerService')
    .filter((service) => attributeOf(service, 'Binding') === BINDING.post)
    .sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)))
    .map((service) => ({ index: attributeOf(service, 'index'), location: attributeOf(service, 'Location') ?? '' }));
  if (assertionConsumers.length === 0) throw new Refusal('The metadata has no AssertionConsumerService for HTTP-POST.');
  const signingCertificates = childrenOf(role, NS.metadata, 'KeyDescriptor')
    .filter((key) => (attributeOf(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => Array.from(key.getElementsByTagNameNS(NS.signature, 'X509Certificate')))
    .map((certificate) => pem(certificate.textContent));
  if (signingCertificates.length === 0) throw new Refusal('The metadata has no signing certificate.');
  const singleLogout = childrenOf(role, NS.metadata, 'SingleLogoutService').map((service) => ({
    binding: attributeOf(service, 'Binding') ?? '',
    location: attributeOf(service, 'Location') ?? '',
    responseLocation: attributeOf(service, 'ResponseLocation'),
  }));
  return { entityId, assertionConsumers, singleLogout, signingCertificates };
}

/** Where requests (`request`) or answers (`response`) go by this binding (saml-metadata §2.2.2); undefined where nowhere. */
export function logoutAddress(
  sp: ServiceProvider,
  binding: BindingName,
  what: 'request' | 'response',
): string | undefined {
  const endpoint = sp.singleLogout.find((candidate) => candidate.binding === BINDING[binding]);
  return what === 'request' ? endpoint?.location : (endpoint?.responseLocation ?? endpoint?.location);
}

const isDefault = (service: Element): boolean => ['true', '1'].includes(attributeOf(service, 'isDefault') ?? '');

const pem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64.replace(/\s/g, '').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
