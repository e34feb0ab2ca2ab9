// Reads an identity provider's metadata (saml-metadata §2.4.3): the IDPSSODescriptor and nothing beside it. AD FS
// publishes an SPSSODescriptor in the same file, and a key of that role must not count as one that may sign people in.

import type { KeyObject } from 'node:crypto';
import type { EpochMs } from '../kernel/words.ts';
import { IdpMetadataFault } from './metadata/fault.ts';
import { signingKeys } from './metadata/signing-keys.ts';
import { signedMetadata } from './metadata/signed.ts';
import { validityOf } from './metadata/validity.ts';
import { BINDING_URI, NS, type Binding } from './names.ts';
import { children, collapsed, isElement } from './xml/elements.ts';
import { parseXml } from './xml/parse.ts';
import type { XmlElement } from './xml/tree.ts';

/** Where requests go, and where responses go if that is another place (saml-metadata §2.2.2). */
export interface LogoutEndpoint {
  readonly location: string;
  readonly responseLocation: string;
}

/** What we need to know of an identity provider. */
export interface IdpMetadata {
  readonly entityId: string;
  /** What it signs by: the keys of its certificates, in their order, then those without one. */
  readonly keys: readonly KeyObject[];
  /** Its signing certificates: DER in base64. */
  readonly certificates: readonly string[];
  /** Why further keys are passed over: nobody is believed by them, and the others are as good as without them. */
  readonly unusable: readonly string[];
  readonly signOn: { readonly redirect?: string; readonly post?: string };
  readonly logout: Partial<Readonly<Record<Binding, LogoutEndpoint>>>;
  /** Where artifacts are resolved by SOAP, by the index that artifacts name. */
  readonly artifactResolution: ReadonlyMap<number, string>;
  /** When it stops to be worth anything (saml-metadata §2.3.2): the earliest of what stands around it. */
  readonly validUntil: EpochMs | undefined;
  /** How long it may be kept without looking again: the shortest of what stands around it. */
  readonly cacheMs: number | undefined;
}

/** Which of the entities is meant, and whose signature the document must carry. */
export interface WantedMetadata {
  readonly entityId?: string | undefined;
  readonly signedBy?: KeyObject | undefined;
}

/** Reads one identity provider. Throws IdpMetadataFault with what was expected. */
export function readIdpMetadata(text: string, { entityId: wanted, signedBy }: WantedMetadata = {}): IdpMetadata {
  const stray = straySort(text);
  if (stray !== undefined) throw new IdpMetadataFault(`${stray}; ${AS_PUBLISHED}`);
  if (text.includes('<!DOCTYPE')) throw new IdpMetadataFault('has a DOCTYPE, which metadata never needs');
  const parsed = parsedXml(text);
  const root = signedBy === undefined ? parsed : signedMetadata(parsed, signedBy);
  const entity = onlyIdentityProvider(root, wanted);
  const entityId = collapsed(entity, 'entityID') ?? '';
  const [role] = identityProviderRoles(entity);
  if (role === undefined || entityId === '') throw new IdpMetadataFault('has no entityID');
  const { keys, certificates, unusable } = signingKeys(role);
  if (keys.length === 0) {
    throw new IdpMetadataFault(
      unusable[0] ?? 'has no signing certificate: without one no message of this identity provider could be believed',
    );
  }
  const signOn = signOnEndpoints(role);
  if (signOn.redirect === undefined && signOn.post === undefined) {
    throw new IdpMetadataFault('has no SingleSignOnService for HTTP-Redirect or HTTP-POST');
  }
  return {
    entityId,
    keys,
    certificates: certificates.map((certificate) => certificate.raw.toString('base64')),
    unusable,
    signOn,
    logout: logoutEndpoints(role),
    artifactResolution: artifactEndpoints(role),
    ...validityOf(role),
  };
}

const AS_PUBLISHED = 'save the identity provider’s metadata as it publishes it: XML, with an EntityDescriptor';

/** What people save in its place: nothing, the page that links to it or asks for a sign-in, the OpenID Connect one. */
function straySort(text: string): string | undefined {
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (start === '') return 'is empty';
  if (/^<(?:!doctype\s+html|html)[\s>]/i.test(start)) return 'is a web page and no metadata';
  return start.startsWith('{') ? 'is JSON, as OpenID Connect has it, and no SAML metadata' : undefined;
}

function parsedXml(text: string): XmlElement {
  try {
    // In front of its declaration there may be nothing (XML 1.0 §2.8): a blank line there comes of copying.
    return parseXml(text.replace(/^\ufeff/, '').trimStart());
  } catch (cause) {
    throw new IdpMetadataFault(`is not well-formed XML; ${AS_PUBLISHED}`, { cause });
  }
}

function onlyIdentityProvider(root: XmlElement, wanted: string | undefined): XmlElement {
  const entities = isElement(root, 'metadata', 'EntityDescriptor')
    ? [root]
    : isElement(root, 'metadata', 'EntitiesDescriptor')
      ? entitiesIn(root)
      : [];
  if (entities.length === 0) throw new IdpMetadataFault(`has no EntityDescriptor of SAML metadata; ${AS_PUBLISHED}`);
  const all = entities.filter((entity) => identityProviderRoles(entity).length > 0);
  const found = wanted === undefined ? all : all.filter((entity) => collapsed(entity, 'entityID') === wanted);
  const [entity, second] = found;
  if (entity === undefined && wanted !== undefined) {
    throw new IdpMetadataFault(`has no identity provider "${wanted}"; write one of ${listed(all)} as entityId`);
  }
  if (entity === undefined)
    throw new IdpMetadataFault(
      'is of a service provider (no IDPSSODescriptor for SAML 2.0); save that of the identity provider here',
    );
  if (second !== undefined) {
    throw new IdpMetadataFault(
      `holds ${found.length} identity providers; write one of them as entityId: ${listed(found)}`,
    );
  }
  return entity;
}

/** An aggregate may hold aggregates (saml-metadata §2.3.1). */
const entitiesIn = (group: XmlElement): XmlElement[] => [
  ...children(group, 'metadata', 'EntityDescriptor'),
  ...children(group, 'metadata', 'EntitiesDescriptor').flatMap(entitiesIn),
];

const MOST_LISTED = 10;
const listed = (entities: readonly XmlElement[]): string => {
  const names = entities.slice(0, MOST_LISTED).map((entity) => `"${collapsed(entity, 'entityID') ?? ''}"`);
  return `${names.join(', ')}${entities.length > MOST_LISTED ? `, and ${entities.length - MOST_LISTED} more` : ''}`;
};

const identityProviderRoles = (entity: XmlElement): XmlElement[] =>
  children(entity, 'metadata', 'IDPSSODescriptor').filter((role) =>
    (collapsed(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(NS.protocol),
  );

function signOnEndpoints(role: XmlElement): IdpMetadata['signOn'] {
  const redirect = endpointOf(role, 'SingleSignOnService', 'redirect');
  const post = endpointOf(role, 'SingleSignOnService', 'post');
  return { ...(redirect && { redirect: redirect.location }), ...(post && { post: post.location }) };
}

function logoutEndpoints(role: XmlElement): IdpMetadata['logout'] {
  const found: Partial<Record<Binding, LogoutEndpoint>> = {};
  for (const binding of ['redirect', 'post', 'soap'] as const) {
    const endpoint = endpointOf(role, 'SingleLogoutService', binding);
    if (endpoint !== undefined) found[binding] = endpoint;
  }
  return found;
}

function artifactEndpoints(role: XmlElement): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const element of children(role, 'metadata', 'ArtifactResolutionService')) {
    const [index, location] = [collapsed(element, 'index') ?? '', collapsed(element, 'Location') ?? ''];
    if (collapsed(element, 'Binding') !== BINDING_URI.soap || !/^\d{1,5}$/.test(index)) continue;
    if (!isWebAddress(location)) throw noAddress('ArtifactResolutionService', location);
    if (!found.has(Number(index))) found.set(Number(index), location);
  }
  return found;
}

const isWebAddress = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address);
const noAddress = (service: string, address: string): IdpMetadataFault =>
  new IdpMetadataFault(`names ${service} at "${address.slice(0, 100)}", which is no http or https address`);

/** The first endpoint of a service for a binding; one without an address is none. A browser is sent there, so it must be http or https. */
function endpointOf(role: XmlElement, service: string, binding: Binding): LogoutEndpoint | undefined {
  for (const element of children(role, 'metadata', service)) {
    const location = collapsed(element, 'Location') ?? '';
    if (collapsed(element, 'Binding') !== BINDING_URI[binding] || location === '') continue;
    const responseLocation = collapsed(element, 'ResponseLocation') || location;
    for (const address of [location, responseLocation]) {
      if (!isWebAddress(address)) throw noAddress(service, address);
    }
    return { location, responseLocation };
  }
  return undefined;
}
