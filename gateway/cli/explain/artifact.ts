// What an artifact says by itself: who made it, and at which address the message is to be had. It is not asked for: that works once, and somebody may be
// waiting for it.

import { CurfewError } from '../../kernel/errors.ts';
import { artifactOf, sourceIdOf } from '../../saml/artifact/artifact.ts';
import { decoded } from '../../saml/bindings/parameters.ts';
import type { IdentityProvider } from '../../saml/service-provider.ts';

/** An artifact in words. `code`: what it would be refused with before anybody is asked. */
export interface ExplainedArtifact {
  readonly endpointIndex?: number;
  readonly sourceId?: string;
  readonly idp?: string;
  /** Where its message would be fetched. */
  readonly address?: string;
  readonly code?: string;
  readonly why: string;
}

/** The raw value of SAMLart in a capture; undefined where there is none. */
export const artifactIn = (capture: Buffer): string | undefined =>
  /(?:^|[?&\s])SAMLart=([^&\s]*)/.exec(capture.toString('utf8'))?.[1];

/** Reads one, as the gateway would before it asks (bindings §3.6.4). */
export function explainArtifact(raw: string, idps: readonly IdentityProvider[]): ExplainedArtifact {
  try {
    const { endpointIndex, sourceId } = artifactOf(decoded(raw));
    const read = { endpointIndex, sourceId: sourceId.toString('hex') };
    const idp = idps.find(({ entityId }) => sourceIdOf(entityId).equals(sourceId));
    const refused = { code: 'SAML_ARTIFACT' };
    if (idp === undefined)
      return { ...read, ...refused, why: 'its SourceID is the SHA-1 of no entityID of a configured identity provider' };
    const at = { ...read, idp: idp.name };
    if (idp.signOn.responseBinding !== 'artifact')
      return { ...at, ...refused, why: `${idp.name} may send none; set its signOn.responseBinding to artifact` };
    const address = idp.metadata.artifactResolution.get(endpointIndex);
    return address === undefined
      ? {
          ...at,
          ...refused,
          why: `the metadata of ${idp.name} has no ArtifactResolutionService of index ${endpointIndex}`,
        }
      : { ...at, address, why: 'the message is fetched there, once; it is not in the capture and was not asked for' };
  } catch (error) {
    if (!(error instanceof CurfewError)) throw error;
    const { reason } = error.detail;
    return {
      code: error.code,
      why: `it is no artifact of type 4 (${typeof reason === 'string' ? reason : 'unreadable'})`,
    };
  }
}

/** The same for people. */
export const artifactAsText = (found: ExplainedArtifact): string =>
  [
    found.code === undefined ? 'an artifact that would be resolved' : `an artifact: REFUSED: ${found.code}`,
    `  ${found.why}`,
    ...(['idp', 'address', 'endpointIndex', 'sourceId'] as const).flatMap((name) =>
      found[name] === undefined ? [] : [`  ${name.padEnd(14)} ${found[name]}`],
    ),
  ].join('\n');
