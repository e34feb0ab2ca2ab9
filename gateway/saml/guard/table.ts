// The guard's order, to be read: down for the order, across for the kinds of message. A check cannot be forgotten for a
// kind, because it is a row. laws.ts has each in words, with its number in docs/saml-guard.md.

import type { MessageKind } from '../names.ts';
import { authnContext } from './checks/authn-context.ts';
import { authnStatement } from './checks/authn-statement.ts';
import { awaited } from './checks/awaited.ts';
import { conditions } from './checks/conditions.ts';
import { destination } from './checks/destination.ts';
import { encryption } from './checks/encryption.ts';
import { forceAuthn } from './checks/force-authn.ts';
import { ids } from './checks/ids.ts';
import { inResponseTo } from './checks/in-response-to.ts';
import { issueInstant } from './checks/issue-instant.ts';
import { issuer } from './checks/issuer.ts';
import { metadataValid } from './checks/metadata-valid.ts';
import { nameId } from './checks/name-id.ts';
import { nesting } from './checks/nesting.ts';
import { notOnOrAfter } from './checks/not-on-or-after.ts';
import { sessionIndex } from './checks/session-index.ts';
import { signatureRequired } from './checks/signature-required.ts';
import { signatureShape } from './checks/signature-shape.ts';
import { status } from './checks/status.ts';
import { subjectConfirmation } from './checks/subject-confirmation.ts';
import { subject } from './checks/subject.ts';
import { usedOnce } from './checks/used-once.ts';
import { version } from './checks/version.ts';
import { LAWS, type Law } from './laws.ts';
import type { Expected, Signed, Structure } from './message.ts';

const RUN = true;
const SKIP = false;

/** A check, what it keeps, and the kinds it runs for. */
export type Row<Check> = readonly [
  check: Check,
  law: Law,
  response: boolean,
  logoutRequest: boolean,
  logoutResponse: boolean,
];

/** On the document as it arrived, and once more with the encrypted assertion, if there is one, opened in its place; these only refuse. */
// prettier-ignore
export const STRUCTURE: readonly Row<(message: Structure) => void>[] = [
  //                                                         Response  LogoutRequest  LogoutResponse
  [ids, LAWS.ids, /*                                   10 */ RUN,      RUN,           RUN],
  [nesting, LAWS.nesting, /*                           11 */ RUN,      RUN,           RUN],
  [signatureShape, LAWS.signatureShape, /*             12 */ RUN,      RUN,           RUN],
  [encryption, LAWS.encryption, /*                     15 */ RUN,      RUN,           RUN],
  [signatureRequired, LAWS.signatureRequired, /*       13 */ RUN,      RUN,           RUN],
];

/** Between the two tables the signature is verified (14); from here on only what was signed is read. */
// prettier-ignore
export const MEANING: readonly Row<(message: Signed, expected: Expected) => void | Promise<void>>[] = [
  //                                                         Response  LogoutRequest  LogoutResponse
  [version, LAWS.version, /*                            9 */ RUN,      RUN,           RUN],
  [metadataValid, LAWS.metadataValid, /*               16 */ RUN,      SKIP,          SKIP],
  [issuer, LAWS.issuer, /*                             17 */ RUN,      RUN,           RUN],
  [destination, LAWS.destination, /*                   18 */ RUN,      RUN,           RUN],
  [issueInstant, LAWS.issueInstant, /*                 19 */ RUN,      RUN,           RUN],
  [status, LAWS.status, /*                             20 */ RUN,      SKIP,          SKIP],
  [subject, LAWS.subject, /*                           21 */ RUN,      SKIP,          SKIP],
  [subjectConfirmation, LAWS.subjectConfirmation, /*   22 */ RUN,      SKIP,          SKIP],
  [conditions, LAWS.conditions, /*                     24 */ RUN,      SKIP,          SKIP],
  [authnStatement, LAWS.authnStatement, /*             25 */ RUN,      SKIP,          SKIP],
  [authnContext, LAWS.authnContext, /*                 34 */ RUN,      SKIP,          SKIP],
  [forceAuthn, LAWS.forceAuthn, /*                     35 */ RUN,      SKIP,          SKIP],
  [notOnOrAfter, LAWS.notOnOrAfter, /*                 28 */ SKIP,     RUN,           SKIP],
  [nameId, LAWS.nameId, /*                             29 */ SKIP,     RUN,           SKIP],
  [sessionIndex, LAWS.sessionIndex, /*                 30 */ SKIP,     RUN,           SKIP],
  [awaited, LAWS.awaited, /*                           33 */ SKIP,     SKIP,          RUN],
  // What uses something up comes last: a message that fails above has used up nothing.
  [inResponseTo, LAWS.inResponseTo, /*                 23 */ RUN,      SKIP,          SKIP],
  [usedOnce, LAWS.usedOnce, /*                         26 */ RUN,      SKIP,          SKIP],
];

const COLUMN = { Response: 2, LogoutRequest: 3, LogoutResponse: 4 } as const satisfies Record<MessageKind, number>;

/** The rows of one kind, in order. */
export const rowsFor = <Check>(table: readonly Row<Check>[], kind: MessageKind): readonly Row<Check>[] =>
  table.filter((row) => row[COLUMN[kind]]);

/** The checks of one kind, in order. */
export const checksFor = <Check>(table: readonly Row<Check>[], kind: MessageKind): Check[] =>
  rowsFor(table, kind).map(([check]) => check);
