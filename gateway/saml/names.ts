// The names of the standard, spelled its way.

export const NS = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

export const BINDING_URI = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  soap: 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP',
} as const;

/** How a message travels. */
export type Binding = keyof typeof BINDING_URI;

const STATUS_PREFIX = 'urn:oasis:names:tc:SAML:2.0:status:';
export const STATUS = {
  success: `${STATUS_PREFIX}Success`,
  requester: `${STATUS_PREFIX}Requester`,
  responder: `${STATUS_PREFIX}Responder`,
  partialLogout: `${STATUS_PREFIX}PartialLogout`,
} as const;

export const FORMAT = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  entity: 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity',
} as const;

export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What arrives and is worth reading. */
export type MessageKind = 'Response' | 'LogoutRequest' | 'LogoutResponse';
