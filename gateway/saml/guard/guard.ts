// The guard: what passes it was signed, by a trusted key, exactly as it is read, for us and for now (P4). Everything
// else is a refusal with its reason, and has used up nothing.

import { hash } from 'node:crypto';
import { CurfewError } from '../../kernel/errors.ts';
import type { Arrived } from '../arrived.ts';
import { canonicalize, IMPLICIT_CANONICALIZATION } from '../algorithms.ts';
import { refuse } from '../codes.ts';
import { STATUS } from '../names.ts';
import { attribute } from '../xml/elements.ts';
import { namespacesInScope } from '../xml/namespaces.ts';
import { attributesOf } from './attributes.ts';
import { authentication } from './checks/authn-statement.ts';
import { instant } from './checks/issue-instant.ts';
import { sessionIndexesOf } from './checks/session-index.ts';
import { questionOf } from './question.ts';
import { statusCodes } from './checks/status.ts';
import { namesOf, onlyNameId } from './checks/subject.ts';
import type {
  Expected,
  Signed,
  Structure,
  TrustedIdp,
  Unbranded,
  Verified,
  VerifiedLogoutRequest,
  VerifiedLogoutResponse,
  VerifiedResponse,
} from './message.ts';
import { openArrived } from './open.ts';
import { openInside, whatWasSigned } from './signed.ts';
import { checksFor, MEANING, STRUCTURE } from './table.ts';

/** A message that did not pass. */
export interface Refusal {
  readonly kind: 'refused';
  readonly error: CurfewError;
  /** Who signed it, where the signature was good: only then may the sender be told more than "no". */
  readonly signedBy: TrustedIdp | undefined;
  /** The identity provider that the message named; nobody vouches for it. */
  readonly claimed: string | undefined;
  readonly messageId: string | undefined;
  /** The question that a Response without success says it answers; nobody vouches for it. */
  readonly failureOf?: string | undefined;
}

/** Judges one message. Never throws for what a sender can do; a store that fails does reject. */
export async function inspect(
  arrived: Arrived,
  idps: readonly TrustedIdp[],
  expected: Expected,
): Promise<Verified | Refusal> {
  let structure: Structure | undefined;
  let signed: Signed | undefined;
  try {
    structure = openArrived(arrived, idps);
    for (const check of checksFor(STRUCTURE, structure.kind)) check(structure);
    signed = whatWasSigned(structure, arrived.endpoint, expected.decryptionKeys);
    openInside(signed, expected.decryptionKeys);
    for (const check of checksFor(MEANING, structure.kind)) await check(signed, expected);
    return await verified(signed, arrived, expected);
  } catch (error) {
    if (!(error instanceof CurfewError) || !error.code.startsWith('SAML_')) throw error;
    const messageId = structure && attribute(structure.root, 'ID')?.slice(0, 256);
    // A LogoutResponse may come unsigned where the operator allows it: then nobody vouches for it.
    const signedBy = signed?.signedRoot === true || signed?.kind === 'Response' ? signed.idp : undefined;
    const failureOf = structure && failedQuestion(structure);
    return { kind: 'refused', error, signedBy, claimed: structure?.idp.name, messageId, failureOf };
  }
}

/** Read from what arrived, signed or not: an identity provider often leaves an answer without success unsigned. */
function failedQuestion({ kind, root }: Structure): string | undefined {
  const [top] = kind === 'Response' ? statusCodes(root) : [];
  return top === undefined || top === STATUS.success ? undefined : attribute(root, 'InResponseTo')?.slice(0, 256);
}

/** The brand is put on here and nowhere else. */
async function verified(message: Signed, arrived: Arrived, expected: Expected): Promise<Verified> {
  const { root, idp, kind, binding } = message;
  const common = { id: attribute(root, 'ID') ?? '', idp, binding, relayState: arrived.relayState };
  switch (kind) {
    case 'Response':
      return branded<VerifiedResponse>({ ...common, kind, ...(await response(message, expected)) });
    case 'LogoutRequest':
      return branded<VerifiedLogoutRequest>({ ...common, kind, ...logoutRequest(message) });
    case 'LogoutResponse':
      return branded<VerifiedLogoutResponse>({ ...common, kind, ...(await logoutResponse(message, expected)) });
  }
}

const branded = <V extends Verified>(facts: Unbranded<V>): V => facts as unknown as V;

async function response(message: Signed, { memory }: Expected) {
  const { assertion, idp } = message;
  const authn = authentication(assertion);
  const inResponseTo = questionOf(message.root);
  const request = inResponseTo === undefined ? undefined : await memory.takeAuthnRequest(inResponseTo);
  // Two Responses to one AuthnRequest at the same moment: the second finds it taken.
  if (inResponseTo !== undefined && request === undefined)
    throw refuse('SAML_IN_RESPONSE_TO', { detail: { reason: 'used' } });
  return {
    assertionId: attribute(assertion, 'ID') ?? '',
    identity: {
      idp: idp.name,
      ...namesOf(assertion, idp),
      sessionIndexes: authn.sessionIndexes,
      attributes: attributesOf(assertion, idp),
      authnInstant: authn.instant,
      authnContext: authn.context,
    },
    sessionNotOnOrAfter: authn.sessionNotOnOrAfter,
    request,
  };
}

function logoutRequest({ root }: Signed) {
  const nameId = onlyNameId(root);
  const issueInstant = instant(attribute(root, 'IssueInstant'));
  if (nameId === undefined || issueInstant === undefined) throw refuse('SAML_NAME_ID');
  return {
    issueInstant,
    notOnOrAfter: instant(attribute(root, 'NotOnOrAfter')),
    nameId,
    sessionIndexes: sessionIndexesOf(root),
    digest: hash('sha256', canonicalize(root, IMPLICIT_CANONICALIZATION, namespacesInScope(root), []), 'base64url'),
  };
}

async function logoutResponse({ root }: Signed, { memory }: Expected) {
  const id = attribute(root, 'InResponseTo');
  const request = id === undefined ? undefined : await memory.takeLogoutRequest(id);
  // Two answers to one LogoutRequest at the same moment: the second finds it taken.
  if (request === undefined) throw refuse('SAML_UNAWAITED');
  return { outcome: outcomeOf(statusCodes(root)), request };
}

function outcomeOf(codes: readonly string[]): VerifiedLogoutResponse['outcome'] {
  if (codes.includes(STATUS.partialLogout)) return 'partial';
  return codes[0] === STATUS.success ? 'success' : 'failed';
}
