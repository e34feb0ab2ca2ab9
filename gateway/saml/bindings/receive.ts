// From an HTTP request to a message that the guard can judge. One address takes Redirect, POST and SOAP: what arrives
// tells them apart, not what headers claim about it (Shibboleth says Content-Encoding: UTF-8, LemonLDAP application/xml).

import type { Arrived, ArrivedArtifact } from '../arrived.ts';
import { artifactOf } from '../artifact/artifact.ts';
import { refuse } from '../codes.ts';
import { base64Of, decoded, messageField, relayStateOf, samlParameters } from './parameters.ts';

/** Longest body in bytes; a signed assertion with many groups has a fifth of it. */
export const MAX_BODY_BYTES = 256 * 1024;
/** Longest query in bytes; Node's own header limit lies in the same range. */
export const MAX_QUERY_BYTES = 16 * 1024;

/**
 * A message in the query of a GET (bindings §3.4). `query` is raw, without `?`. A LogoutRequest's and LogoutResponse's way; a Response is
 * never taken from here (profiles §4.1.2). Throws SAML_PARAMETER, SAML_RELAY_STATE, SAML_BASE64, SAML_TOO_LARGE.
 */
export function arrivedByRedirect(query: string, endpoint: string): Arrived {
  if (query.length > MAX_QUERY_BYTES) throw refuse('SAML_TOO_LARGE', { detail: { bytes: query.length } });
  const parameters = samlParameters(query);
  const field = messageField(parameters);
  const encoding = parameters.get('SAMLEncoding');
  if (encoding !== undefined && decoded(encoding) !== 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE') {
    throw refuse('SAML_PARAMETER', { detail: { reason: 'SAMLEncoding' } });
  }
  const relayState = relayStateOf(parameters);
  const message = base64Of(parameters.get(field) ?? '');
  const algorithm = parameters.get('SigAlg');
  const signature = parameters.get('Signature');
  if ((algorithm === undefined) !== (signature === undefined)) {
    throw refuse('SAML_PARAMETER', { detail: { reason: 'SigAlg and Signature go together' } });
  }
  // Auth0's library with `deflate: false`: the XML as a form would carry it, its signature inside. It is judged as one.
  if (signature === undefined && encoding === undefined && startsLikeXml(message)) {
    return { binding: 'post', endpoint, field, relayState, xml: message, inQuery: true };
  }
  // The order is the standard's, whatever the order of arrival; the values are as they came (bindings §3.4.4.1).
  const octets = ([field, 'RelayState', 'SigAlg'] as const)
    .filter((name) => parameters.has(name))
    .map((name) => `${name}=${parameters.get(name) ?? ''}`)
    .join('&');
  return {
    binding: 'redirect',
    endpoint,
    field,
    relayState,
    deflated: message,
    signature:
      algorithm === undefined || signature === undefined
        ? undefined
        : { octets: Buffer.from(octets), algorithm: decoded(algorithm), value: base64Of(signature) },
  };
}

/**
 * A message in the body of a POST: a form (bindings §3.5), from a browser or from a server, or SOAP (bindings §3.2). Throws as above.
 */
export function arrivedByPost(body: Buffer, endpoint: string): Arrived {
  if (body.length > MAX_BODY_BYTES) throw refuse('SAML_TOO_LARGE', { detail: { bytes: body.length } });
  if (startsLikeXml(body)) return { binding: 'soap', endpoint, field: 'SAMLRequest', relayState: undefined, xml: body };
  const parameters = samlParameters(body.toString('latin1'));
  const field = messageField(parameters);
  return {
    binding: 'post',
    endpoint,
    field,
    relayState: relayStateOf(parameters),
    xml: base64Of(parameters.get(field) ?? ''),
  };
}

/**
 * An artifact in the raw query of a GET or the body of a form (bindings §3.6.3), where there is one. Throws SAML_PARAMETER where a message stands beside it,
 * SAML_ARTIFACT, SAML_RELAY_STATE.
 */
export function arrivedByArtifact(raw: Buffer, endpoint: string): ArrivedArtifact | undefined {
  // A name in disguise is refused where the message is read.
  if (raw.length > MAX_QUERY_BYTES || !raw.includes('SAMLart') || startsLikeXml(raw)) return undefined;
  const parameters = samlParameters(raw.toString('latin1'));
  const artifact = parameters.get('SAMLart');
  if (artifact === undefined) return undefined;
  if (parameters.has('SAMLRequest') || parameters.has('SAMLResponse')) {
    throw refuse('SAML_PARAMETER', { detail: { reason: 'artifact and message' } });
  }
  return {
    binding: 'artifact',
    endpoint,
    artifact: artifactOf(decoded(artifact)),
    relayState: relayStateOf(parameters),
  };
}

/** XML starts with `<` and a name, after a byte order mark or white space at the most; a form and what is deflated do not. */
function startsLikeXml(bytes: Buffer): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*<[!?A-Za-z_]/.test(bytes.subarray(0, 64).toString('latin1'));
}
