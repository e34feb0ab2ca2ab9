// Signed words about the person, for apps that check rather than trust the network: a JWT in a header, and the keys to check it with
// (RFC 7519, RFC 7515, RFC 7517). ES256, because its signatures are short and every library has it.

import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import { sha256 } from '../kernel/random.ts';
import type { EpochMs, Identity, SessionId, Told } from '../kernel/words.ts';
import { fillIn, onlyValue, parseTemplate, valuesOf, type TemplatePart } from '../kernel/template.ts';

/** Signs claims with the first key; publishes all. */
export interface JwtSigner {
  /** The compact form. Throws where there is no key. */
  sign(claims: Readonly<Record<string, unknown>>): string;
  /** The JWK Set, as JSON: public halves only. */
  readonly jwks: string;
}

/** `identity.jwt` of an app. */
export interface JwtSettings {
  readonly header: string;
  /** A text makes text of exactly one value, a list makes a list of all values: so that one group is still a list. */
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
  readonly lifetimeMs: number;
}

/** Whom the words are about; a Session fits. */
export interface Person {
  readonly id: SessionId;
  readonly identity: Identity;
  readonly expiresAt: EpochMs;
  /** What apps are told of them; `person.ts` keeps it here. */
  told?: Told | undefined;
}

/** Claims we make ourselves; no policy says others under these names (RFC 7519 §4.1). */
export const OWN_CLAIMS: ReadonlySet<string> = new Set(['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'sid', 'jti']);

/** An app whose clock is behind by less than this takes it all the same. */
const BEHIND_SECONDS = 60;
/** A session that is at its end, and whose apps are told so, still has words that hold for the telling. */
const LEAST_SECONDS = 30;

/** Opens keys: PEM, EC P-256, as `signingKeyFault` has judged them. The kid is the key's own thumbprint, the same on every node (RFC 7638). */
export function openSigner(pems: readonly string[]): JwtSigner {
  const keys = pems.map((pem) => withId(createPrivateKey(pem)));
  const [first] = keys;
  const head = first && base64url({ alg: 'ES256', typ: 'JWT', kid: first.jwk.kid });
  return {
    sign(claims) {
      if (first === undefined || head === undefined) throw new TypeError('jwt.keys names no key');
      const text = `${head}.${base64url(claims)}`;
      const signature = sign('sha256', Buffer.from(text), { key: first.key, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
    jwks: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
  };
}

function withId(key: KeyObject) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  // Members, order and spelling are the standard's (RFC 7638 §3).
  const kid = hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
  return { key, jwk: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' } };
}

/** Makes the function that writes a JWT about a person for one app. `sid` is a hash: the session's id stays here. */
export function compileJwt(
  { claims, lifetimeMs }: JwtSettings,
  { issuer, audience, signer }: { readonly issuer: string; readonly audience: string; readonly signer: JwtSigner },
): (person: Person, now: EpochMs) => string {
  const compiled = Object.entries(claims).map(([name, template]) => [name, compileClaim(template)] as const);
  return ({ id, identity, expiresAt }, now) => {
    const iat = Math.floor(now / 1000);
    const exp = Math.min(iat + Math.floor(lifetimeMs / 1000), Math.floor(expiresAt / 1000));
    return signer.sign({
      ...Object.fromEntries(compiled.map(([name, claim]) => [name, claim(identity)])),
      ...{ iss: issuer, aud: audience, sub: identity.nameId.value },
      ...{ iat, nbf: iat - BEHIND_SECONDS, exp: Math.max(exp, iat + LEAST_SECONDS), sid: sha256(id) },
    });
  };
}

/** Undefined, and so left out, where there is nothing to say, or several values where one is wanted. */
function compileClaim(template: string | readonly string[]): (identity: Identity) => string | string[] | undefined {
  if (typeof template === 'string') {
    const { parts } = parseTemplate(template);
    return (identity) => fillIn(parts, onlyValue(identity));
  }
  const items = template.map((text) => parseTemplate(text).parts);
  return (identity) => items.flatMap((parts) => itemsOf(parts, identity));
}

function itemsOf(parts: readonly TemplatePart[], identity: Identity): readonly string[] {
  const [only, ...more] = parts;
  if (only !== undefined && only.kind !== 'text' && more.length === 0) return valuesOf(only, identity);
  const text = fillIn(parts, onlyValue(identity));
  return text === undefined ? [] : [text];
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
