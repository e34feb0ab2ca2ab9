// Query strings of the Redirect binding, as languages and libraries write them.

import { sign, type KeyObject } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/** `java` and PHP write a space as `+`; `dotnet` writes `%2f` in lower case; `raw` what JavaScript writes. */
export type Escape = 'raw' | 'java' | 'dotnet';

type Parameter = 'SAMLRequest' | 'SAMLResponse' | 'RelayState' | 'SigAlg' | 'Signature';

/** How a message is put into a query. */
export interface QueryWay {
  readonly key: KeyObject;
  readonly field?: 'SAMLRequest' | 'SAMLResponse';
  readonly relayState?: string | undefined;
  readonly escape?: Escape;
  /** As they stand; what is signed has the standard's order in any case. */
  readonly order?: readonly Parameter[];
  /** Of the signature; `none` leaves it out. */
  readonly algorithm?: string;
  readonly hash?: string;
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

const ESCAPES: Readonly<Record<Escape, (value: string) => string>> = {
  raw: encodeURIComponent,
  java: (value) => encodeURIComponent(value).replaceAll('%20', '+'),
  dotnet: (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
};

/** The query string without `?`; the signature is over the octets as they stand in it (bindings §3.4.4.1). */
export function queryOf(xml: string, way: QueryWay): string {
  const { field = 'SAMLRequest', relayState, algorithm = RSA_SHA256 } = way;
  const write = ESCAPES[way.escape ?? 'raw'];
  const values = new Map<Parameter, string>([[field, write(deflateRawSync(xml).toString('base64'))]]);
  if (relayState !== undefined) values.set('RelayState', write(relayState));
  if (algorithm !== 'none') {
    values.set('SigAlg', write(algorithm));
    const octets = [...values].map(([name, value]) => `${name}=${value}`).join('&');
    const signature = sign(way.hash ?? 'sha256', Buffer.from(octets), { key: way.key, dsaEncoding: 'ieee-p1363' });
    values.set('Signature', write(signature.toString('base64')));
  }
  const order = way.order ?? [field, 'RelayState', 'SigAlg', 'Signature'];
  return order.flatMap((name) => (values.has(name) ? [`${name}=${values.get(name) ?? ''}`] : [])).join('&');
}
