// An artifact: who has the message, at which of its addresses, and a number that nobody can guess (bindings §3.6.4).

import { createHash } from 'node:crypto';
import { strictBase64 } from '../bindings/parameters.ts';
import { refuse } from '../codes.ts';

/** An artifact of type 4, the only one there is. Nobody vouches for it. */
export interface Artifact {
  /** As it is sent back, and the same for the same artifact. */
  readonly text: string;
  readonly endpointIndex: number;
  /** SHA-1 of the entityID of who made it: a name and no proof. */
  readonly sourceId: Buffer;
}

const TYPE = 0x0004;
/** Type, index, SourceID, MessageHandle. */
const LENGTH = 2 + 2 + 20 + 20;
const LONGEST_TEXT = 100;

/** Reads one. Throws SAML_ARTIFACT, SAML_BASE64. */
export function artifactOf(text: string): Artifact {
  if (text.length > LONGEST_TEXT) throw refuse('SAML_ARTIFACT', { detail: { reason: 'too long' } });
  const bytes = strictBase64(text);
  if (bytes.length !== LENGTH || bytes.readUInt16BE(0) !== TYPE) {
    throw refuse('SAML_ARTIFACT', { detail: { reason: 'not of type 4', bytes: bytes.length } });
  }
  return { text: bytes.toString('base64'), endpointIndex: bytes.readUInt16BE(2), sourceId: bytes.subarray(4, 24) };
}

/** The SourceID of an entity (bindings §3.6.4.2). */
export const sourceIdOf = (entityId: string): Buffer => createHash('sha1').update(entityId).digest();
