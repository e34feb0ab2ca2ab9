// IDs are NCNames and unique in the whole document, in whatever case an attribute spells them: a signature refers to its
// element by ID, so a doubled one is the first step of every wrapping attack (saml-core §1.3.4).

import { refuse } from '../../codes.ts';
import { attribute, children, eachElement } from '../../xml/elements.ts';
import { isNcName } from '../../xml/names.ts';
import { rootOf } from '../../xml/tree.ts';
import type { Structure } from '../message.ts';

/** In characters; every product's has less than 100. */
const LONGEST = 256;

/** Refuses with SAML_ID where the message or its assertion has no ID, or any ID is malformed or occurs twice. */
export function ids({ root }: Structure): void {
  for (const element of [root, ...children(root, 'assertion', 'Assertion')]) {
    if (attribute(element, 'ID') === undefined) throw refuse('SAML_ID', { detail: { reason: 'missing' } });
  }
  const seen = new Set<string>();
  eachElement(rootOf(root), (element) => {
    for (const name of ['ID', 'Id', 'id', 'xml:id'] as const) {
      const id = attribute(element, name);
      if (id === undefined) continue;
      if (id.length > LONGEST || !isNcName(id)) throw refuse('SAML_ID', { detail: { reason: 'no NCName' } });
      if (seen.has(id)) throw refuse('SAML_ID', { detail: { reason: 'twice' } });
      seen.add(id);
    }
  });
}
