// The bearer may use the assertion here and now, for the request it answers (profiles §4.1.4.2, §4.1.4.3).

import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { instant } from './issue-instant.ts';
import { confirmationsOf, confirms, questionOf } from '../question.ts';

/** Refuses with SAML_SUBJECT_CONFIRMATION where no bearer confirmation fits address, moment and request. */
export function subjectConfirmation(message: Signed, expected: Expected): void {
  if (confirmedUntil(message, expected) === undefined) throw refuse('SAML_SUBJECT_CONFIRMATION');
}

/** The last NotOnOrAfter of those confirmations that fit; undefined where none does. */
export function confirmedUntil(message: Signed, { now, clockSkewMs }: Expected): EpochMs | undefined {
  const question = questionOf(message);
  let last: EpochMs | undefined;
  for (const facts of confirmationsOf(message)) {
    const until = instant(attribute(facts, 'NotOnOrAfter'));
    const fits = attribute(facts, 'NotBefore') === undefined && confirms(facts, question);
    if (fits && until !== undefined && now < until + clockSkewMs && until > (last ?? -Infinity)) last = until;
  }
  return last;
}
