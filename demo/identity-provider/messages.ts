// Builds messages out of exactly the fields it is given. A field that is absent or undefined is left out of the message, however
// much SAML demands it: tests take a valid set of fields (fields.ts) and break one.

import { NS } from './names.ts';
import { element, textElement, type XmlAttributes } from './xml.ts';

/** Every field may be left out. */
export type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

export type NameIdFields = Loose<{
  value: string;
  format: string;
  nameQualifier: string;
  spNameQualifier: string;
  spProvidedId: string;
}>;

/** What every message has (saml-core §3.2.1, §3.2.2). Times are ISO texts. */
export type CommonFields = Loose<{
  id: string;
  version: string;
  issueInstant: string;
  destination: string;
  inResponseTo: string;
  issuer: string;
  issuerFormat: string;
  /** Further attributes of the root, by qualified name. */
  attributes: XmlAttributes;
  /** XML inside samlp:Extensions. */
  extensions: string;
  /** Puts an XML declaration in front. */
  declaration: boolean;
}>;

/** StatusCodes from the outermost in; a message in words. */
export type StatusFields = Loose<{ codes: readonly string[]; message: string }>;

export type LogoutRequestFields = CommonFields &
  Loose<{
    notOnOrAfter: string;
    reason: string;
    nameId: NameIdFields;
    /** XML in place of the NameID, as BaseID or EncryptedID. */
    identifier: string;
    sessionIndexes: readonly string[];
  }>;

export type LogoutResponseFields = CommonFields & Loose<{ status: StatusFields }>;

export type ConfirmationFields = Loose<{
  method: string;
  recipient: string;
  inResponseTo: string;
  notBefore: string;
  notOnOrAfter: string;
}>;

export type AssertionFields = Loose<{
  id: string;
  version: string;
  issueInstant: string;
  issuer: string;
  issuerFormat: string;
  nameId: NameIdFields;
  confirmations: readonly ConfirmationFields[];
  conditions: Loose<{
    notBefore: string;
    notOnOrAfter: string;
    /** One AudienceRestriction each. */
    audiences: readonly (readonly string[])[];
    /** Further conditions, as XML. */
    more: string;
  }>;
  authnStatements: readonly Loose<{
    authnInstant: string;
    sessionIndex: string;
    sessionNotOnOrAfter: string;
    contextClass: string;
  }>[];
  attributes: readonly Loose<{ name: string; nameFormat: string; friendlyName: string; values: readonly string[] }>[];
}>;

export type ResponseFields = CommonFields &
  Loose<{
    status: StatusFields;
    assertion: AssertionFields;
    /** XML after the assertion, as an EncryptedAssertion or one assertion too many. */
    more: string;
  }>;

const ROOT = { 'xmlns:samlp': NS.protocol, 'xmlns:saml': NS.assertion };

export const logoutRequestXml = (fields: LogoutRequestFields): string =>
  message(
    'samlp:LogoutRequest',
    fields,
    { NotOnOrAfter: fields.notOnOrAfter, Reason: fields.reason },
    fields.identifier ?? nameIdXml(fields.nameId),
    ...(fields.sessionIndexes ?? []).map((index) => textElement('samlp:SessionIndex', index)),
  );

export const logoutResponseXml = (fields: LogoutResponseFields): string =>
  message('samlp:LogoutResponse', fields, {}, statusXml(fields.status));

export const responseXml = (fields: ResponseFields): string =>
  message(
    'samlp:Response',
    fields,
    {},
    statusXml(fields.status),
    fields.assertion && assertionXml(fields.assertion),
    fields.more,
  );

/** Declares its own namespace, so that it can be lifted out of its Response. */
export const assertionXml = (fields: AssertionFields): string =>
  element(
    'saml:Assertion',
    { 'xmlns:saml': NS.assertion, ID: fields.id, Version: fields.version, IssueInstant: fields.issueInstant },
    textElement('saml:Issuer', fields.issuer, { Format: fields.issuerFormat }),
    element('saml:Subject', {}, nameIdXml(fields.nameId), ...(fields.confirmations ?? []).map(confirmationXml)),
    fields.conditions && conditionsXml(fields.conditions),
    ...(fields.authnStatements ?? []).map((statement) =>
      element(
        'saml:AuthnStatement',
        {
          AuthnInstant: statement.authnInstant,
          SessionIndex: statement.sessionIndex,
          SessionNotOnOrAfter: statement.sessionNotOnOrAfter,
        },
        element('saml:AuthnContext', {}, textElement('saml:AuthnContextClassRef', statement.contextClass)),
      ),
    ),
    fields.attributes && element('saml:AttributeStatement', {}, ...fields.attributes.map(attributeXml)),
  );

export const nameIdXml = (nameId: NameIdFields | undefined): string | undefined =>
  textElement('saml:NameID', nameId?.value, {
    Format: nameId?.format,
    NameQualifier: nameId?.nameQualifier,
    SPNameQualifier: nameId?.spNameQualifier,
    SPProvidedID: nameId?.spProvidedId,
  });

const message = (
  name: string,
  fields: CommonFields,
  attributes: XmlAttributes,
  ...content: readonly (string | undefined)[]
): string =>
  (fields.declaration ? '<?xml version="1.0" encoding="UTF-8"?>' : '') +
  element(
    name,
    {
      ...ROOT,
      ID: fields.id,
      Version: fields.version,
      IssueInstant: fields.issueInstant,
      Destination: fields.destination,
      InResponseTo: fields.inResponseTo,
      ...attributes,
      ...fields.attributes,
    },
    textElement('saml:Issuer', fields.issuer, { Format: fields.issuerFormat }),
    fields.extensions === undefined ? undefined : element('samlp:Extensions', {}, fields.extensions),
    ...content,
  );

const statusXml = (status: StatusFields | undefined): string | undefined =>
  status &&
  element(
    'samlp:Status',
    {},
    (status.codes ?? []).reduceRight<string | undefined>(
      (inner, code) => element('samlp:StatusCode', { Value: code }, inner),
      undefined,
    ),
    textElement('samlp:StatusMessage', status.message),
  );

const confirmationXml = (confirmation: ConfirmationFields): string =>
  element(
    'saml:SubjectConfirmation',
    { Method: confirmation.method },
    element('saml:SubjectConfirmationData', {
      NotBefore: confirmation.notBefore,
      NotOnOrAfter: confirmation.notOnOrAfter,
      Recipient: confirmation.recipient,
      InResponseTo: confirmation.inResponseTo,
    }),
  );

const conditionsXml = (conditions: NonNullable<AssertionFields['conditions']>): string =>
  element(
    'saml:Conditions',
    { NotBefore: conditions.notBefore, NotOnOrAfter: conditions.notOnOrAfter },
    ...(conditions.audiences ?? []).map((audiences) =>
      element('saml:AudienceRestriction', {}, ...audiences.map((audience) => textElement('saml:Audience', audience))),
    ),
    conditions.more,
  );

const attributeXml = (attribute: NonNullable<AssertionFields['attributes']>[number]): string =>
  element(
    'saml:Attribute',
    { Name: attribute.name, NameFormat: attribute.nameFormat, FriendlyName: attribute.friendlyName },
    ...(attribute.values ?? []).map((value) => textElement('saml:AttributeValue', value)),
  );
