// What an app may not be told, or not in that way: what is wrong with header names, and with keys that sign.

import { createPrivateKey } from 'node:crypto';
import { canonicalName } from './header-rules.ts';
import type { JwtSettings } from './jwt.ts';

/** An identity header as the policy names it. */
export interface IdentityHeader {
  readonly name: string;
  /** Text with `${nameId}` and `${attributes.NAME}` in it. */
  readonly template: string;
}

/**
 * Fields that say how the message is framed, whom it is for and by which way it came: the gateway sets or passes on these
 * itself (RFC 9110 §7.6.1). In canonical spelling.
 */
const OURS: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'te', 'trailer', 'expect', 'cookie', 'set-cookie'],
  ...['connection', 'keep-alive', 'upgrade', 'http2-settings', 'proxy-connection', 'proxy-authorization'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id', 'traceparent'],
]);

/** What is wrong with the name of an identity header, or with its template; `spelling` is the name in canonical spelling. */
export function headerFault(name: string, spelling: string, template: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name)) return 'the name is no header name (RFC 9110 §5.1)';
  if (OURS.has(spelling)) return 'the name is one the gateway sets or forwards itself; choose another';
  if (/[^\t\x20-\x7e\u0080-\uffff]/.test(template)) return 'the template has a control character';
  return undefined;
}

/** Two headers of one name would leave the app to choose. */
export function namedTwice(identity: {
  readonly headers: readonly IdentityHeader[];
  readonly basic?: unknown;
  readonly jwt?: JwtSettings | undefined;
}): { readonly path: string[]; readonly message: string } | undefined {
  const names = identity.headers.map(({ name }) => canonicalName(name));
  const message = (by: string): string => `sends a header that identity.${by} sends; leave one of them out`;
  if (identity.basic !== undefined && names.includes('authorization')) {
    return { path: ['basic'], message: message('headers') };
  }
  const token = identity.jwt && canonicalName(identity.jwt.header);
  if (token === undefined) return undefined;
  if (names.includes(token)) return { path: ['jwt', 'header'], message: message('headers') };
  if (identity.basic === undefined || token !== 'authorization') return undefined;
  return { path: ['jwt', 'header'], message: message('basic') };
}

/** What is wrong with a key that is to sign JWTs, or undefined. */
export function signingKeyFault(pem: string): string | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return undefined;
    return 'is no EC key on P-256; move it away and let `curfew keys` make one';
  } catch {
    return 'is no PEM private key without a passphrase; move it away and let `curfew keys` make one';
  }
}
