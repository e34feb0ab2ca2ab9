// A message is of now (saml-core §1.3.3, §3.2.1). WSO2 repeats one for four minutes; nobody for longer than five.

import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';

/** Beyond the clock skew. */
export const LONGEST_WAY_MS = 5 * 60_000;

/** Refuses with SAML_ISSUE_INSTANT a message or assertion from the future, or older than five minutes, either beyond the clock skew. */
export function issueInstant({ root, assertion }: Signed, { now, clockSkewMs }: Expected): void {
  for (const element of new Set([root, assertion])) {
    const at = instant(attribute(element, 'IssueInstant'));
    if (at === undefined || at > now + clockSkewMs || at < now - LONGEST_WAY_MS - clockSkewMs) {
      throw refuse('SAML_ISSUE_INSTANT', {
        detail: { secondsOff: at === undefined ? 'unreadable' : (at - now) / 1000 },
      });
    }
  }
}

/** A SAML time, always UTC with `Z` (saml-core §1.3.3); undefined where it is absent or anything else. */
export function instant(text: string | undefined): EpochMs | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : (at as EpochMs);
}
