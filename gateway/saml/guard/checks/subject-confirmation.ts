// The bearer may use the assertion here and now, for the request it answers (profiles §4.1.4.2, §4.1.4.3).

import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { BEARER } from '../../names.ts';
import { attribute, child, children } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { sameAddress } from './destination.ts';
import { instant } from './issue-instant.ts';

/** Refuses with SAML_SUBJECT_CONFIRMATION where no bearer confirmation fits address, moment and request. */
export function subjectConfirmation(message: Signed, expected: Expected): void {
  if (confirmedUntil(message, expected) === undefined) throw refuse('SAML_SUBJECT_CONFIRMATION');
}

/** The last NotOnOrAfter of those confirmations that fit; undefined where none does. */
export function confirmedUntil(message: Signed, { now, clockSkewMs }: Expected): EpochMs | undefined {
  const { assertion, root, endpoint } = message;
  const found = child(assertion, 'assertion', 'Subject');
  let last: EpochMs | undefined;
  for (const confirmation of found === undefined ? [] : children(found, 'assertion', 'SubjectConfirmation')) {
    const facts = child(confirmation, 'assertion', 'SubjectConfirmationData');
    if (attribute(confirmation, 'Method') !== BEARER || facts === undefined) continue;
    const until = instant(attribute(facts, 'NotOnOrAfter'));
    const fits =
      sameAddress(attribute(facts, 'Recipient') ?? '', endpoint) &&
      attribute(facts, 'NotBefore') === undefined &&
      attribute(facts, 'InResponseTo') === attribute(root, 'InResponseTo');
    if (fits && until !== undefined && now < until + clockSkewMs && until > (last ?? -Infinity)) last = until;
  }
  return last;
}
