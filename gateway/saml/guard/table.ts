// The guard's order, to be read: down for the order, across for the kinds of message. A check cannot be forgotten for a
// kind, because it is a row. Numbers are those of the list of checks in docs/saml-guard.md.

import type { MessageKind } from '../names.ts';
import { authnContext } from './checks/authn-context.ts';
import { authnStatement } from './checks/authn-statement.ts';
import { awaited } from './checks/awaited.ts';
import { conditions } from './checks/conditions.ts';
import { destination } from './checks/destination.ts';
import { encryption } from './checks/encryption.ts';
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
import type { Expected, Signed, Structure } from './message.ts';

const RUN = true;
const SKIP = false;

/** A check and the kinds it runs for. */
export type Row<Check> = readonly [check: Check, response: boolean, logoutRequest: boolean, logoutResponse: boolean];

/** On the document as it arrived, and once more with the encrypted assertion, if there is one, opened in its place; these only refuse. */
// prettier-ignore
export const STRUCTURE: readonly Row<(message: Structure) => void>[] = [
  //                            Response  LogoutRequest  LogoutResponse
  [ids, /*                10 */ RUN,      RUN,           RUN],
  [nesting, /*            11 */ RUN,      RUN,           RUN],
  [signatureShape, /*     12 */ RUN,      RUN,           RUN],
  [encryption, /*         15 */ RUN,      RUN,           RUN],
  [signatureRequired, /*  13 */ RUN,      RUN,           RUN],
];

/** Between the two tables the signature is verified (14); from here on only what was signed is read. */
// prettier-ignore
export const MEANING: readonly Row<(message: Signed, expected: Expected) => void | Promise<void>>[] = [
  //                             Response  LogoutRequest  LogoutResponse
  [version, /*              9 */ RUN,      RUN,           RUN],
  [metadataValid, /*       16 */ RUN,      SKIP,          SKIP],
  [issuer, /*              17 */ RUN,      RUN,           RUN],
  [destination, /*         18 */ RUN,      RUN,           RUN],
  [issueInstant, /*        19 */ RUN,      RUN,           RUN],
  [status, /*              20 */ RUN,      SKIP,          SKIP],
  [subject, /*             21 */ RUN,      SKIP,          SKIP],
  [subjectConfirmation, /* 22 */ RUN,      SKIP,          SKIP],
  [conditions, /*          24 */ RUN,      SKIP,          SKIP],
  [authnStatement, /*      25 */ RUN,      SKIP,          SKIP],
  [authnContext, /*        34 */ RUN,      SKIP,          SKIP],
  [notOnOrAfter, /*        28 */ SKIP,     RUN,           SKIP],
  [nameId, /*              29 */ SKIP,     RUN,           SKIP],
  [sessionIndex, /*        30 */ SKIP,     RUN,           SKIP],
  [awaited, /*             33 */ SKIP,     SKIP,          RUN],
  // What uses something up comes last: a message that fails above has used up nothing.
  [inResponseTo, /*        23 */ RUN,      SKIP,          SKIP],
  [usedOnce, /*            26 */ RUN,      SKIP,          SKIP],
];

const COLUMN = { Response: 1, LogoutRequest: 2, LogoutResponse: 3 } as const satisfies Record<MessageKind, number>;

/** The checks of one kind, in order. */
export const checksFor = <Check>(table: readonly Row<Check>[], kind: MessageKind): Check[] =>
  table.filter((row) => row[COLUMN[kind]]).map(([check]) => check);
