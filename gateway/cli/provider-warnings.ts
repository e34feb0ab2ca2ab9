// What the log says of identity providers at start, said before: keys that are passed over, and two that one service provider cannot tell apart.

import { X509Certificate } from 'node:crypto';
import type { Fault, KeyPath } from '../config/faults.ts';
import type { Configuration } from '../config/load.ts';
import { alike, ALIKE_REMEDY, usedHere } from '../identity-providers.ts';
import { readIdpMetadata, type IdpMetadata } from '../saml/idp-metadata.ts';

type Settings = Configuration['identityProviders'][number];

/** Warnings of those whose metadata is a file; of the others what stands in the configuration is all that is known. */
export function providerWarnings(
  configuration: Configuration,
  faultAt: (path: KeyPath, message: string) => Fault,
): Fault[] {
  const { identityProviders } = configuration;
  const read = identityProviders.map((settings) => ({ ...settings, found: metadataOf(settings) }));
  const keys = read.flatMap(({ found }, at) =>
    (found?.unusable ?? []).map((why) => faultAt(['identityProviders', at, 'metadata'], passedOver(why))),
  );
  const used = usedHere(configuration);
  const known = read
    .filter(({ name }) => used.has(name))
    .map(({ name, issuers, entityId, found }) => {
      const [first, ...others] = [found?.entityId ?? entityId, ...issuers].filter((one) => one !== undefined);
      return first === undefined ? [] : [{ name, entityId: first, issuers: others }];
    });
  const pairs = alike(known.flat()).map(({ idp, other }) =>
    faultAt(
      ['identityProviders', identityProviders.findIndex(({ name }) => name === other), 'name'],
      alikeWarning(idp, other),
    ),
  );
  return [...keys, ...pairs];
}

/** Of one key of the metadata. */
export const passedOver = (why: string): string => `${why}; it is passed over, and the other keys count`;

/** Of two, in the words that the log has for them. */
export const alikeWarning = (idp: string, other: string): string =>
  `identity-providers-alike: ${other} has an Issuer of ${idp} and signs nobody in; ${ALIKE_REMEDY}`;

function metadataOf({ metadata, entityId, signedBy }: Settings): IdpMetadata | undefined {
  if (!('text' in metadata)) return undefined;
  const key = signedBy === undefined ? undefined : new X509Certificate(signedBy).publicKey;
  return readIdpMetadata(metadata.text, { entityId, signedBy: key });
}
