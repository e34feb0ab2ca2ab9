// Version is 2.0 (saml-core §3.2.1, §3.2.2, §2.3.3).

import { refuse } from '../../codes.ts';
import { attribute, children } from '../../xml/elements.ts';
import type { Structure } from '../message.ts';

/** Refuses with SAML_VERSION a message, or an assertion in it, of another version. */
export function version({ root }: Structure): void {
  for (const element of [root, ...children(root, 'assertion', 'Assertion')]) {
    const found = attribute(element, 'Version');
    if (found !== '2.0') throw refuse('SAML_VERSION', { detail: { found: found?.slice(0, 10) } });
  }
}
