// What somebody pastes, told apart by what it looks like: an HTTP request, an address, a query or form body, a page with a form, SOAP, XML, or base64.

import { inflateRawSync } from 'node:zlib';
import type { Arrived } from '../../saml/arrived.ts';
import { base64Of, otherParameters } from '../../saml/bindings/parameters.ts';
import { arrivedByPost, arrivedByRedirect } from '../../saml/bindings/receive.ts';
import type { Capture } from '../../saml/explain/explain.ts';

/** What was captured, and what to know of it. */
export interface Captured extends Capture {
  readonly notes: readonly string[];
}

/** What `captured` can read, for whoever brings something else. */
export const EXPECTED =
  'expected a SAMLRequest, SAMLResponse or SAMLart: an address, a query string, a form body, a whole HTTP request, SOAP, XML, or base64';

const MESSAGE = /(?:^|[?&])(?:SAMLRequest|SAMLResponse)=/;
const LONGEST_LOOK = 1024 * 1024;

/** Reads a capture; undefined where it looks like none of these. `endpoint`: where it is known to have arrived. */
export function captured(bytes: Buffer, publicUrl: string, endpoint: string | undefined): Captured | undefined {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const request = /^\s*(?:GET|POST)\s+(\S+)\s+HTTP\/\d[\s\S]*?(?:\r?\n\r?\n([\s\S]*))?$/.exec(text);
  if (request === null) return inText(text.trim(), publicUrl, endpoint, bytes);
  const [, target = '', body = ''] = request;
  if (MESSAGE.test(target)) return inText(target, publicUrl, endpoint, bytes);
  const at = endpoint ?? new URL(target, publicUrl).href;
  return inText(body.trim(), publicUrl, at, Buffer.from(body.trim()));
}

function inText(text: string, publicUrl: string, endpoint: string | undefined, bytes: Buffer): Captured | undefined {
  if (text.startsWith('<') && /<input/i.test(text)) return inText(formOfPage(text), publicUrl, endpoint, bytes);
  // The bytes themselves: a signature is over them, and text would hide what is no UTF-8.
  if (text.startsWith('<')) return asXml(Buffer.from(bytes.toString('latin1').trim(), 'latin1'), endpoint);
  const address = text.replace(/^location:\s*/i, '');
  if (MESSAGE.test(address)) return asParameters(address.replaceAll(/\s+/g, ''), publicUrl, endpoint);
  const packed = text.replaceAll(/^["']|["']$|\s+/g, '');
  return packed !== '' && /^[A-Za-z0-9+/=%]+$/.test(packed) ? asBase64(packed, endpoint) : undefined;
}

/** The fields of a page whose form a browser would post, as it would post them. */
function formOfPage(page: string): string {
  const fields = [...page.matchAll(/<input\b[^>]*>/gi)].flatMap(([input]) => {
    const [name, value] = ['name', 'value'].map(
      (key) => new RegExp(`\\b${key}\\s*=\\s*["']([^"']*)`, 'i').exec(input)?.[1],
    );
    return name !== undefined && /^(?:SAMLRequest|SAMLResponse|RelayState)$/.test(name)
      ? [`${name}=${encodeURIComponent(unescaped(value ?? ''))}`]
      : [];
  });
  return fields.join('&');
}

const unescaped = (text: string): string =>
  text
    .replaceAll(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (all, hex?: string, decimal?: string) => {
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    })
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

function asParameters(text: string, publicUrl: string, endpoint: string | undefined): Captured {
  const question = text.indexOf('?');
  const address = question < 0 ? '' : text.slice(0, question);
  const raw = text.slice(question + 1).split('#', 1)[0] ?? '';
  const url = URL.parse(address, publicUrl);
  const others = otherParameters(raw);
  const at = endpoint ?? (address === '' || url === null ? undefined : calledAt(url, publicUrl, others));
  const isElsewhere = url !== null && url.origin !== new URL(publicUrl).origin;
  const notes = isElsewhere
    ? [
        `it was sent to ${url.origin}; this gateway's publicUrl is ${publicUrl}, and it is judged as if it had arrived there`,
      ]
    : [];
  const isQuery = address !== '' || /(?:^|&)(?:SigAlg|Signature|SAMLEncoding)=/.test(raw) || !holdsXml(raw);
  const arrive = (): Arrived =>
    isQuery ? arrivedByRedirect(raw, at ?? publicUrl) : arrivedByPost(Buffer.from(raw), at ?? publicUrl);
  return { arrive, endpoint: at, extent: isQuery ? 'query' : 'form', notes };
}

/** As the gateway sees it: its own origin, whatever name it was called by. */
const calledAt = ({ pathname }: URL, publicUrl: string, others: string): string =>
  `${publicUrl}${pathname}${others === '' ? '' : `?${others}`}`;

function holdsXml(raw: string): boolean {
  const value = /(?:^|&)(?:SAMLRequest|SAMLResponse)=([^&]*)/.exec(raw)?.[1] ?? '';
  return startsLikeXml(Buffer.from(value.replaceAll(/%2B/gi, '+').replaceAll(/%2F/gi, '/'), 'base64'));
}

function asXml(xml: Buffer, at: string | undefined): Captured {
  const field = fieldOf(xml.toString('utf8'));
  const isSoap = /^(?:<\?[^>]*>\s*)?<(?:[\w.-]+:)?Envelope\b/.test(xml.toString('utf8'));
  const note =
    'this is the XML alone: if it came by Redirect its signature was in the query, so bring the whole address instead';
  const isBare = !isSoap && !xml.includes('SignatureValue');
  const common = { endpoint: at ?? '', field, relayState: undefined, xml };
  const arrive = (): Arrived => ({ ...common, binding: isSoap ? 'soap' : 'post' });
  return { arrive, endpoint: at, extent: 'body', notes: isBare ? [note] : [] };
}

/** The value of one parameter. Deflated, it is from a Redirect whose query is missing. */
function asBase64(text: string, at: string | undefined): Captured {
  const arrive = (): Arrived => {
    const octets = base64Of(text);
    const common = { endpoint: at ?? '', relayState: undefined };
    if (startsLikeXml(octets))
      return { ...common, binding: 'post', field: fieldOf(octets.toString('utf8')), xml: octets };
    return { ...common, binding: 'redirect', field: fieldOf(inflated(octets)), deflated: octets, signature: undefined };
  };
  return { arrive, endpoint: at, extent: 'alone', notes: [] };
}

const startsLikeXml = (octets: Buffer): boolean =>
  /^(?:\u00ef\u00bb\u00bf)?\s*</.test(octets.subarray(0, 64).toString('latin1'));

/** Only to see which kind it is; the guard inflates it by its own rules. */
function inflated(octets: Buffer): string {
  try {
    return inflateRawSync(octets, { maxOutputLength: LONGEST_LOOK }).toString('utf8');
  } catch {
    return '';
  }
}

/** Of the root, or of what is in a SOAP Body. */
function fieldOf(xml: string): 'SAMLRequest' | 'SAMLResponse' {
  const name = /<(?:[\w.-]+:)?(?!Envelope|Header|Body)([A-Z][A-Za-z]+)[\s/>]/.exec(xml)?.[1] ?? '';
  return name.endsWith('Response') ? 'SAMLResponse' : 'SAMLRequest';
}
