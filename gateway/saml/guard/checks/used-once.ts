// An assertion begins one session, whoever brings it a second time (profiles §4.1.4.5).

import { plus } from '../../../kernel/clock.ts';
import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { confirmedUntil } from './subject-confirmation.ts';

/** Refuses with SAML_REPLAY an assertion that was used before; remembered for as long as it could pass the other checks. */
export async function usedOnce(message: Signed, expected: Expected): Promise<void> {
  const id = attribute(message.assertion, 'ID') ?? '';
  const until = plus(confirmedUntil(message, expected) ?? expected.now, expected.clockSkewMs);
  if (!(await expected.memory.useAssertion(message.idp.name, id, until))) throw refuse('SAML_REPLAY');
}
