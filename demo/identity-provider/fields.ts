// Valid sets of fields: what messages.ts needs for a message that every service provider has to accept.

import { randomBytes } from 'node:crypto';
import { plus } from '../../gateway/kernel/clock.ts';
import type { Attributes, EpochMs } from '../../gateway/kernel/words.ts';
import type { LogoutRequestFields, LogoutResponseFields, NameIdFields, ResponseFields } from './messages.ts';
import { STATUS } from './names.ts';

/** How people sign in who are asked for nothing else. */
export const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const BASIC_NAME = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const ASSERTION_LIFETIME_MS = 300_000;
const SESSION_LIFETIME_MS = 8 * 3_600_000;
const LOGOUT_LIFETIME_MS = 300_000;

/** A fresh message ID: an NCName of 128 random bits (saml-core §1.3.4). */
export const newId = (): string => `_${randomBytes(16).toString('hex')}`;

/** A time as SAML writes it: UTC, with Z (saml-core §1.3.3). */
export const instant = (at: EpochMs): string => new Date(at).toISOString();

/** A Response that keeps the rules of the browser profile (saml-profiles §4.1.4.2). */
export function loginFields(facts: {
  readonly issuer: string;
  readonly audience: string;
  /** Where the Response is posted. */
  readonly assertionConsumer: string;
  /** ID of the AuthnRequest; undefined makes the Response unsolicited. */
  readonly inResponseTo: string | undefined;
  readonly now: EpochMs;
  /** When the person proved who they are; `now` where it is left out. */
  readonly authnInstant?: EpochMs | undefined;
  readonly nameId: NameIdFields;
  readonly sessionIndex: string;
  /** How the person signed in; PASSWORD where it is left out. */
  readonly context?: string | undefined;
  readonly attributes?: Attributes | undefined;
}): ResponseFields {
  const issueInstant = instant(facts.now);
  const notOnOrAfter = instant(plus(facts.now, ASSERTION_LIFETIME_MS));
  const { issuer, assertionConsumer, inResponseTo } = facts;
  return {
    id: newId(),
    version: '2.0',
    issueInstant,
    destination: assertionConsumer,
    inResponseTo,
    issuer,
    status: { codes: [STATUS.success] },
    assertion: {
      id: newId(),
      version: '2.0',
      issueInstant,
      issuer,
      nameId: facts.nameId,
      confirmations: [{ method: BEARER, recipient: assertionConsumer, notOnOrAfter, inResponseTo }],
      conditions: { notBefore: issueInstant, notOnOrAfter, audiences: [[facts.audience]] },
      authnStatements: [
        {
          authnInstant: instant(facts.authnInstant ?? facts.now),
          sessionIndex: facts.sessionIndex,
          sessionNotOnOrAfter: instant(plus(facts.now, SESSION_LIFETIME_MS)),
          contextClass: facts.context ?? PASSWORD,
        },
      ],
      attributes: [...(facts.attributes ?? [])].map(([name, values]) => ({ name, nameFormat: BASIC_NAME, values })),
    },
  };
}

/** A Response that says why there is no assertion (saml-core §3.2.2.2). */
export const refusalFields = (facts: {
  readonly issuer: string;
  readonly assertionConsumer: string;
  readonly inResponseTo: string;
  readonly now: EpochMs;
  readonly codes: readonly string[];
}): ResponseFields => ({
  id: newId(),
  version: '2.0',
  issueInstant: instant(facts.now),
  destination: facts.assertionConsumer,
  inResponseTo: facts.inResponseTo,
  issuer: facts.issuer,
  status: { codes: facts.codes },
});

/** A LogoutRequest of a session authority: it says until when it holds (saml-core §3.7.3.2). */
export const logoutRequestFields = (facts: {
  readonly issuer: string;
  readonly destination: string;
  readonly now: EpochMs;
  readonly nameId: NameIdFields;
  /** Empty means every session of the person (saml-core §3.7.3.1). */
  readonly sessionIndexes: readonly string[];
}): LogoutRequestFields => ({
  id: newId(),
  version: '2.0',
  issueInstant: instant(facts.now),
  destination: facts.destination,
  issuer: facts.issuer,
  notOnOrAfter: instant(plus(facts.now, LOGOUT_LIFETIME_MS)),
  reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
  nameId: facts.nameId,
  sessionIndexes: facts.sessionIndexes,
});

/** A LogoutResponse with the StatusCodes given, Success where none are. */
export const logoutResponseFields = (facts: {
  readonly issuer: string;
  readonly destination: string | undefined;
  readonly inResponseTo: string;
  readonly now: EpochMs;
  readonly codes?: readonly string[];
}): LogoutResponseFields => ({
  id: newId(),
  version: '2.0',
  issueInstant: instant(facts.now),
  destination: facts.destination,
  inResponseTo: facts.inResponseTo,
  issuer: facts.issuer,
  status: { codes: facts.codes ?? [STATUS.success] },
});
