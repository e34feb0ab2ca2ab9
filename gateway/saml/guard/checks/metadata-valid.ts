// Keys are believed for as long as the metadata they stand in says (saml-metadata §2.3.2). A logout is taken also after that: refusing it
// would keep people signed in whom their identity provider has signed out.

import { refuse } from '../../codes.ts';
import type { Expected, Signed } from '../message.ts';

/** Refuses with SAML_METADATA_EXPIRED where validUntil of the identity provider's metadata has passed. */
export function metadataValid({ idp }: Pick<Signed, 'idp'>, { now }: Pick<Expected, 'now'>): void {
  if (idp.validUntil !== undefined && idp.validUntil <= now) {
    throw refuse('SAML_METADATA_EXPIRED', {
      detail: { idp: idp.name, validUntil: new Date(idp.validUntil).toISOString() },
    });
  }
}
