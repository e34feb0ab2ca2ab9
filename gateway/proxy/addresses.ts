// An app that names itself by where it really is sends browsers where they cannot go, and tells them what they need not know. In the
// fields that hold addresses of its own, that origin becomes the one the browser used; everything else stays byte for byte.

/** Where an app really is, ready to be recognised. */
export interface RealAddress {
  /** Lower case, without a dot at its end; IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether the port is the one of its scheme, so that an address without a port means it. */
  readonly isUsual: boolean;
}

/** Reads it from an origin. */
export function realAddress(origin: string): RealAddress {
  const { protocol, hostname, port } = new URL(origin);
  const usual = usualPort(protocol);
  return { hostname: withoutDot(hostname), port: port === '' ? usual : Number(port), isUsual: port === '' };
}

/** Makes a field's value name the app by `origin`, where browsers reach it. */
export type Rewrite = (value: string, real: RealAddress, origin: string) => string;

/**
 * The fields whose addresses browsers follow, by lower-case name. `Link` is among them (RFC 8288 §3): browsers load what it names, and
 * programs page through long lists by it. What is written into pages is not read: they pass as they are.
 */
export const ADDRESS_FIELDS: ReadonlyMap<string, Rewrite> = new Map<string, Rewrite>([
  ['location', asReached],
  ['content-location', asReached],
  ['refresh', refreshed],
  ['link', linked],
]);

/** Scheme, where there is one, and authority of a reference (RFC 3986 §4.2). */
const AUTHORITY = /^(https?:)?\/\/([^/?#\\]*)/i;

/** Path, query and fragment stay as they are; so does a reference to anything but this app, or to another port of its machine. */
function asReached(reference: string, real: RealAddress, origin: string): string {
  const [named, scheme = 'http:', authority = ''] = AUTHORITY.exec(reference) ?? [];
  if (named === undefined) return reference;
  const url = URL.parse(`${scheme}//${authority}`);
  if (url === null || withoutDot(url.hostname) !== real.hostname) return reference;
  // An app behind a gateway with https guesses its own scheme wrongly, so the scheme does not count.
  const isPort =
    url.port === '' ? real.isUsual || usualPort(url.protocol) === real.port : Number(url.port) === real.port;
  return isPort ? origin + reference.slice(named.length) : reference;
}

/** `5; url=ADDRESS`, as browsers read it (HTML §7.5.1). */
function refreshed(value: string, real: RealAddress, origin: string): string {
  const before = /^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?["']?/i.exec(value)?.[0] ?? '';
  return before + asReached(value.slice(before.length), real, origin);
}

function linked(value: string, real: RealAddress, origin: string): string {
  return value.replace(/<([^<>]*)>/g, (_target, reference: string) => `<${asReached(reference, real, origin)}>`);
}

const usualPort = (protocol: string): number => (protocol === 'https:' ? 443 : 80);
const withoutDot = (hostname: string): string => hostname.replace(/\.$/, '');
