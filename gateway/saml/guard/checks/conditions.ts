// The assertion is for us, and now; a condition that nobody here knows makes it unusable (saml-core §2.5.1).

import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute, bareText, children, isElement } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { instant } from './issue-instant.ts';

/** Refuses with SAML_CONDITIONS what is missing, unknown or out of time, with SAML_AUDIENCE what is meant for others. */
export function conditions({ assertion }: Signed, { entityId, now, clockSkewMs }: Expected): void {
  const [found, second] = children(assertion, 'assertion', 'Conditions');
  if (found === undefined || second !== undefined)
    throw refuse('SAML_CONDITIONS', { detail: { reason: 'not exactly one' } });
  const notBefore = attribute(found, 'NotBefore');
  if (notBefore !== undefined && !((instant(notBefore) ?? Infinity) <= now + clockSkewMs)) {
    throw refuse('SAML_CONDITIONS', { detail: { reason: 'NotBefore', secondsOff: secondsOff(notBefore, now) } });
  }
  const notOnOrAfter = attribute(found, 'NotOnOrAfter');
  if (notOnOrAfter !== undefined && !(now < (instant(notOnOrAfter) ?? -Infinity) + clockSkewMs)) {
    throw refuse('SAML_CONDITIONS', { detail: { reason: 'NotOnOrAfter', secondsOff: secondsOff(notOnOrAfter, now) } });
  }
  let restrictions = 0;
  for (const condition of children(found)) {
    // Both are honoured without more: an assertion is used once here, and never passed on.
    if (isElement(condition, 'assertion', 'OneTimeUse') || isElement(condition, 'assertion', 'ProxyRestriction'))
      continue;
    if (!isElement(condition, 'assertion', 'AudienceRestriction')) {
      throw refuse('SAML_CONDITIONS', { detail: { reason: 'unknown condition' } });
    }
    restrictions += 1;
    const audiences = children(condition, 'assertion', 'Audience').map(bareText);
    if (!audiences.includes(entityId)) {
      const received = audiences.join(' ').slice(0, 200);
      throw refuse('SAML_AUDIENCE', { detail: { expected: entityId, received } });
    }
  }
  if (restrictions === 0)
    throw refuse('SAML_AUDIENCE', { detail: { expected: entityId, reason: 'no AudienceRestriction' } });
}

const secondsOff = (text: string, now: EpochMs): number | string => {
  const at = instant(text);
  return at === undefined ? 'unreadable' : (at - now) / 1000;
};
