// An Identity as text, on its way into and out of sealed bytes.

import type { Identity } from '../kernel/words.ts';

type Written = Omit<Identity, 'attributes'> & {
  readonly attributes: readonly (readonly [string, readonly string[]])[];
};

/**
 * The identity as JSON. Attributes are written as pairs: in an object, one called `__proto__` would be lost. Each part by its name: those of an identity that
 * rests (`RestingIdentity`) are not its own properties.
 */
export function textOf(identity: Identity): string {
  const { idp, sp, nameId, issuedNameId, sessionIndexes, authnInstant, authnContext, provenAt } = identity;
  const parts: Required<Omit<Written, 'attributes'>> = {
    ...{ idp, sp, nameId, issuedNameId, sessionIndexes },
    ...{ authnInstant, authnContext, provenAt },
  };
  return JSON.stringify({ ...parts, attributes: [...identity.attributes] } satisfies Written);
}

/** The identity that `textOf` wrote; what was absent stays absent, as the IdP will compare (saml-core §2.2.2). */
export function identityOf(text: string): Identity {
  const written = JSON.parse(text) as Written;
  return { ...written, attributes: new Map(written.attributes) };
}
