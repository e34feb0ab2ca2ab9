// Version is 2.0 (saml-core §3.2.1, §3.2.2, §2.3.3). Judged on what was signed: only its sender is told of a VersionMismatch.

import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Signed } from '../message.ts';

/** Refuses with SAML_VERSION a message, or the assertion in it, of another version. */
export function version({ root, assertion }: Signed): void {
  for (const element of new Set([root, assertion])) {
    const found = attribute(element, 'Version');
    if (found !== '2.0') throw refuse('SAML_VERSION', { detail: { found: found?.slice(0, 10) } });
  }
}
