// LogoutRequests as libraries write them, of which products are built that shapes.ts does not name: prefixes, order, white space, and a person who is
// named otherwise than at sign-in. From their public sources and tests; OpenAM, ISAM, Oracle and JAXB by what is known of the products, not by captures. Shares no
// line with the gateway.

import { randomBytes, randomUUID } from 'node:crypto';
import { plus } from '../../gateway/kernel/clock.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import type { Shape } from './shapes.ts';

const P = 'urn:oasis:names:tc:SAML:2.0:protocol';
const A = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAML1 = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';
const SAML2 = 'urn:oasis:names:tc:SAML:2.0:nameid-format:';
const USER = 'urn:oasis:names:tc:SAML:2.0:logout:user';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const ALICE = 'alice@example.test';

const hex = (bytes = 16): string => randomBytes(bytes).toString('hex');
const ms = (at: EpochMs, later = 0): string => new Date(plus(at, later * 1000)).toISOString();
const whole = (at: EpochMs, later = 0): string => ms(at, later).replace(/\.\d+Z/, 'Z');
const each = (indexes: readonly string[], element: string, around = ['', '']): string =>
  indexes.map((index) => `<${element}>${around.join(index)}</${element.split(' ', 1)[0] ?? ''}>`).join('');
const email = () => ({ value: ALICE, format: `${SAML1}emailAddress` });

/** Each by its name. */
export const LIBRARIES = {
  'OpenSAML 3 to 5 (CAS, Gluu, Shibboleth)': {
    id: () => `_${hex()}`,
    name: (idp, sp) => ({ value: hex(), format: `${SAML2}persistent`, nameQualifier: idp, spNameQualifier: sp }),
    signing: {},
    // CAS names the format alone.
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<?xml version="1.0" encoding="UTF-8"?><saml2p:LogoutRequest xmlns:saml2p="${P}" Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" Reason="${USER}" Version="2.0"><saml2:Issuer xmlns:saml2="${A}" Format="${SAML2}entity">${issuer}</saml2:Issuer><saml2:NameID xmlns:saml2="${A}" Format="${SAML2}persistent">${name.value}</saml2:NameID>${each(sessionIndexes, 'saml2p:SessionIndex')}</saml2p:LogoutRequest>`,
  },
  'OpenAM, ForgeRock AM': {
    id: () => `s2${hex(20)}`,
    name: email,
    signing: { javaLines: true },
    // Qualifiers that its Response left out, line breaks between the elements, a declaration of the prefix at each.
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" ID="${id}" Version="2.0" IssueInstant="${whole(now)}" Destination="${destination}" NotOnOrAfter="${whole(now, 300)}">\n<saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer><saml:NameID xmlns:saml="${A}" Format="${name.format}" NameQualifier="${issuer}">${name.value}</saml:NameID>${each(sessionIndexes, `samlp:SessionIndex xmlns:samlp="${P}"`)}\n</samlp:LogoutRequest>`,
  },
  'IBM Security Verify Access (ISAM)': {
    id: () => `FIMREQ_${randomUUID()}`,
    name: () => ({ value: `uuid${randomUUID()}`, format: `${SAML2}persistent` }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns:saml="${A}" Destination="${destination}" ID="${id}" IssueInstant="${whole(now)}" NotOnOrAfter="${whole(now, 60)}" Reason="${USER}" Version="2.0"><saml:Issuer Format="${SAML2}entity">${issuer}</saml:Issuer><saml:NameID Format="${SAML2}persistent" NameQualifier="${issuer}">${name.value}</saml:NameID>${each(sessionIndexes, 'samlp:SessionIndex')}</samlp:LogoutRequest>`,
  },
  'Oracle Access Manager': {
    id: () => `id-${randomBytes(20).toString('base64url')}`,
    name: email,
    signing: { prefix: 'dsig', keyInfo: 'none' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<samlp:LogoutRequest xmlns:samlp="${P}" xmlns:dsig="${DSIG}" xmlns:enc="http://www.w3.org/2001/04/xmlenc#" xmlns:saml="${A}" xmlns:x500="urn:oasis:names:tc:SAML:2.0:profiles:attribute:X500" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Destination="${destination}" ID="${id}" IssueInstant="${whole(now)}" Version="2.0"><saml:Issuer Format="${SAML2}entity">${issuer}</saml:Issuer><saml:NameID Format="${SAML1}unspecified">${name.value}</saml:NameID>${each(sessionIndexes, 'samlp:SessionIndex')}</samlp:LogoutRequest>`,
  },
  'pysaml2 (SATOSA, Indico)': {
    id: () => `id-${hex(8)}`,
    name: (idp, sp) => ({ value: hex(), format: `${SAML2}transient`, nameQualifier: idp, spNameQualifier: sp }),
    signing: { prefix: 'ns2' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<ns0:LogoutRequest xmlns:ns0="${P}" xmlns:ns1="${A}" Destination="${destination}" ID="${id}" IssueInstant="${whole(now)}" NotOnOrAfter="${whole(now, 300)}" Version="2.0"><ns1:Issuer Format="${SAML2}entity">${issuer}</ns1:Issuer><ns1:NameID Format="${SAML2}transient" NameQualifier="${name.nameQualifier ?? ''}" SPNameQualifier="${name.spNameQualifier ?? ''}">${name.value}</ns1:NameID>${each(sessionIndexes, 'ns0:SessionIndex')}</ns0:LogoutRequest>`,
  },
  'ITfoxtec, ComponentSpace (.NET)': {
    id: () => `_${randomUUID()}`,
    name: () => ({ value: ALICE }),
    signing: { prefix: '' },
    // Seven digits behind the point, and a format that its Response did not name.
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<saml2p:LogoutRequest ID="${id}" Version="2.0" IssueInstant="${ms(now).replace('Z', '4821Z')}" Destination="${destination}" Reason="${USER}" NotOnOrAfter="${ms(now, 600).replace('Z', '4821Z')}" xmlns:saml2p="${P}" xmlns:saml2="${A}"><saml2:Issuer>${issuer}</saml2:Issuer><saml2:NameID Format="${SAML1}emailAddress">${name.value}</saml2:NameID>${each(sessionIndexes, 'saml2p:SessionIndex')}</saml2p:LogoutRequest>`,
  },
  'Sustainsys (.NET)': {
    id: () => `id${hex()}`,
    name: (_idp, sp) => ({ value: randomUUID(), format: `${SAML2}persistent`, spNameQualifier: sp }),
    signing: { prefix: '' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<saml2p:LogoutRequest xmlns:saml2p="${P}" xmlns:saml2="${A}" ID="${id}" Version="2.0" IssueInstant="${whole(now)}" Destination="${destination}"><saml2:Issuer>${issuer}</saml2:Issuer><saml2:NameID Format="${SAML2}persistent" SPNameQualifier="${name.spNameQualifier ?? ''}" SPProvidedID="alice-here">${name.value}</saml2:NameID>${each(sessionIndexes, 'saml2p:SessionIndex')}</saml2p:LogoutRequest>`,
  },
  'LightSAML (PHP), indented': {
    id: () => `_${hex(20)}`,
    name: email,
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<?xml version="1.0"?>\n<LogoutRequest xmlns="${P}" ID="${id}" Version="2.0" IssueInstant="${whole(now)}" Destination="${destination}" NotOnOrAfter="${whole(now, 60)}">\n  <saml:Issuer xmlns:saml="${A}">\n    ${issuer}\n  </saml:Issuer>\n  <saml:NameID xmlns:saml="${A}" Format="${SAML1}emailAddress">\n    ${name.value}\n\t</saml:NameID>\n  ${each(sessionIndexes, 'SessionIndex', ['\n    ', '\r\n  '])}\n</LogoutRequest>\n`,
  },
  'JAXB (SAP and others in Java)': {
    id: () => `S${randomUUID()}`,
    name: () => ({ value: 'P000001', format: `${SAML1}unspecified` }),
    signing: {},
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><LogoutRequest xmlns="${P}" xmlns:ns2="${A}" xmlns:ns3="${DSIG}" xmlns:ns4="http://www.w3.org/2001/04/xmlenc#" Destination="${destination}" ID="${id}" IssueInstant="${ms(now)}" NotOnOrAfter="${ms(now, 300)}" Version="2.0"><ns2:Issuer>${issuer}</ns2:Issuer><ns2:NameID>${name.value}</ns2:NameID>${each(sessionIndexes, 'SessionIndex')}</LogoutRequest>`,
  },
  'crewjam/saml (Go)': {
    id: () => `id-${hex(20)}`,
    name: (idp, sp) => ({ ...email(), nameQualifier: idp, spNameQualifier: sp }),
    signing: {},
    write: ({ id, now, destination, issuer, name }) =>
      `<samlp:LogoutRequest xmlns:saml="${A}" xmlns:samlp="${P}" ID="${id}" Version="2.0" IssueInstant="${ms(now)}" Destination="${destination}"><saml:Issuer Format="${SAML2}entity">${issuer}</saml:Issuer><saml:NameID NameQualifier="${issuer}" SPNameQualifier="${name.spNameQualifier ?? ''}" Format="${SAML1}emailAddress">${name.value}</saml:NameID></samlp:LogoutRequest>`,
  },
  'encoding/xml (Go)': {
    id: () => `_${randomUUID()}`,
    name: (idp, sp) => ({ ...email(), nameQualifier: idp, spNameQualifier: sp }),
    signing: {},
    // What has no value is written all the same.
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<LogoutRequest xmlns="${P}" ID="${id}" Version="2.0" IssueInstant="${whole(now)}" NotOnOrAfter="${whole(now, 300)}" Destination="${destination}"><Issuer xmlns="${A}" NameQualifier="" SPNameQualifier="" Format="" SPProvidedID="">${issuer}</Issuer><NameID xmlns="${A}" NameQualifier="" SPNameQualifier="" Format="" SPProvidedID="">${name.value}</NameID>${each(sessionIndexes, 'SessionIndex')}</LogoutRequest>`,
  },
  'miniOrange and others by string (PHP)': {
    id: () => `_${hex(21)}`,
    name: () => ({ value: ALICE, format: `${SAML1}emailAddress` }),
    signing: { keyInfo: 'none' },
    write: ({ id, now, destination, issuer, name, sessionIndexes }) =>
      `<?xml version="1.0" encoding="UTF-8"?><samlp:LogoutRequest xmlns:samlp="${P}" xmlns:saml="${A}" ID="${id}" IssueInstant="${whole(now)}" Version="2.0" Destination="${destination}">\n\t\t\t\t\t\t<saml:Issuer xmlns:saml="${A}">${issuer}</saml:Issuer>\n\t\t\t\t\t\t<saml:NameID xmlns:saml="${A}">${name.value}</saml:NameID>${each(sessionIndexes, 'samlp:SessionIndex')}</samlp:LogoutRequest>`,
  },
} as const satisfies Record<string, Shape>;
