// Judges a captured message by the guard's own rows, all of them and not only up to the first that fails. Does nothing, remembers nothing, and makes
// nothing that may act: what comes out carries no brand (guard/guard.ts).

import type { KeyObject } from 'node:crypto';
import type { EpochMs } from '../../kernel/words.ts';
import type { Arrived } from '../arrived.ts';
import { sameAddress } from '../guard/checks/destination.ts';
import { instant } from '../guard/checks/issue-instant.ts';
import { LAWS, type Law } from '../guard/laws.ts';
import type { Signed, Structure, TrustedIdp } from '../guard/message.ts';
import { claimedIdp, readArrived, sendersOf, signersOf, vouchedFor } from '../guard/open.ts';
import { openInside, whatWasSigned } from '../guard/signed.ts';
import { MEANING, rowsFor, STRUCTURE } from '../guard/table.ts';
import type { MessageKind } from '../names.ts';
import { attribute, child } from '../xml/elements.ts';
import { NO_MEMORY, openJudging, type Judgement, type Judging } from './judging.ts';
import { openWhatIsEncrypted } from './opened.ts';
import type { XmlElement } from '../xml/tree.ts';

/** A message as somebody captured it. */
export interface Capture {
  /** Reads it as a binding does. Throws a SAML_* code. */
  arrive(): Arrived;
  /** Where it arrived; undefined where the capture does not say. */
  readonly endpoint: string | undefined;
  /** `alone`: only the message, without the query or form it came in. */
  readonly extent: 'query' | 'form' | 'body' | 'alone';
}

/** What it is measured against. */
export interface ExplainWith<Idp extends TrustedIdp> {
  readonly idps: readonly Idp[];
  readonly entityId: string;
  readonly clockSkewMs: number;
  readonly decryptionKeys: readonly KeyObject[];
  /** Our addresses, the one for Responses first. */
  readonly endpoints: readonly [string, ...string[]];
  /** The moment to judge it at; `issued`: that of its IssueInstant. */
  readonly at: EpochMs | 'issued';
  /** The machine's time, for a message whose IssueInstant cannot be read. */
  readonly now: EpochMs;
}

/** What was read of the message. */
export interface Read<Idp extends TrustedIdp> {
  readonly kind: MessageKind;
  readonly arrived: Arrived;
  /** The document as it arrived, with what is encrypted for us opened. */
  readonly shown: XmlElement;
  /** Where the values are read: from what was signed, if `isVouched`. */
  readonly message: Signed;
  readonly isVouched: boolean;
  /** Undefined where no configured identity provider is named, nor has signed it. */
  readonly idp: Idp | undefined;
  readonly endpoint: string;
  readonly at: EpochMs;
}

/** Every judgement, and the message where it could be read at all. */
export interface Explanation<Idp extends TrustedIdp> {
  readonly judgements: readonly Judgement[];
  readonly read: Read<Idp> | undefined;
}

const NOT_THE_QUERY = 'the signature is in the query, and the capture is the message alone';
const NOT_THE_CERTIFICATE = 'a client certificate may vouch for it, and the capture has none';
const NO_ASSERTION = 'there is no assertion';
const NOBODY = 'no identity provider is known for it';
const ABOUT_THE_ASSERTION: ReadonlySet<Law> = new Set<Law>([
  ...[
    LAWS.subject,
    LAWS.subjectConfirmation,
    LAWS.conditions,
    LAWS.authnStatement,
    LAWS.authnContext,
    LAWS.forceAuthn,
    LAWS.usedOnce,
  ],
]);
/** What may come to light when signatures are verified and what is encrypted is opened. */
const SIGNED: readonly Law[] = [
  ...[LAWS.ids, LAWS.nesting, LAWS.signatureShape, LAWS.signatureRequired, LAWS.encryption, LAWS.signature],
];

/** Judges it. Never throws for what is in the capture. */
export async function explain<Idp extends TrustedIdp>(
  capture: Capture,
  given: ExplainWith<Idp>,
): Promise<Explanation<Idp>> {
  const judging = openJudging();
  const arrived = judging.attempt(transportOf(capture), () => capture.arrive());
  const found = arrived && opened(arrived, capture, judging, given);
  if (arrived === undefined || found === undefined) return { judgements: judging.all(), read: undefined };

  const { kind, structure, idp, notCaptured } = found;
  const at = given.at === 'issued' ? (instant(attribute(structure.root, 'IssueInstant')) ?? given.now) : given.at;
  const endpoint = capture.endpoint ?? assumedEndpoint(structure, given.endpoints);
  for (const [check, law] of rowsFor(STRUCTURE, kind)) judging.attempt([law], () => check(structure));

  const signed = idp && whatIsSigned(structure, endpoint, judging, given);
  // The signature was taken out of what was judged above, and what is encrypted opened in it.
  const fresh: Structure = { ...structure, root: readArrived(arrived).root };
  const shown = readArrived(arrived).root;
  openWhatIsEncrypted(shown, kind, given.decryptionKeys);
  const message = signed ?? unvouched(fresh, endpoint, given.decryptionKeys);
  const hasAssertion = kind !== 'Response' || message.assertion !== message.root;
  const expected = {
    ...{ entityId: given.entityId, now: at, clockSkewMs: given.clockSkewMs, browser: undefined },
    ...{ memory: NO_MEMORY, decryptionKeys: given.decryptionKeys },
  };
  for (const [check, law] of rowsFor(MEANING, kind)) {
    if (idp === undefined && law !== LAWS.version) judging.unjudged(law, NOBODY);
    else if (!hasAssertion && ABOUT_THE_ASSERTION.has(law)) judging.unjudged(law, NO_ASSERTION);
    else await judging.row(law, () => check(message, expected));
  }
  if (kind === 'Response') judging.unjudged(LAWS.tombstone);
  if (kind === 'LogoutRequest') judging.unjudged(LAWS.repeated);
  const isSigned = signed !== undefined && (signed.signedRoot || kind === 'Response');
  const isQueryGood = arrived.binding !== 'redirect' || judging.has(LAWS.querySignature, 'passed');
  const isVouched = isSigned && isQueryGood && notCaptured === undefined;
  return {
    judgements: judging.all(),
    read: { kind, arrived, shown, message, isVouched, idp, endpoint, at },
  };
}

/** The checks before the first element is seen, as far as the capture has what they judge. */
function transportOf({ extent }: Capture): Law[] {
  const hasParameters = extent === 'query' || extent === 'form';
  return [LAWS.size, ...(hasParameters ? [LAWS.parameters, LAWS.relayState] : []), LAWS.base64].filter(
    (law) => law !== LAWS.base64 || extent !== 'body',
  );
}

/** Transport and lexical checks; undefined where nothing can be read after them. */
function opened<Idp extends TrustedIdp>(
  arrived: Arrived,
  { extent }: Capture,
  judging: Judging,
  { idps }: ExplainWith<Idp>,
): { kind: MessageKind; structure: Structure; idp: Idp | undefined; notCaptured: string | undefined } | undefined {
  const isRedirect = arrived.binding === 'redirect';
  let signers: readonly TrustedIdp[] | undefined;
  if (isRedirect && extent === 'alone') judging.unjudged(LAWS.querySignature, NOT_THE_QUERY);
  else if (isRedirect) signers = judging.attempt([LAWS.querySignature], () => signersOf(arrived, idps));
  const lexical = [...(isRedirect ? [LAWS.inflates] : []), LAWS.markup, LAWS.wellFormed, LAWS.kind];
  const read = judging.attempt(lexical, () => readArrived(arrived));
  if (read === undefined) return undefined;
  const { root, kind } = read;
  const claimed = judging.attempt([LAWS.issuer], () => claimedIdp(root, signers ?? sendersOf(arrived, idps)));
  const idp = idps.find(({ name }) => name === (claimed ?? (idps.length === 1 ? idps[0] : signers?.[0]))?.name);
  // Without an identity provider nothing is allowed, and no key is there.
  const whose = idp ?? NO_IDP;
  const notCaptured = outsideOfCapture(arrived, root, whose, extent);
  if (notCaptured !== undefined) judging.unjudged(LAWS.signatureRequired, notCaptured);
  const signedOutside = vouchedFor(arrived, whose) || notCaptured !== undefined;
  return { kind, idp, notCaptured, structure: { kind, binding: arrived.binding, root, signedOutside, idp: whose } };
}

/** What may vouch for the message and is not in the capture; undefined where the capture has all there can be. */
function outsideOfCapture(arrived: Arrived, root: XmlElement, idp: TrustedIdp, extent: Capture['extent']) {
  if (arrived.binding === 'redirect') return extent === 'alone' ? NOT_THE_QUERY : undefined;
  const isSigned = child(root, 'signature', 'Signature') !== undefined;
  return idp.allow.tlsInsteadOfSignature && arrived.field === 'SAMLRequest' && !isSigned
    ? NOT_THE_CERTIFICATE
    : undefined;
}

const NO_IDP: TrustedIdp = {
  ...{ name: '', entityId: '', issuers: [], keys: [], validUntil: undefined, wantAssertionsEncrypted: false },
  clientCertificateNames: [],
  allow: {
    ...{ sha1: false, rsa15: false, tripleDes: false, tlsInsteadOfSignature: false },
    ...{ unsolicitedResponse: false, unsignedLogoutResponse: false },
  },
};

/** The one of ours that its Destination names; where none is named, the one that its kind goes to. */
function assumedEndpoint({ root, kind }: Structure, endpoints: readonly [string, ...string[]]): string {
  const named = attribute(root, 'Destination') ?? '';
  const [acs, slo = acs] = endpoints;
  return endpoints.find((endpoint) => sameAddress(named, endpoint)) ?? (kind === 'Response' ? acs : slo);
}

/** What a trusted key signed; undefined where that cannot be said of it. */
function whatIsSigned(
  structure: Structure,
  endpoint: string,
  judging: Judging,
  { decryptionKeys }: Pick<ExplainWith<TrustedIdp>, 'decryptionKeys'>,
): Signed | undefined {
  const { kind, root } = structure;
  if (judging.has(LAWS.signatureShape, 'failed') || judging.has(LAWS.nesting, 'failed')) {
    judging.unjudged(LAWS.signature, 'the signature is not where and what it may be');
    return undefined;
  }
  const encrypted = child(root, 'assertion', 'EncryptedAssertion');
  if (kind === 'Response' && encrypted === undefined && child(root, 'assertion', 'Assertion') === undefined) {
    judging.unjudged(LAWS.signature, NO_ASSERTION);
    return undefined;
  }
  const hasSignature = [root, child(root, 'assertion', 'Assertion')].some(
    (element) => element && child(element, 'signature', 'Signature') !== undefined,
  );
  const laws = hasSignature || encrypted !== undefined ? SIGNED : SIGNED.filter((law) => law !== LAWS.signature);
  const signed = judging.attempt(laws, () => whatWasSigned(structure, endpoint, decryptionKeys));
  return signed && judging.attempt([LAWS.encryption], () => (openInside(signed, decryptionKeys), signed));
}

/** The message as it arrived, for the checks that can be made on it all the same. */
function unvouched(
  { kind, binding, root, idp, signedOutside }: Structure,
  endpoint: string,
  keys: readonly KeyObject[],
) {
  openWhatIsEncrypted(root, kind, keys);
  const signedRoot = signedOutside || child(root, 'signature', 'Signature') !== undefined;
  const assertion = (kind === 'Response' && child(root, 'assertion', 'Assertion')) || root;
  return { kind, binding, endpoint, idp, root, signedRoot, assertion } satisfies Signed;
}
