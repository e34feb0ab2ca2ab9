// The names of the standard, spelled its way.

/** XML namespaces. */
export const NS = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  schema: 'http://www.w3.org/2001/XMLSchema',
  schemaInstance: 'http://www.w3.org/2001/XMLSchema-instance',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

/** Bindings by our names for them (saml-bindings §3). */
export const BINDING_URI = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  soap: 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP',
} as const;

/** How a message travels. */
export type Binding = keyof typeof BINDING_URI;

/** A message that is fetched where an artifact says (saml-bindings §3.6); what it holds is judged as if it had come by POST. */
export const ARTIFACT_URI = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact';

const STATUS_PREFIX = 'urn:oasis:names:tc:SAML:2.0:status:';
/** Status codes (saml-core §3.2.2.2). */
export const STATUS = {
  success: `${STATUS_PREFIX}Success`,
  requester: `${STATUS_PREFIX}Requester`,
  responder: `${STATUS_PREFIX}Responder`,
  partialLogout: `${STATUS_PREFIX}PartialLogout`,
  requestUnsupported: `${STATUS_PREFIX}RequestUnsupported`,
  versionMismatch: `${STATUS_PREFIX}VersionMismatch`,
} as const;

/** NameID formats that mean something here (saml-core §8.3). */
export const FORMAT = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  entity: 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity',
} as const;

/** The one SubjectConfirmation method of Web SSO (profiles §4.1.4.2). */
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What arrives and is worth reading. */
export type MessageKind = 'Response' | 'LogoutRequest' | 'LogoutResponse';
