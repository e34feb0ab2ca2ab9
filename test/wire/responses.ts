// Responses as products write them that no other test plays: prefixes, order, white space and extras, from their sources and from captures that people
// have published. Shares no line with the gateway.

import { randomBytes, randomUUID } from 'node:crypto';
import type { SigningOptions } from '../../demo/identity-provider/sign.ts';

/** What stands in one Response. */
export interface ResponseFacts {
  readonly now: number;
  readonly issuer: string;
  readonly audience: string;
  readonly acs: string;
  readonly inResponseTo: string;
  readonly nameId: string;
}

/** One product's way of writing. `signs`: by its ID, the last first; the names of elements. */
export interface ResponseShape {
  readonly write: (facts: ResponseFacts) => string;
  readonly signs: readonly ('Assertion' | 'Response')[];
  readonly signing?: SigningOptions;
  /** InclusiveNamespaces/@PrefixList: then xmlsec1 signs. */
  readonly prefixList?: string;
}

const P = 'urn:oasis:names:tc:SAML:2.0:protocol';
const A = 'urn:oasis:names:tc:SAML:2.0:assertion';
const XS = 'http://www.w3.org/2001/XMLSchema';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const CLASSES = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';

const iso = (now: number, seconds = 0): string => new Date(now + seconds * 1000).toISOString();
const whole = (now: number, seconds = 0): string => iso(now, seconds).replace(/\.\d+/, '');
/** As .NET writes ticks. */
const ticks = (now: number, seconds = 0): string => iso(now, seconds).replace('Z', '1234Z');
const hex = (bytes = 16): string => randomBytes(bytes).toString('hex');

/** Each by the product’s name. */
export const RESPONSES = {
  'pysaml2, SATOSA, djangosaml2idp': {
    signs: ['Assertion', 'Response'],
    signing: { prefix: 'ns2', javaLines: false },
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) => `<?xml version='1.0' encoding='UTF-8'?>
<ns0:Response xmlns:ns0="${P}" xmlns:ns1="${A}" xmlns:xs="${XS}" xmlns:xsi="${XSI}" Destination="${acs}" ID="id-${hex(8)}" InResponseTo="${inResponseTo}" IssueInstant="${whole(now)}" Version="2.0"><ns1:Issuer Format="${ENTITY}">${issuer}</ns1:Issuer><ns0:Status><ns0:StatusCode Value="${SUCCESS}" /></ns0:Status><ns1:Assertion ID="id-${hex(8)}" IssueInstant="${whole(now)}" Version="2.0"><ns1:Issuer Format="${ENTITY}">${issuer}</ns1:Issuer><ns1:Subject><ns1:NameID Format="${EMAIL}" NameQualifier="${issuer}" SPNameQualifier="${audience}">${nameId}</ns1:NameID><ns1:SubjectConfirmation Method="${BEARER}"><ns1:SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${whole(now, 900)}" Recipient="${acs}" /></ns1:SubjectConfirmation></ns1:Subject><ns1:Conditions NotBefore="${whole(now)}" NotOnOrAfter="${whole(now, 900)}"><ns1:AudienceRestriction><ns1:Audience>${audience}</ns1:Audience></ns1:AudienceRestriction></ns1:Conditions><ns1:AuthnStatement AuthnInstant="${whole(now)}" SessionIndex="id-${hex(8)}"><ns1:AuthnContext><ns1:AuthnContextClassRef>${CLASSES}Password</ns1:AuthnContextClassRef><ns1:AuthenticatingAuthority>${issuer}</ns1:AuthenticatingAuthority></ns1:AuthnContext></ns1:AuthnStatement><ns1:AttributeStatement><ns1:Attribute FriendlyName="groups" Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><ns1:AttributeValue xsi:type="xs:string">staff</ns1:AttributeValue></ns1:Attribute></ns1:AttributeStatement></ns1:Assertion></ns0:Response>`,
  },
  'ComponentSpace, Sustainsys (.NET)': {
    signs: ['Response'],
    prefixList: '#default samlp saml ds xs xsi',
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response ID="_${randomUUID()}" Version="2.0" IssueInstant="${ticks(now)}" Destination="${acs}" InResponseTo="${inResponseTo}" xmlns:samlp="${P}"><saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}" /></samlp:Status><saml:Assertion Version="2.0" ID="_${randomUUID()}" IssueInstant="${ticks(now)}" xmlns:saml="${A}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID>${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData NotOnOrAfter="${ticks(now, 300)}" Recipient="${acs}" InResponseTo="${inResponseTo}" /></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${ticks(now, -300)}" NotOnOrAfter="${ticks(now, 300)}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${ticks(now)}"><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>`,
  },
  'saml_idp (Ruby)': {
    signs: ['Assertion'],
    prefixList: '#default samlp saml ds xs xsi',
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response ID="_${randomUUID()}" Version="2.0" IssueInstant="${whole(now)}" Destination="${acs}" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" InResponseTo="${inResponseTo}" xmlns:samlp="${P}"><Issuer xmlns="${A}">${issuer}</Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"></samlp:StatusCode></samlp:Status><Assertion xmlns="${A}" ID="_${randomUUID()}" IssueInstant="${whole(now)}" Version="2.0"><Issuer>${issuer}</Issuer><Subject><NameID Format="${EMAIL}">${nameId}</NameID><SubjectConfirmation Method="${BEARER}"><SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${whole(now, 180)}" Recipient="${acs}"></SubjectConfirmationData></SubjectConfirmation></Subject><Conditions NotBefore="${whole(now, -5)}" NotOnOrAfter="${whole(now, 3600)}"><AudienceRestriction><Audience>${audience}</Audience></AudienceRestriction></Conditions><AttributeStatement><Attribute Name="emailAddress" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="emailAddress"><AttributeValue>${nameId}</AttributeValue></Attribute></AttributeStatement><AuthnStatement AuthnInstant="${whole(now)}" SessionIndex="_${randomUUID()}" SessionNotOnOrAfter="${whole(now, 28_800)}"><AuthnContext><AuthnContextClassRef>${CLASSES}Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`,
  },
  'OpenAM, ForgeRock AM': {
    signs: ['Assertion'],
    signing: { javaLines: true },
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response xmlns:samlp="${P}" ID="s2${hex(20)}" InResponseTo="${inResponseTo}" Version="2.0" IssueInstant="${whole(now)}" Destination="${acs}"><saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer><samlp:Status xmlns:samlp="${P}">\n<samlp:StatusCode xmlns:samlp="${P}"\nValue="${SUCCESS}">\n</samlp:StatusCode>\n</samlp:Status><saml:Assertion xmlns:saml="${A}" Version="2.0" ID="s2${hex(20)}" IssueInstant="${whole(now)}">\n<saml:Issuer>${issuer}</saml:Issuer><saml:Subject>\n<saml:NameID Format="${EMAIL}" NameQualifier="${issuer}" SPNameQualifier="${audience}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}">\n<saml:SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${whole(now, 600)}" Recipient="${acs}"/></saml:SubjectConfirmation>\n</saml:Subject><saml:Conditions NotBefore="${whole(now, -600)}" NotOnOrAfter="${whole(now, 600)}">\n<saml:AudienceRestriction>\n<saml:Audience>${audience}</saml:Audience>\n</saml:AudienceRestriction>\n</saml:Conditions>\n<saml:AuthnStatement AuthnInstant="${whole(now)}" SessionIndex="s2${hex(17)}"><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue xmlns:xs="${XS}" xmlns:xsi="${XSI}" xsi:type="xs:string">staff</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`,
  },
  'CAS, oxShibboleth (OpenSAML)': {
    signs: ['Assertion', 'Response'],
    prefixList: 'xsd',
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="${P}" Destination="${acs}" ID="_${hex(8)}" InResponseTo="${inResponseTo}" IssueInstant="${iso(now)}" Version="2.0" xmlns:xsd="${XS}"><saml2:Issuer xmlns:saml2="${A}">${issuer}</saml2:Issuer><saml2p:Status><saml2p:StatusCode Value="${SUCCESS}"/><saml2p:StatusMessage>urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage></saml2p:Status><saml2:Assertion xmlns:saml2="${A}" ID="_${hex(8)}" IssueInstant="${iso(now)}" Version="2.0" xmlns:xsd="${XS}"><saml2:Issuer>${issuer}</saml2:Issuer><saml2:Subject><saml2:NameID Format="${EMAIL}" NameQualifier="${issuer}" SPNameQualifier="${audience}">${nameId}</saml2:NameID><saml2:SubjectConfirmation Method="${BEARER}"><saml2:NameID Format="${EMAIL}">${nameId}</saml2:NameID><saml2:SubjectConfirmationData Address="127.0.0.1" InResponseTo="${inResponseTo}" NotOnOrAfter="${iso(now, 30)}" Recipient="${acs}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="${iso(now, -30)}" NotOnOrAfter="${iso(now, 30)}"><saml2:AudienceRestriction><saml2:Audience>${audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="${iso(now)}" SessionIndex="_${hex(8)}" SessionNotOnOrAfter="${iso(now, 7200)}"><saml2:SubjectLocality Address="127.0.0.1" DNSName="idp.test"/><saml2:AuthnContext><saml2:AuthnContextClassRef>${CLASSES}PasswordProtectedTransport</saml2:AuthnContextClassRef><saml2:AuthnContextDeclRef>urn:x</saml2:AuthnContextDeclRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement><saml2:Attribute FriendlyName="groups" Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml2:AttributeValue xmlns:xsi="${XSI}" xsi:type="xsd:string">staff</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement></saml2:Assertion></saml2p:Response>`,
  },
  'IBM Security Verify Access (ISAM)': {
    signs: ['Assertion'],
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response xmlns:samlp="${P}" xmlns:saml="${A}" xmlns:xs="${XS}" xmlns:xsi="${XSI}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Destination="${acs}" ID="FIMRSP_${randomUUID()}" InResponseTo="${inResponseTo}" IssueInstant="${whole(now)}" Version="2.0"><saml:Issuer Format="${ENTITY}">${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"></samlp:StatusCode></samlp:Status><saml:Assertion ID="Assertion-uuid${randomUUID()}" IssueInstant="${whole(now)}" Version="2.0"><saml:Issuer Format="${ENTITY}">${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${EMAIL}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${whole(now, 60)}" Recipient="${acs}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${whole(now, -60)}" NotOnOrAfter="${whole(now, 60)}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse></saml:OneTimeUse></saml:Conditions><saml:AuthnStatement AuthnInstant="${whole(now)}" SessionIndex="uuid${randomUUID()}" SessionNotOnOrAfter="${whole(now, 3600)}"><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="groups" NameFormat="urn:ibm:names:ITFIM:5.1:accessmanager"><saml:AttributeValue xsi:type="xs:string">staff</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`,
  },
  'lasso (LemonLDAP::NG, Authentic)': {
    signs: ['Assertion'],
    signing: {
      prefix: '',
      keyInfo: '<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>',
    },
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response xmlns:samlp="${P}" xmlns:saml="${A}" ID="_${hex()}" InResponseTo="${inResponseTo}" Version="2.0" IssueInstant="${whole(now)}" Destination="${acs}" Consent="urn:oasis:names:tc:SAML:2.0:consent:obtained"><saml:Issuer>${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status><saml:Assertion Version="2.0" ID="_${hex()}" IssueInstant="${whole(now)}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID NameQualifier="${issuer}" SPNameQualifier="${audience}" Format="${EMAIL}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData NotOnOrAfter="${whole(now, 300)}" Recipient="${acs}" InResponseTo="${inResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${whole(now)}" NotOnOrAfter="${whole(now, 300)}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${whole(now)}" SessionIndex="${hex()}" SessionNotOnOrAfter="${whole(now, 7200)}"><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>\n`,
  },
  'PingFederate, PingOne': {
    signs: ['Assertion'],
    signing: { keyInfo: 'none' },
    // Without Destination, which only a message that is signed itself must have.
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response Version="2.0" ID="B.${hex(13)}" IssueInstant="${iso(now)}" InResponseTo="${inResponseTo}" xmlns:samlp="${P}"><saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status><saml:Assertion ID="t-${hex(13)}" IssueInstant="${iso(now)}" Version="2.0" xmlns:saml="${A}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData Recipient="${acs}" NotOnOrAfter="${iso(now, 300)}" InResponseTo="${inResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${iso(now, -300)}" NotOnOrAfter="${iso(now, 300)}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement SessionIndex="t-${hex(13)}" AuthnInstant="${iso(now)}"><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement xmlns:xs="${XS}" xmlns:xsi="${XSI}"><saml:Attribute Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xsi:type="xs:string">staff</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`,
  },
  'crewjam/saml, Casdoor, Zitadel (Go)': {
    signs: ['Assertion', 'Response'],
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<samlp:Response xmlns:saml="${A}" xmlns:samlp="${P}" ID="id-${hex(20)}" InResponseTo="${inResponseTo}" Version="2.0" IssueInstant="${iso(now)}" Destination="${acs}"><saml:Issuer Format="${ENTITY}">${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status><saml:Assertion xmlns:saml="${A}" ID="id-${hex(20)}" IssueInstant="${iso(now)}" Version="2.0"><saml:Issuer Format="${ENTITY}">${issuer}</saml:Issuer><saml:Subject><saml:NameID NameQualifier="${issuer}" SPNameQualifier="${audience}" Format="${EMAIL}">${nameId}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData Address="127.0.0.1:4711" InResponseTo="${inResponseTo}" NotOnOrAfter="${iso(now, 90)}" Recipient="${acs}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${iso(now)}" NotOnOrAfter="${iso(now, 90)}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${iso(now)}" SessionIndex="${hex(20)}"><saml:SubjectLocality Address="127.0.0.1:4711"/><saml:AuthnContext><saml:AuthnContextClassRef>${CLASSES}PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute FriendlyName="groups" Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xmlns:xsi="${XSI}" xmlns:xs="${XS}" xsi:type="xs:string">staff</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`,
  },
  'a bank’s own, in the default namespace': {
    signs: ['Response'],
    prefixList: '#default saml samlp ds xsd xsi code kind typens',
    write: ({ now, issuer, audience, acs, inResponseTo, nameId }) =>
      `<Response Destination="${acs}" ID="_${hex(20).toUpperCase()}" InResponseTo="${inResponseTo}" IssueInstant="${whole(now)}" Version="2.0" xmlns="${P}" xmlns:saml="${A}" xmlns:samlp="${P}"><saml:Issuer>${issuer}</saml:Issuer><Status><StatusCode Value="${SUCCESS}"/></Status><Assertion ID="_${hex(20).toUpperCase()}" IssueInstant="${whole(now)}" Version="2.0" xmlns="${A}"><Issuer>${issuer}</Issuer><Subject>\n  <NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">\n    ${nameId}\n  </NameID>\n  <SubjectConfirmation Method="${BEARER}"><SubjectConfirmationData InResponseTo="${inResponseTo}" NotOnOrAfter="${whole(now, 300)}" Recipient="${acs}"/></SubjectConfirmation></Subject><Conditions NotBefore="${whole(now, -300)}" NotOnOrAfter="${whole(now, 300)}"><AudienceRestriction><Audience>\n  ${audience}\n</Audience></AudienceRestriction></Conditions><AuthnStatement AuthnInstant="${whole(now)}"><AuthnContext><AuthnContextClassRef>${CLASSES}unspecified</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></Response>`,
  },
} as const satisfies Record<string, ResponseShape>;
