// What each check of the guard keeps, in words for people: `curfew explain` shows them, docs/saml-guard.md lists them by the same numbers.

import type { SamlCode } from '../codes.ts';

/** One check in words. */
export interface Law {
  /** Its number in docs/saml-guard.md. */
  readonly number: number;
  /** What is so where it passes. */
  readonly title: string;
  /** The rule it keeps, in a sentence. */
  readonly sentence: string;
  /** What it refuses with. */
  readonly codes: readonly SamlCode[];
}

const law = (number: number, title: string, sentence: string, ...codes: readonly SamlCode[]): Law => ({
  ...{ number, title, sentence, codes },
});

/** Every check there is, in the order of docs/saml-guard.md. */
export const LAWS = {
  size: law(1, 'short enough', 'No SAML message needs more than 256 KiB, or 16 KiB in a query.', 'SAML_TOO_LARGE'),
  parameters: law(
    2,
    'its parameters are plain and there once',
    'A query or form carries one message, a request or a response, deflated or as it is (bindings §3.4.4, §3.5.4).',
    'SAML_PARAMETER',
    'SAML_WRONG_KIND',
  ),
  relayState: law(
    3,
    'RelayState is short enough',
    'RelayState is at most 80 bytes (bindings §3.4.3, §3.5.3); up to 1024 are taken.',
    'SAML_RELAY_STATE',
  ),
  base64: law(4, 'base64 is base64', 'A message is base64 (bindings §3.4.4.1, §3.5.4).', 'SAML_BASE64'),
  querySignature: law(
    5,
    'a trusted key signed the query',
    'By Redirect the signature is over the query, in the octets that were sent (bindings §3.4.4.1).',
    'SAML_UNSIGNED',
    'SAML_SIGNATURE_ALGORITHM',
    'SAML_SIGNATURE_INVALID',
  ),
  inflates: law(6, 'it inflates', 'A Redirect message is raw DEFLATE (bindings §3.4.4.1).', 'SAML_DEFLATE'),
  markup: law(
    7,
    'plain markup, and not too much of it',
    'SAML messages need no DOCTYPE, comment, CDATA section or processing instruction, and these hide things (saml-core §5.4, SOAP 1.1 §3).',
    'SAML_ENCODING',
    'SAML_FORBIDDEN_MARKUP',
    'SAML_TOO_COMPLEX',
  ),
  wellFormed: law(
    8,
    'well-formed, one message alone',
    'A message is one XML document; by SOAP the only child of the Body (bindings §3.2.2.1).',
    'SAML_NOT_XML',
    'SAML_SOAP',
  ),
  kind: law(
    9,
    'a message that is awaited here',
    'A Response comes by POST alone (profiles §4.1.2); requests and responses each in their own field.',
    'SAML_WRONG_KIND',
  ),
  ids: law(10, 'IDs are names and unique', 'An ID names one element (saml-core §1.3.4).', 'SAML_ID'),
  nesting: law(
    11,
    'nothing is nested where it may not be',
    'One message, and one assertion in a Response: a second one could be taken for the one that was signed (saml-core §5.4.2).',
    'SAML_NESTED',
  ),
  signatureShape: law(
    12,
    'the signature is where and what it may be',
    'A signature follows the Issuer of what it signs, and refers to that and nothing else (saml-core §5.4.1-5.4.4).',
    'SAML_SIGNATURE_SHAPE',
  ),
  encryption: law(
    15,
    'what is encrypted can be opened',
    'What is encrypted stands in its place and is for a key of ours, with algorithms that resist tampering (saml-core §6, xmlenc-core1 §6.1).',
    'SAML_ENCRYPTED',
    'SAML_ENCRYPTION_ALGORITHM',
    'SAML_NOT_ENCRYPTED',
  ),
  signatureRequired: law(
    13,
    'it is signed',
    'What acts is signed (profiles §4.1.4.2, §4.4.4.1; saml-core §3.7.1).',
    'SAML_UNSIGNED',
  ),
  signature: law(
    14,
    'a trusted key signed it',
    'Every signature verifies with a key from the identity provider’s metadata, whatever certificate the message carries (saml-core §5.4, xmldsig-core §3.2).',
    'SAML_SIGNATURE_INVALID',
    'SAML_SIGNATURE_ALGORITHM',
    'SAML_BASE64',
  ),
  version: law(9, 'SAML 2.0', 'Version is 2.0 (saml-core §3.2.1, §3.2.2, §2.3.3).', 'SAML_VERSION'),
  metadataValid: law(
    16,
    'the metadata is still valid',
    'Keys are believed until validUntil of the metadata they stand in (saml-metadata §2.3.2).',
    'SAML_METADATA_EXPIRED',
  ),
  issuer: law(
    17,
    'Issuer is who signed',
    'Issuer is the entityID of the identity provider (saml-core §2.2.5, profiles §4.1.4.2, §4.4.4.1).',
    'SAML_ISSUER',
  ),
  destination: law(
    18,
    'Destination is where it arrived',
    'A signed message names the address it is for (bindings §3.4.5.2, §3.5.5.2).',
    'SAML_DESTINATION_MISMATCH',
  ),
  issueInstant: law(
    19,
    'IssueInstant is of now',
    'A message is at most five minutes old, by UTC (saml-core §1.3.3, §3.2.1).',
    'SAML_ISSUE_INSTANT',
  ),
  status: law(20, 'Status is Success', 'Nothing begins by a failure (saml-core §3.2.2.2).', 'SAML_STATUS'),
  subject: law(21, 'one NameID', 'The Subject names one person, in text (saml-core §2.4.1, §2.2.3).', 'SAML_SUBJECT'),
  subjectConfirmation: law(
    22,
    'the bearer may use it here and now',
    'A bearer confirmation names our address as Recipient, has not run out, and answers the same request (profiles §4.1.4.2, §4.1.4.3).',
    'SAML_SUBJECT_CONFIRMATION',
  ),
  conditions: law(
    24,
    'Conditions are met, and we are the Audience',
    'An assertion is for its Audience and its time (saml-core §2.5.1).',
    'SAML_CONDITIONS',
    'SAML_AUDIENCE',
  ),
  authnStatement: law(
    25,
    'somebody signed in, and the session is not over',
    'An AuthnStatement says when, and SessionNotOnOrAfter until when (saml-core §2.7.2).',
    'SAML_AUTHN_STATEMENT',
  ),
  authnContext: law(
    34,
    'AuthnContext is one that was asked for',
    'An answer is as strong as the question wanted it (saml-core §3.3.2.2.1).',
    'SAML_AUTHN_CONTEXT',
  ),
  forceAuthn: law(
    35,
    'signed in anew where that was asked for',
    'An answer to ForceAuthn is about a sign-in after the question (saml-core §3.4.1).',
    'SAML_FORCE_AUTHN',
  ),
  inResponseTo: law(
    23,
    'InResponseTo is awaited by this browser',
    'A Response answers an AuthnRequest of the browser that brings it, once (profiles §4.1.4.3, §4.1.5).',
    'SAML_IN_RESPONSE_TO',
    'SAML_UNSOLICITED',
  ),
  usedOnce: law(26, 'used once', 'An assertion begins one session (profiles §4.1.4.5).', 'SAML_REPLAY'),
  tombstone: law(
    27,
    'no logout forbids it',
    'What arrives after the logout of its session begins nothing (saml-core §3.7.3.1).',
    'SAML_LOGGED_OUT',
  ),
  notOnOrAfter: law(
    28,
    'NotOnOrAfter has not passed',
    'A late logout is not obeyed (saml-core §3.7.1).',
    'SAML_EXPIRED',
  ),
  nameId: law(29, 'one NameID', 'A LogoutRequest names the person (saml-core §3.7.1).', 'SAML_NAME_ID'),
  sessionIndex: law(
    30,
    'no SessionIndex is empty',
    'None means all sessions of the person, so an empty one must not pass for none (saml-core §3.7.3.1).',
    'SAML_SESSION_INDEX',
  ),
  repeated: law(
    31,
    'its ID is its own',
    'The same message again gets the same answer; another under its ID is refused (saml-core §1.3.4).',
    'SAML_ID_REUSED',
  ),
  awaited: law(
    33,
    'InResponseTo is awaited',
    'It answers a LogoutRequest of ours, once (saml-core §3.2.2).',
    'SAML_UNAWAITED',
  ),
} as const satisfies Record<string, Law>;
