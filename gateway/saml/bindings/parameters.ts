// SAML parameters of a query string or a form body, from the raw text: no framework's parser, which would hide doubled
// names and lose the octets that were signed (bindings §3.4.4.1).

import { refuse } from '../codes.ts';

const NAMES = ['SAMLRequest', 'SAMLResponse', 'SAMLart', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'] as const;
/** A parameter that means something to SAML. */
export type ParameterName = (typeof NAMES)[number];

/** Raw (still percent-encoded) values by name. */
export type Parameters = ReadonlyMap<ParameterName, string>;

const isName = (name: string): name is ParameterName => (NAMES as readonly string[]).includes(name);

/**
 * Splits once. Other parameters are passed over; a SAML name that comes twice or hides behind percent-encoding is
 * refused with SAML_PARAMETER.
 */
export function samlParameters(raw: string): Parameters {
  const found = new Map<ParameterName, string>();
  for (const pair of raw.split('&', 1000)) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    if (!isName(name)) {
      if (name.includes('%') && isName(decoded(name)))
        throw refuse('SAML_PARAMETER', { detail: { reason: 'disguised' } });
      continue;
    }
    if (found.has(name)) throw refuse('SAML_PARAMETER', { detail: { reason: 'twice', name } });
    found.set(name, equals < 0 ? '' : pair.slice(equals + 1));
  }
  return found;
}

/** What a query has beside SAML's parameters, as it came: it belongs to the address that somebody registered. */
export const otherParameters = (raw: string): string =>
  raw
    .split('&')
    .filter((pair) => !isName(pair.split('=', 1)[0] ?? ''))
    .join('&');

/** The one message among the parameters. Throws SAML_PARAMETER where there is none, or both kinds. */
export function messageField(parameters: Parameters): 'SAMLRequest' | 'SAMLResponse' {
  const request = parameters.has('SAMLRequest');
  if (request === parameters.has('SAMLResponse')) {
    throw refuse('SAML_PARAMETER', { detail: { reason: request ? 'request and response' : 'no SAML message' } });
  }
  return request ? 'SAMLRequest' : 'SAMLResponse';
}

/**
 * Longest RelayState in bytes that is taken. The standard allows 80 (bindings §3.4.3, §3.5.3); identity providers send more, and a logout
 * that is refused for it would leave the person in. What we send keeps to the 80.
 */
const LONGEST_RELAY_STATE = 1024;

/** RelayState as its sender meant it; '' where it is there and empty. Throws SAML_RELAY_STATE where it is longer than 1024 bytes. */
export function relayStateOf(parameters: Parameters): string | undefined {
  const raw = parameters.get('RelayState');
  if (raw === undefined) return undefined;
  const value = decoded(raw.replaceAll('+', ' '));
  const bytes = Buffer.byteLength(value);
  if (bytes > LONGEST_RELAY_STATE) throw refuse('SAML_RELAY_STATE', { detail: { bytes } });
  return value;
}

/**
 * Bytes of a base64 parameter; white space in it is legal (bindings §3.5.4). A bare `+` stands for itself: base64 has no
 * spaces. Throws SAML_BASE64.
 */
export function base64Of(raw: string): Buffer {
  return strictBase64(decoded(raw));
}

/** Bytes of a base64 text whose alphabet and padding are right. Throws SAML_BASE64. */
export function strictBase64(text: string): Buffer {
  // What is written again as it came is right to the last bit, and that is known in a sixth of the time.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > 0 && bytes.toString('base64') === text) return bytes;
  const packed = text.replace(/[ \t\r\n]+/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw refuse('SAML_BASE64');
  return Buffer.from(packed, 'base64');
}

/** Percent-decoding that refuses what is no UTF-8. */
export function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    throw refuse('SAML_PARAMETER', { cause, detail: { reason: 'percent-encoding' } });
  }
}
