// Every reason for which a SAML message is refused. The sender learns one sentence only; the code goes to the log and
// the audit line (bindings §3.2.3.3: no oracle).

import { errorsOf, type Codes } from '../kernel/errors.ts';

const publicMessage = 'This sign-in or sign-out message could not be accepted.';

const refused = (meaning: string, remedy: string) => ({ status: 400, publicMessage, meaning, remedy }) as const;
const untrusted = (meaning: string, remedy: string) => ({ status: 403, publicMessage, meaning, remedy }) as const;

const AT_IDP = 'Compare what is registered at the identity provider with `curfew metadata`.';
const ATTACK =
  'No identity provider sends this by itself: treat it as an attack, or as a defect worth a report to the sender.';

/** The codes of this room. */
export const SAML_CODES = {
  SAML_TOO_LARGE: {
    status: 413,
    publicMessage,
    meaning: 'The body or query is longer than any SAML message has reason to be.',
    remedy: ATTACK,
  },
  SAML_PARAMETER: refused(
    'A SAML parameter is missing, doubled, disguised by percent-encoding, or a request and a response came together.',
    'Look for something between the identity provider and curfew that rewrites query strings.',
  ),
  SAML_RELAY_STATE: refused(
    'RelayState is longer than 1024 bytes; the standard allows 80 (bindings §3.4.3).',
    'Shorten RelayState at the identity provider.',
  ),
  SAML_BASE64: refused(
    'A value that must be base64 is not.',
    'Look for something on the way that rewrites forms or query strings.',
  ),
  SAML_ARTIFACT: refused(
    'The artifact is none of type 4, or names no identity provider, or no address of it, that may send artifacts (bindings §3.6.4).',
    'Set signOn.responseBinding to artifact for that identity provider, and see that its metadata has an ArtifactResolutionService.',
  ),
  SAML_ARTIFACT_UNRESOLVED: {
    status: 502,
    publicMessage,
    meaning:
      'The identity provider did not say what an artifact stands for: it did not answer in time, or with something else, or had no message for it.',
    remedy:
      'The person should start again. If it stays: see the detail in the log, and the log of the identity provider.',
  },
  SAML_DEFLATE: refused('A Redirect message does not inflate, or inflates beyond the limit.', ATTACK),
  SAML_ENCODING: refused(
    'The message is not valid UTF-8.',
    'The identity provider must send UTF-8, whatever its XML declaration says.',
  ),
  SAML_FORBIDDEN_MARKUP: refused(
    'The message holds a DOCTYPE, comment, CDATA section, processing instruction, foreign entity or control character.',
    `Where a program of your own writes its XML, have it write text and elements alone. ${ATTACK}`,
  ),
  SAML_TOO_COMPLEX: refused(
    'The message has more elements, attributes or levels than a message of its kind may have, or namespaces too long: of 256 characters each, and of 64 KiB (Response: 256 KiB) with every use counted.',
    ATTACK,
  ),
  SAML_NOT_XML: refused(
    'The message is not well-formed XML, or something stands beside its root element.',
    'Look for something on the way that rewrites bodies.',
  ),
  SAML_SOAP: {
    status: 500,
    publicMessage,
    meaning:
      'The SOAP envelope is not SOAP 1.1, holds other than one message, or demands a header that nobody here understands.',
    remedy: 'The identity provider must send one LogoutRequest in a SOAP 1.1 Body.',
  },
  SAML_WRONG_KIND: refused(
    'The root element is not a message that is awaited at this address over this binding.',
    AT_IDP,
  ),
  SAML_VERSION: refused('Version is not 2.0 (saml-core §3.2.1).', 'The identity provider must speak SAML 2.0.'),
  SAML_ID: refused('An ID is missing, is no NCName, or occurs twice (saml-core §1.3.4).', ATTACK),
  SAML_NESTED: refused('A message or assertion stands where none may stand: signature wrapping.', ATTACK),
  SAML_ENCRYPTED: refused(
    'What is encrypted cannot be opened: it is meant for another key, was changed on the way, or holds something else than an assertion or a NameID.',
    'Give the identity provider the metadata of `curfew metadata`: it may still encrypt for a key that is no longer under saml.keys.',
  ),
  SAML_ENCRYPTION_ALGORITHM: refused(
    'The message is encrypted with an algorithm that is not allowed, or with AES-CBC without a signature around it (xmlenc-core1 §6.1).',
    'Have it sign the Response as well (AD FS: Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion; Entra ID: Sign SAML response and assertion; Okta: Response signed), or choose AES-GCM and RSA-OAEP there; or do without encryption: saml.offerEncryption: false, and fetch our metadata anew there. RSA 1.5 and Triple DES need allow.rsa15 and allow.tripleDes.',
  ),
  SAML_NOT_ENCRYPTED: refused(
    'The assertion is not encrypted, and wantAssertionsEncrypted is set.',
    'Switch on encryption of assertions for this service at the identity provider.',
  ),
  SAML_SIGNATURE_SHAPE: untrusted(
    'A signature stands in the wrong place, refers to another element, or has parts no signature needs (saml-core §5.4).',
    `Have it sign by the enveloped-signature transform and exclusive canonicalization alone, by an algorithm without parameters. ${ATTACK}`,
  ),
  SAML_SIGNATURE_ALGORITHM: untrusted(
    'The signature uses an algorithm that is not allowed.',
    'Choose RSA-SHA256 at the identity provider, or, knowing what it costs, set allow.sha1.',
  ),
  SAML_UNSIGNED: untrusted(
    'The message is not signed.',
    'Switch on signing for this service at the identity provider: of assertions or Responses, and of LogoutRequests, which is often a setting of its own (docs/idp).',
  ),
  SAML_SIGNATURE_INVALID: untrusted(
    'No trusted certificate verifies the signature.',
    'Fetch the identity provider’s metadata anew: its certificate may have changed.',
  ),
  SAML_METADATA_EXPIRED: {
    status: 503,
    publicMessage: 'Signing in is not possible at the moment.',
    meaning:
      'validUntil of the identity provider’s metadata has passed (saml-metadata §2.3.2); logouts are still taken.',
    remedy:
      'See in the log why it could not be refreshed (metadata-not-refreshed); or fetch the file anew from the identity provider.',
  },
  SAML_METADATA_UNREADABLE: {
    status: 503,
    publicMessage: 'Signing in is not possible at the moment.',
    meaning:
      'The metadata of an identity provider cannot be had from its address, and there is no copy from an earlier time.',
    remedy: 'Make the address reachable from here, or save the metadata as a file and name that.',
  },
  SAML_ISSUER: refused(
    'The Issuer is no configured identity provider, or another than the one whose key signed.',
    'Compare entityID in the identity provider’s metadata; name further values under issuers.',
  ),
  SAML_DESTINATION_MISMATCH: refused(
    'Destination is not the address at which the message arrived (bindings §3.4.5.2, §3.5.5.2).',
    AT_IDP +
      ' The log has both, as `expected` and `received`: another host or scheme means that publicUrl is not what browsers use; an old address of another service provider belongs into saml.aliases.',
  ),
  SAML_ISSUE_INSTANT: refused(
    'IssueInstant is too old or in the future.',
    'Set both clocks by NTP; the log says how far they are apart (`secondsOff`), and saml.clockSkew allows for the rest. A page that was left open, or a bookmark of one, does this too.',
  ),
  SAML_STATUS: refused(
    'The identity provider answered that sign-in failed.',
    'The log has its StatusCodes as `status` and `second`; the identity provider’s own log says why. NoPassive: nobody is signed in there. RequestDenied, NoAuthnContext: its policy for this service.',
  ),
  SAML_SUBJECT: refused(
    'The Subject has no NameID, several, or one with markup inside.',
    'Configure a NameID for this service at the identity provider.',
  ),
  SAML_SUBJECT_CONFIRMATION: refused(
    'No bearer SubjectConfirmation is good for this address and this moment (profiles §4.1.4.2).',
    AT_IDP +
      ' The log says what it falls short of (`reason`): a Recipient that is another address than `expected`, or by how many seconds the time is over (`secondsOff`): set both clocks by NTP.',
  ),
  SAML_IN_RESPONSE_TO: refused(
    'The Response answers no AuthnRequest that this browser is waiting on.',
    'The person should start again from the application; a bookmark of the identity provider’s page does this.',
  ),
  SAML_UNSOLICITED: refused(
    'The Response was not asked for, and neither was the one that came when its identity provider was asked (within a minute).',
    'The identity provider does not say what it answers (InResponseTo). Repair that there, or set allow.unsolicitedResponse.',
  ),
  SAML_CONDITIONS: refused(
    'The Conditions are missing, unknown, or not fulfilled at this moment.',
    'Set both clocks by NTP; the log says which time is not fulfilled (`reason`) and by how much (`secondsOff`), and saml.clockSkew allows for the rest.',
  ),
  SAML_AUDIENCE: refused(
    'The assertion is meant for another service.',
    AT_IDP +
      ' The log has our entity ID as `expected`, and what came as `received`: the identity provider has to have the same one, letter by letter, or set saml.entityId to what it has.',
  ),
  SAML_AUTHN_STATEMENT: refused(
    'There is no AuthnStatement, or its SessionNotOnOrAfter has passed.',
    'Check the clocks and the session lifetime at the identity provider.',
  ),
  SAML_AUTHN_CONTEXT: refused(
    'The identity provider was asked for a certain kind of sign-in (`authnContext` of a rule, or of `signOn`) and answered with another.',
    'Write what it really sends into that list (the log has it as `context`), or have it ask for the second factor.',
  ),
  SAML_FORCE_AUTHN: refused(
    'The identity provider was asked to have the person sign in anew (ForceAuthn) and answered with a sign-in from before (saml-core §3.4.1).',
    'Have it obey ForceAuthn; where it cannot, leave out forceAuthnAfter of the rule, or signOn.forceAuthn. Or its clock is behind: set both by NTP.',
  ),
  SAML_REPLAY: refused(
    'The assertion was used before (profiles §4.1.4.5).',
    'The person should start again from the application.',
  ),
  SAML_LOGGED_OUT: refused(
    'The assertion belongs to a session that the identity provider has since logged out (saml-core §3.7.3.1).',
    'The person should sign in again.',
  ),
  SAML_EXPIRED: refused(
    'NotOnOrAfter of the LogoutRequest has passed (saml-core §3.7.1).',
    'Check the clocks and what delays the identity provider.',
  ),
  SAML_NAME_ID: refused(
    'The LogoutRequest has no NameID that can be read (saml-core §3.7.1).',
    'Configure a NameID for this service at the identity provider.',
  ),
  SAML_SESSION_INDEX: refused('A SessionIndex is empty, or there are more than 64.', ATTACK),
  SAML_ID_REUSED: refused('A message with this ID but other content was answered before.', ATTACK),
  SAML_UNAWAITED: {
    status: 400,
    // People meet it who load the signed-out page again, and must not doubt that they are out.
    publicMessage: 'This page can be opened only once. If you signed out, you are signed out.',
    meaning: 'The LogoutResponse answers no LogoutRequest of ours, or one that was answered already.',
    remedy: 'Harmless: the sessions were ended before the request was sent.',
  },
} as const satisfies Codes;

/** One of them. */
export type SamlCode = keyof typeof SAML_CODES;

/** `throw refuse('SAML_ISSUER', { detail: {…} })`. */
export const refuse = errorsOf(SAML_CODES);
