// There was an act of signing in, and the session it began at the identity provider is not over (saml-core §2.7.2).

import { withoutSpaceAround } from '../../../kernel/white-space.ts';
import type { EpochMs } from '../../../kernel/words.ts';
import { refuse } from '../../codes.ts';
import { attribute, bareText, child, children } from '../../xml/elements.ts';
import type { Expected, Signed } from '../message.ts';
import { instant } from './issue-instant.ts';
import type { XmlElement } from '../../xml/tree.ts';

/** What the AuthnStatements say together. */
export interface Authentication {
  readonly instant: EpochMs;
  readonly sessionIndexes: readonly string[];
  /** The earliest SessionNotOnOrAfter. */
  readonly sessionNotOnOrAfter: EpochMs | undefined;
  readonly context: string | undefined;
}

/** Refuses with SAML_AUTHN_STATEMENT where there is none, its time is unreadable, or the identity provider's session is over. */
export function authnStatement({ assertion }: Signed, { now, clockSkewMs }: Expected): void {
  const { sessionNotOnOrAfter, instant: at } = authentication(assertion);
  // The end without clock skew: ours would begin when it is over, and the browser be sent to the identity provider again without end.
  if (at > now + clockSkewMs || (sessionNotOnOrAfter !== undefined && sessionNotOnOrAfter <= now)) {
    throw refuse('SAML_AUTHN_STATEMENT', { detail: { reason: 'out of time' } });
  }
}

/** Reads all AuthnStatements: every SessionIndex counts, and the earliest end. Throws SAML_AUTHN_STATEMENT. */
export function authentication(assertion: XmlElement): Authentication {
  const statements = children(assertion, 'assertion', 'AuthnStatement');
  const instants = statements.map((statement) => instant(attribute(statement, 'AuthnInstant')));
  const ends = statements
    .filter((statement) => attribute(statement, 'SessionNotOnOrAfter') !== undefined)
    .map((statement) => instant(attribute(statement, 'SessionNotOnOrAfter')));
  const [first] = statements;
  if (first === undefined || instants.includes(undefined) || ends.includes(undefined)) {
    throw refuse('SAML_AUTHN_STATEMENT', { detail: { reason: 'missing or unreadable' } });
  }
  const context = child(first, 'assertion', 'AuthnContext');
  const classRef = context && child(context, 'assertion', 'AuthnContextClassRef');
  return {
    instant: Math.max(...instants.filter((at) => at !== undefined)) as EpochMs,
    sessionIndexes: statements
      .map((statement) => withoutSpaceAround(attribute(statement, 'SessionIndex') ?? ''))
      .filter((index) => index !== ''),
    sessionNotOnOrAfter:
      ends.length === 0 ? undefined : (Math.min(...ends.filter((at) => at !== undefined)) as EpochMs),
    context: classRef && bareText(classRef),
  };
}
