// LogoutRequests as identity providers write them, text by text and namespace by namespace, from their sources and from captures. Shares no line
// with the gateway. What no source shows (Salesforce, Okta, PingFederate, OneLogin) has the parts its documentation names.

import { randomBytes, randomUUID } from 'node:crypto';
import { plus } from '../../gateway/kernel/clock.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import type { SigningOptions } from '../../demo/identity-provider/sign.ts';

/** How a person is named, byte for byte. */
export interface Name {
  readonly value: string;
  readonly format?: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
}

/** What stands in one LogoutRequest. */
export interface Facts {
  readonly id: string;
  readonly now: EpochMs;
  readonly destination: string;
  readonly issuer: string;
  readonly name: Name;
  readonly sessionIndexes: readonly string[];
  /** XML in the place of the NameID element. */
  readonly identifier?: string;
}

/** One identity provider's way of writing. */
export interface Shape {
  readonly id: () => string;
  /** How it names people at sign-in, with the entityIDs of both sides. */
  readonly name: (idp: string, sp: string) => Name;
  readonly write: (facts: Facts) => string;
  readonly signing: SigningOptions;
}

const SAML1 = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:nameid-format:';
const ALICE = 'alice@example.test';
const P = 'urn:oasis:names:tc:SAML:2.0:protocol';
const A = 'urn:oasis:names:tc:SAML:2.0:assertion';
const USER = 'urn:oasis:names:tc:SAML:2.0:logout:user';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

const hex = (bytes: number): string => `_${randomBytes(bytes).toString('hex')}`;
const ms = (at: EpochMs): string => new Date(at).toISOString();
const seconds = (at: EpochMs): string => ms(at).replace(/\.\d+Z/, 'Z');
const text = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const attributes = ({ format, nameQualifier, spNameQualifier }: Name): string =>
  (format === undefined ? '' : ` Format="${format}"`) +
  (nameQualifier === undefined ? '' : ` NameQualifier="${text(nameQualifier)}"`) +
  (spNameQualifier === undefined ? '' : ` SPNameQualifier="${text(spNameQualifier)}"`);
const each = (indexes: readonly string[], prefix: string): string =>
  indexes.map((index) => `<${prefix}SessionIndex>${text(index)}</${prefix}SessionIndex>`).join('');

const PLAIN = { name: (): Name => ({ value: ALICE, format: `${SAML1}emailAddress` }) };

/** Each by its name. */
export const SHAPES = {
  wso2: {
    ...PLAIN,
    id: () => hex(16),
    signing: { javaLines: true },
    write: ({ id, now, destination, issuer, name, sessionIndexes, identifier }) =>
      `${DECLARATION}<saml2p:LogoutRequest xmlns:saml2p="${P}" Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" NotOnOrAfter="${ms(plus(now, 300_000))}" Reason="${USER}" Version="2.0"><saml2:Issuer xmlns:saml2="${A}" Format="${SAML2}entity">${issuer}</saml2:Issuer>${identifier ?? `<saml2:NameID xmlns:saml2="${A}"${attributes(name)}>${text(name.value)}</saml2:NameID>`}${each(sessionIndexes, 'saml2p:')}</saml2p:LogoutRequest>`,
  },
  keycloak: {
    id: () => `ID_${randomUUID()}`,
    name: () => ({ value: 'alice', format: `${SAML1}unspecified` }),
    signing: { prefix: 'dsig', keyInfo: '<dsig:KeyName>kid-1</dsig:KeyName>' },
    write: ({ id, now, destination, issuer, name, sessionIndexes, identifier }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns="${A}" xmlns:saml="${A}" Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" NotOnOrAfter="${ms(plus(now, 60_000))}" Version="2.0"><saml:Issuer>${issuer}</saml:Issuer><samlp:Extensions><kckey:KeyInfo xmlns:kckey="urn:keycloak:ext:key:1.0" MessageSigningKeyId="kid-1"></kckey:KeyInfo></samlp:Extensions>${identifier ?? `<saml:NameID${attributes(name)}>${text(name.value)}</saml:NameID>`}${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  shibboleth: {
    id: () => hex(16),
    name: (idp, sp) => ({
      value: 'AAdzZWNyZXQx',
      format: `${SAML2}transient`,
      nameQualifier: idp,
      spNameQualifier: sp,
    }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes, identifier }) =>
      `<saml2p:LogoutRequest xmlns:saml2p="${P}" Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" Version="2.0"><saml2:Issuer xmlns:saml2="${A}">${issuer}</saml2:Issuer>${identifier ?? `<saml2:NameID xmlns:saml2="${A}"${attributes(name)}>${text(name.value)}</saml2:NameID>`}${each(sessionIndexes, 'saml2p:')}</saml2p:LogoutRequest>`,
  },
  auth0: {
    id: () => hex(10),
    name: () => ({ value: 'auth0|alice', format: `${SAML1}unspecified` }),
    signing: { prefix: '' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest ID="${id}" Version="2.0" IssueInstant="${ms(now)}" Destination="${destination}" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" xmlns:samlp="${P}"><Issuer xmlns="${A}">${issuer}</Issuer><NameID xmlns="${A}"${attributes(name)}>${text(name.value)}</NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  salesforce: {
    id: () => `_2CAAAA${randomBytes(24).toString('hex')}`,
    name: () => ({ value: ALICE, format: `${SAML1}unspecified` }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `${DECLARATION}<samlp:LogoutRequest xmlns:samlp="${P}" ID="${id}" IssueInstant="${ms(now)}" Version="2.0" Destination="${destination}"><saml:Issuer xmlns:saml="${A}" Format="${SAML2}entity">${issuer}</saml:Issuer><saml:NameID xmlns:saml="${A}"${attributes(name)}>${text(name.value)}</saml:NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  simplesamlphp: {
    id: () => hex(21),
    name: (_idp, sp) => ({ value: hex(21), format: `${SAML2}transient`, spNameQualifier: sp }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns:saml="${A}" ID="${id}" Version="2.0" IssueInstant="${seconds(now)}" Destination="${destination}" NotOnOrAfter="${seconds(plus(now, 300_000))}"><saml:Issuer Format="${SAML2}entity">${issuer}</saml:Issuer><saml:NameID${attributes(name).replace(/^( Format="[^"]*")( SPNameQualifier.*)$/, '$2$1')}>${text(name.value)}</saml:NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  lemonldap: {
    ...PLAIN,
    id: () => `_${randomBytes(16).toString('hex').toUpperCase()}`,
    signing: { prefix: '', keyInfo: 'none' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns:saml="${A}" ID="${id}" Version="2.0" IssueInstant="${seconds(now)}" Destination="${destination}"><saml:Issuer>${issuer}</saml:Issuer><saml:NameID${attributes(name)}>${text(name.value)}</saml:NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  adfs: {
    ...PLAIN,
    id: () => `_${randomUUID()}`,
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest ID="${id}" Version="2.0" IssueInstant="${ms(now)}" Destination="${destination}" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" NotOnOrAfter="${ms(plus(now, 300_000))}" xmlns:samlp="${P}"><Issuer xmlns="${A}">${issuer}</Issuer><NameID${attributes(name)} xmlns="${A}">${text(name.value)}</NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  entra: {
    id: () => `_${randomUUID()}`,
    name: () => ({ value: ALICE, format: `${SAML2}persistent` }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ID="${id}" Version="2.0" IssueInstant="${ms(now)}" Destination="${destination}" xmlns:samlp="${P}"><Issuer xmlns="${A}">${issuer}</Issuer><NameID xmlns="${A}"> ${text(name.value)}</NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  okta: {
    ...PLAIN,
    id: () => `id${randomBytes(10).toString('hex')}`,
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `${DECLARATION}<saml2p:LogoutRequest Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" Version="2.0" xmlns:saml2p="${P}"><saml2:Issuer Format="${SAML2}entity" xmlns:saml2="${A}">${issuer}</saml2:Issuer><saml2:NameID xmlns:saml2="${A}"${attributes(name)}>${text(name.value)}</saml2:NameID>${each(sessionIndexes, 'saml2p:')}</saml2p:LogoutRequest>`,
  },
  pingfederate: {
    id: () => `_${randomBytes(20).toString('base64url').replaceAll('-', '.')}`,
    name: () => ({ value: ALICE }),
    signing: { keyInfo: 'none' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest Version="2.0" ID="${id}" IssueInstant="${ms(now)}" Destination="${destination}" xmlns:samlp="${P}"><saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer><saml:NameID xmlns:saml="${A}"${attributes(name)}>${text(name.value)}</saml:NameID>${each(sessionIndexes, 'samlp:')}</samlp:LogoutRequest>`,
  },
  onelogin: {
    id: () => `_${randomUUID()}`,
    name: () => ({ value: ALICE, format: `${SAML2}transient` }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns:saml="${A}" ID="${id}" Version="2.0" IssueInstant="${seconds(now)}" Destination="${destination}">\n  <saml:Issuer>${issuer}</saml:Issuer>\n  <saml:NameID${attributes(name)}>${text(name.value)}</saml:NameID>\n  ${each(sessionIndexes, 'samlp:')}\n</samlp:LogoutRequest>\n`,
  },
  authentik: {
    ...PLAIN,
    id: () => hex(16),
    signing: {},
    // No NotOnOrAfter, no Reason, and in the versions that were read no SessionIndex either.
    write: ({ id, now, destination, issuer, name }) =>
      `<ns0:LogoutRequest xmlns:ns0="${P}" xmlns:ns1="${A}" ID="${id}" IssueInstant="${seconds(now)}" Version="2.0" Destination="${destination}"><ns1:Issuer>${issuer}</ns1:Issuer><ns1:NameID${attributes(name)}>${text(name.value)}</ns1:NameID></ns0:LogoutRequest>`,
  },
} as const satisfies Record<string, Shape>;
