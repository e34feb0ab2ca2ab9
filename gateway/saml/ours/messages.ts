// The messages we write, element by element (saml-core §3.4.1, §3.7.1, §3.7.2). What a NameID carried is given back byte for
// byte, and nothing is added: AD FS and Shibboleth compare every attribute (saml-core §3.3.4).

import type { EpochMs, NameId } from '../../kernel/words.ts';
import { BINDING_URI, NS, STATUS } from '../names.ts';
import { Markup, maybe, xml } from './markup.ts';

interface Anyhow {
  readonly id: string;
  readonly issuer: string;
  /** Undefined over SOAP, where it says nothing. */
  readonly destination: string | undefined;
  readonly now: EpochMs;
}

const time = (at: EpochMs): string => new Date(at).toISOString();

const namespaces = new Markup(`xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}"`);

/** Asks for a sign-in, to be answered by POST at `acs`. */
export const authnRequest = ({ id, issuer, destination, now, acs }: Anyhow & { readonly acs: string }): Markup =>
  xml`<samlp:AuthnRequest ${namespaces} ID="${id}" Version="2.0" IssueInstant="${time(now)}"${maybe('Destination', destination)} ProtocolBinding="${BINDING_URI.post}" AssertionConsumerServiceURL="${acs}"><saml:Issuer>${issuer}</saml:Issuer><samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>`;

/** Tells the identity provider that the person has left. Every SessionIndex goes along; Auth0 and Salesforce insist on one. */
export const logoutRequest = (
  message: Anyhow & {
    readonly nameId: NameId;
    readonly sessionIndexes: readonly string[];
    readonly notOnOrAfter: EpochMs;
  },
): Markup => {
  const { id, issuer, destination, now, nameId, notOnOrAfter } = message;
  const indexes = message.sessionIndexes.map((index) => xml`<samlp:SessionIndex>${index}</samlp:SessionIndex>`);
  return xml`<samlp:LogoutRequest ${namespaces} ID="${id}" Version="2.0" IssueInstant="${time(now)}"${maybe('Destination', destination)} NotOnOrAfter="${time(notOnOrAfter)}" Reason="urn:oasis:names:tc:SAML:2.0:logout:user"><saml:Issuer>${issuer}</saml:Issuer>${nameIdOf(nameId)}${indexes}</samlp:LogoutRequest>`;
};

const nameIdOf = (nameId: NameId): Markup =>
  xml`<saml:NameID${maybe('Format', nameId.format)}${maybe('NameQualifier', nameId.nameQualifier)}${maybe('SPNameQualifier', nameId.spNameQualifier)}${maybe('SPProvidedID', nameId.spProvidedId)}>${nameId.value}</saml:NameID>`;

/** What a LogoutResponse says: all ended, not all ended, or the request was authentic but is not carried out. */
export type LogoutStatus = 'success' | 'partial' | 'requester';

const STATUS_CODES: Readonly<Record<LogoutStatus, Markup>> = {
  success: new Markup(`<samlp:StatusCode Value="${STATUS.success}"/>`),
  // saml-core §3.7.3.2: what could not be ended is said at the second level, under Responder.
  partial: new Markup(
    `<samlp:StatusCode Value="${STATUS.responder}"><samlp:StatusCode Value="${STATUS.partialLogout}"/></samlp:StatusCode>`,
  ),
  requester: new Markup(`<samlp:StatusCode Value="${STATUS.requester}"/>`),
};

/** Answers a LogoutRequest. */
export const logoutResponse = (
  message: Anyhow & { readonly inResponseTo: string; readonly status: LogoutStatus },
): Markup => {
  const { id, issuer, destination, now, inResponseTo, status } = message;
  return xml`<samlp:LogoutResponse ${namespaces} ID="${id}" Version="2.0" IssueInstant="${time(now)}"${maybe('Destination', destination)} InResponseTo="${inResponseTo}"><saml:Issuer>${issuer}</saml:Issuer><samlp:Status>${STATUS_CODES[status]}</samlp:Status></samlp:LogoutResponse>`;
};
