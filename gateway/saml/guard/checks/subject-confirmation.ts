// The bearer may use the assertion here and now, for the request it answers (profiles §4.1.4.2, §4.1.4.3).

import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { BEARER } from '../../names.ts';
import { attribute, child, children } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { sameAddress } from './destination.ts';
import { instant } from './issue-instant.ts';
import { questionOf } from '../question.ts';
import type { XmlElement } from '../../xml/tree.ts';

/** Refuses with SAML_SUBJECT_CONFIRMATION where no bearer confirmation fits address, moment and request. */
export function subjectConfirmation(message: Signed, expected: Expected): void {
  if (confirmedUntil(message, expected) !== undefined) return;
  throw refuse('SAML_SUBJECT_CONFIRMATION', { detail: lacking(message, expected) });
}

/** What the last bearer confirmation falls short of, for the log: an address mistyped over there, or a clock. */
function lacking(message: Signed, { now }: Expected): Record<string, string | number> {
  const { endpoint } = message;
  const facts = bearersOf(message.assertion).at(-1);
  if (facts === undefined) return { reason: 'no bearer confirmation' };
  const recipient = attribute(facts, 'Recipient') ?? 'none';
  if (!sameAddress(recipient, endpoint))
    return { reason: 'Recipient', expected: endpoint, received: recipient.slice(0, 200) };
  if (attribute(facts, 'NotBefore') !== undefined) return { reason: 'NotBefore' };
  if (questionOf(facts) !== questionOf(message.root)) return { reason: 'InResponseTo' };
  const until = instant(attribute(facts, 'NotOnOrAfter'));
  return { reason: 'NotOnOrAfter', secondsOff: until === undefined ? 'unreadable' : (until - now) / 1000 };
}

/** The last NotOnOrAfter of those confirmations that fit; undefined where none does. */
export function confirmedUntil(message: Signed, { now, clockSkewMs }: Expected): EpochMs | undefined {
  const { assertion, root, endpoint } = message;
  let last: EpochMs | undefined;
  for (const facts of bearersOf(assertion)) {
    const until = instant(attribute(facts, 'NotOnOrAfter'));
    const fits =
      sameAddress(attribute(facts, 'Recipient') ?? '', endpoint) &&
      attribute(facts, 'NotBefore') === undefined &&
      questionOf(facts) === questionOf(root);
    if (fits && until !== undefined && now < until + clockSkewMs && until > (last ?? -Infinity)) last = until;
  }
  return last;
}

/** The SubjectConfirmationData of every bearer, whatever address it is for. */
function bearersOf(assertion: XmlElement): XmlElement[] {
  const found = child(assertion, 'assertion', 'Subject');
  return (found === undefined ? [] : children(found, 'assertion', 'SubjectConfirmation')).flatMap((confirmation) => {
    const facts = child(confirmation, 'assertion', 'SubjectConfirmationData');
    return facts !== undefined && attribute(confirmation, 'Method') === BEARER ? [facts] : [];
  });
}
