// How messages travel: by Redirect, by form POST, by SOAP (saml-bindings §3.4, §3.5, §3.2). Writes ours and reads theirs.

import { inflateRawSync } from 'node:zlib';
import { XMLSerializer } from '@xmldom/xmldom';
import { NS, type BindingName } from './names.ts';
import { childrenOf, elementsIn, parseXml } from './read.ts';
import { Refusal } from './refusal.ts';
import type { ParameterName } from './sign.ts';
import { element } from './xml.ts';

const MAX_MESSAGE_BYTES = 256 * 1024;

/** What a query string's signature covers, as it was received. */
export interface SignedOctets {
  readonly octets: string;
  readonly algorithm: string;
  readonly signature: Buffer;
}

/** A message that arrived and has not been verified. */
export interface Arrival {
  readonly binding: BindingName;
  readonly parameter: ParameterName;
  readonly xml: string;
  readonly relayState: string | undefined;
  /** Redirect only, and only where it has a signature. */
  readonly signed?: SignedOctets | undefined;
}

/** The address that carries a query string to `location`, which may have a query of its own. */
export const redirectAddress = (location: string, query: string): string =>
  `${location}${location.includes('?') ? '&' : '?'}${query}`;

/** The fields of a form that carries a message. */
export const postFields = (
  parameter: ParameterName,
  xml: string,
  relayState: string | undefined,
): Record<string, string> => ({
  [parameter]: Buffer.from(xml).toString('base64'),
  ...(relayState === undefined ? {} : { RelayState: relayState }),
});

/** A SOAP 1.1 envelope around one message. `header` is XML inside a Header; undefined leaves the Header out. */
export function soapEnvelope(xml: string, options: { prefix?: string; header?: string } = {}): string {
  const prefix = options.prefix ?? 'SOAP-ENV';
  return element(
    `${prefix}:Envelope`,
    { [`xmlns:${prefix}`]: NS.soap },
    options.header === undefined ? undefined : element(`${prefix}:Header`, {}, options.header),
    element(`${prefix}:Body`, {}, xml.replace(/^<\?xml[^>]*\?>\s*/, '')),
  );
}

/** Reads a query string, with the octets that were signed kept as they came (saml-bindings §3.4.4.1). */
export function readQuery(query: string): Arrival {
  const raw = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (raw.has(name)) throw new Refusal(`The address names ${name} twice.`);
    raw.set(name, value.join('='));
  }
  const parameter = oneOf(raw);
  const octets = [parameter, 'RelayState', 'SigAlg'].filter((name) => raw.has(name));
  const signature = raw.get('Signature');
  return {
    binding: 'redirect',
    parameter,
    xml: inflate(Buffer.from(decoded(raw, parameter) ?? '', 'base64')),
    relayState: decoded(raw, 'RelayState'),
    signed:
      signature === undefined
        ? undefined
        : {
            octets: octets.map((name) => `${name}=${raw.get(name) ?? ''}`).join('&'),
            algorithm: decoded(raw, 'SigAlg') ?? '',
            signature: Buffer.from(decoded(raw, 'Signature') ?? '', 'base64'),
          },
  };
}

/** Reads a posted form. */
export function readForm(form: URLSearchParams): Arrival {
  const parameter = oneOf(form);
  return {
    binding: 'post',
    parameter,
    xml: Buffer.from(form.get(parameter) ?? '', 'base64').toString(),
    relayState: form.get('RelayState') ?? undefined,
  };
}

/** Reads a SOAP envelope with exactly one element in its Body (saml-bindings §3.2.2). */
export function readSoap(envelope: string): Arrival {
  const root = parseXml(envelope.replace(/^\s+/, ''));
  const body = root.namespaceURI === NS.soap ? childrenOf(root, NS.soap, 'Body')[0] : undefined;
  const [message, second] = body ? elementsIn(body) : [];
  if (!message || second) throw new Refusal('The SOAP Body must contain one SAML message.');
  const parameter = message.localName.endsWith('Response') ? 'SAMLResponse' : 'SAMLRequest';
  return { binding: 'soap', parameter, xml: new XMLSerializer().serializeToString(message), relayState: undefined };
}

function oneOf(fields: { has(name: string): boolean }): ParameterName {
  const [request, response] = [fields.has('SAMLRequest'), fields.has('SAMLResponse')];
  if (request === response) throw new Refusal('There must be either a SAMLRequest or a SAMLResponse.');
  return request ? 'SAMLRequest' : 'SAMLResponse';
}

function decoded(raw: ReadonlyMap<string, string>, name: string): string | undefined {
  try {
    return raw.has(name) ? decodeURIComponent((raw.get(name) ?? '').replaceAll('+', ' ')) : undefined;
  } catch (cause) {
    throw new Refusal(`${name} is not percent-encoded UTF-8.`, { cause });
  }
}

function inflate(bytes: Buffer): string {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_MESSAGE_BYTES }).toString();
  } catch (cause) {
    throw new Refusal('The message in the address is not deflated, or too large.', { cause });
  }
}
