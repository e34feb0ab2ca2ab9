// The messages we write, element by element (saml-core §3.4.1, §3.7.1, §3.7.2). What a NameID carried is given back byte for
// byte, and nothing is added: AD FS and Shibboleth compare every attribute (saml-core §3.3.4).
//
// Every message is written in its exclusive canonical form (xml-exc-c14n §3), because sign.ts signs the text as it stands:
// a namespace is declared on each element that uses it and whose parent has not, attributes stand in the order of
// their names, no element is empty by `/>`. test/saml/ours/messages.test.ts has every message verified by others.

import type { CurfewError } from '../../kernel/errors.ts';
import type { EpochMs, NameId } from '../../kernel/words.ts';
import { ARTIFACT_URI, BINDING_URI, NS, STATUS } from '../names.ts';
import { Markup, maybe, xml } from './markup.ts';

interface Anyhow {
  readonly id: string;
  readonly issuer: string;
  /** Undefined over SOAP, where it says nothing. */
  readonly destination: string | undefined;
  readonly now: EpochMs;
}

const time = (at: EpochMs): string => new Date(at).toISOString();

const protocol = new Markup(`xmlns:samlp="${NS.protocol}"`);
const assertion = new Markup(`xmlns:saml="${NS.assertion}"`);
const issuedBy = (issuer: string): Markup => xml`<saml:Issuer ${assertion}>${issuer}</saml:Issuer>`;

/** How a sign-in is asked for. */
export interface SignOnWishes {
  /** The person must sign in anew, also with a session at the identity provider. */
  readonly force: boolean;
  /** Nothing may be shown to the person; wins over `force`, with which it can never be answered. */
  readonly passive: boolean;
  /** The Format of the NameID; undefined leaves it to the identity provider. */
  readonly nameIdFormat: string | undefined;
  /** Whether it may make a name that the person has not had yet. */
  readonly allowCreate: boolean;
  /** None: any will do. */
  readonly contexts: readonly string[];
  readonly comparison: 'exact' | 'minimum' | 'better' | 'maximum';
  /** How the answer is to come. */
  readonly responseBinding: 'post' | 'artifact';
}

/** Asks for a sign-in, to be answered at `acs`. */
export const authnRequest = (message: Anyhow & SignOnWishes & { readonly acs: string }): Markup => {
  const { id, issuer, destination, now, acs, force, passive, nameIdFormat, allowCreate } = message;
  const answered = message.responseBinding === 'artifact' ? ARTIFACT_URI : BINDING_URI.post;
  const forced = maybe('ForceAuthn', force && !passive ? 'true' : undefined);
  const silent = maybe('IsPassive', passive ? 'true' : undefined);
  const policy = xml`<samlp:NameIDPolicy AllowCreate="${allowCreate ? 'true' : 'false'}"${maybe('Format', nameIdFormat)}></samlp:NameIDPolicy>`;
  return xml`<samlp:AuthnRequest ${protocol} AssertionConsumerServiceURL="${acs}"${maybe('Destination', destination)}${forced} ID="${id}"${silent} IssueInstant="${time(now)}" ProtocolBinding="${answered}" Version="2.0">${issuedBy(issuer)}${policy}${requestedContext(message)}</samlp:AuthnRequest>`;
};

const requestedContext = ({ contexts, comparison }: SignOnWishes): Markup | undefined =>
  contexts.length === 0
    ? undefined
    : xml`<samlp:RequestedAuthnContext Comparison="${comparison}">${contexts.map(
        (context) => xml`<saml:AuthnContextClassRef ${assertion}>${context}</saml:AuthnContextClassRef>`,
      )}</samlp:RequestedAuthnContext>`;

/**
 * Tells the identity provider that somebody has left. Every SessionIndex goes along, of more than fit into `longestBytes` the first ones, and one
 * in any case: Auth0 and Salesforce insist on it (profiles §4.4.4.1).
 */
export const logoutRequest = (
  message: Anyhow & {
    readonly nameId: NameId;
    readonly sessionIndexes: readonly string[];
    readonly notOnOrAfter: EpochMs;
    readonly reason: 'user' | 'admin' | undefined;
    readonly longestBytes: number;
  },
): Markup => {
  const { id, issuer, destination, now, nameId, notOnOrAfter } = message;
  const reason = message.reason && `urn:oasis:names:tc:SAML:2.0:logout:${message.reason}`;
  const write = (indexes: readonly Markup[]): Markup =>
    xml`<samlp:LogoutRequest ${protocol}${maybe('Destination', destination)} ID="${id}" IssueInstant="${time(now)}" NotOnOrAfter="${time(notOnOrAfter)}"${maybe('Reason', reason)} Version="2.0">${issuedBy(issuer)}${nameIdOf(nameId)}${indexes}</samlp:LogoutRequest>`;
  let left = message.longestBytes - Buffer.byteLength(write([]).text);
  const fitting = message.sessionIndexes
    .map((index) => xml`<samlp:SessionIndex>${index}</samlp:SessionIndex>`)
    .filter(({ text }, at) => {
      left -= Buffer.byteLength(text);
      return left >= 0 || at === 0;
    });
  return write(fitting);
};

const nameIdOf = (nameId: NameId): Markup =>
  xml`<saml:NameID ${assertion}${maybe('Format', nameId.format)}${maybe('NameQualifier', nameId.nameQualifier)}${maybe('SPNameQualifier', nameId.spNameQualifier)}${maybe('SPProvidedID', nameId.spProvidedId)}>${nameId.value}</saml:NameID>`;

/** What a LogoutResponse says: all ended, not all ended, or the request was authentic but is not carried out, and in what words. */
export type LogoutStatus = 'success' | 'partial' | 'requester' | 'unsupported' | 'version';

/** How a request that was signed but refused is answered: no more than what its sender did wrong in the standard's own words. */
export function statusFor({ code, detail }: CurfewError): LogoutStatus {
  if (code === 'SAML_VERSION') return 'version';
  return detail['reason'] === 'BaseID' ? 'unsupported' : 'requester';
}

const statusCode = (value: string, second = xml``): Markup =>
  xml`<samlp:StatusCode Value="${value}">${second}</samlp:StatusCode>`;

const STATUS_CODES: Readonly<Record<LogoutStatus, Markup>> = {
  success: statusCode(STATUS.success),
  // saml-core §3.7.3.2: what could not be ended is said at the second level, under Responder.
  partial: statusCode(STATUS.responder, statusCode(STATUS.partialLogout)),
  requester: statusCode(STATUS.requester),
  unsupported: statusCode(STATUS.requester, statusCode(STATUS.requestUnsupported)),
  version: statusCode(STATUS.versionMismatch),
};

/** Answers a LogoutRequest. */
export const logoutResponse = (
  message: Anyhow & { readonly inResponseTo: string; readonly status: LogoutStatus },
): Markup => {
  const { id, issuer, destination, now, inResponseTo, status } = message;
  return xml`<samlp:LogoutResponse ${protocol}${maybe('Destination', destination)} ID="${id}" InResponseTo="${inResponseTo}" IssueInstant="${time(now)}" Version="2.0">${issuedBy(issuer)}<samlp:Status>${STATUS_CODES[status]}</samlp:Status></samlp:LogoutResponse>`;
};

/** Asks for the message that an artifact stands for (saml-core §3.5.1). */
export const artifactResolve = (message: Anyhow & { readonly artifact: string }): Markup => {
  const { id, issuer, destination, now, artifact } = message;
  return xml`<samlp:ArtifactResolve ${protocol}${maybe('Destination', destination)} ID="${id}" IssueInstant="${time(now)}" Version="2.0">${issuedBy(issuer)}<samlp:Artifact>${artifact}</samlp:Artifact></samlp:ArtifactResolve>`;
};
