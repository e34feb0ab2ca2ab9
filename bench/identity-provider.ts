// The identity provider of the benchmark: a key, and messages signed with it as fast as the key allows.

import { randomBytes } from 'node:crypto';
import { newKeys } from '../demo/identity-provider/keys.ts';
import { metadataXml } from '../demo/identity-provider/metadata.ts';
import { BINDING, STATUS } from '../demo/identity-provider/names.ts';
import { soapEnvelope } from '../demo/identity-provider/bindings.ts';
import { plus, systemClock } from '../gateway/kernel/clock.ts';
import { Markup, xml } from '../gateway/saml/ours/markup.ts';
import { openSigning } from '../gateway/saml/ours/sign.ts';
import type { SamlService } from './target.ts';

export const ENTITY_ID = 'urn:bench:identity-provider';

/** Who signs in: as long as a real identity provider's names are. */
export interface Person {
  readonly nameId: string;
  readonly sessionIndex: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

/** How a LogoutRequest travels. */
export type LogoutBinding = 'soap' | 'post' | 'redirect';

/** A request that carries a LogoutRequest. */
export interface LogoutPosting {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly type: string | undefined;
  readonly body: string | undefined;
}

export type IdentityProvider = Awaited<ReturnType<typeof openIdentityProvider>>;

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const DECLARED = new Markup(
  ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"',
);
const ASSERTION = new Markup(' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"');
/** What is signed is written in its canonical form: each element declares what it uses and its parents do not (xml-exc-c14n §3). */
const PROTOCOL = new Markup(' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"');
const NOTHING = new Markup('');

/** Makes a key of 2048 bits. */
export async function openIdentityProvider() {
  const keys = await newKeys('bench', new Date(systemClock.now()));
  const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const signing = openSigning({ privateKey, certificate: keys.certificate });
  const metadata = metadataXml({
    entityId: ENTITY_ID,
    signingCertificates: [keys.certificate],
    singleLogout: [{ binding: BINDING.redirect, location: 'http://127.0.0.1:9/slo' }],
    nameIdFormats: [TRANSIENT],
    singleSignOn: [{ binding: BINDING.redirect, location: 'http://127.0.0.1:9/sso' }],
  });

  return {
    metadata,

    /** The body of a form that signs `person` in at `sp` without having been asked. */
    signIn(sp: SamlService, person: Person): string {
      const id = newId();
      const assertion = assertionOf(sp, person, id);
      const response = xml`<samlp:Response${DECLARED} Destination="${sp.acs}" ID="${newId()}" IssueInstant="${at(0)}" Version="2.0"><saml:Issuer>${ENTITY_ID}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${STATUS.success}"></samlp:StatusCode></samlp:Status>${new Markup(signing.enveloped(id, assertion))}</samlp:Response>`;
      const form = { SAMLResponse: base64(response.text), RelayState: sp.relayState };
      return new URLSearchParams(form).toString();
    },

    /** One LogoutRequest for one session. */
    signOut(sp: SamlService, person: Person, binding: LogoutBinding): LogoutPosting {
      const id = newId();
      const request = xml`<samlp:LogoutRequest${PROTOCOL} Destination="${sp.slo}" ID="${id}" IssueInstant="${at(0)}" NotOnOrAfter="${at(300)}" Version="2.0"><saml:Issuer${ASSERTION}>${ENTITY_ID}</saml:Issuer>${nameIdOf(sp, person, ASSERTION)}<samlp:SessionIndex>${person.sessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`;
      if (binding === 'redirect') {
        const url = `${sp.slo}?${signing.query('SAMLRequest', request, 'bench')}`;
        return { method: 'GET', url, type: undefined, body: undefined };
      }
      const signed = signing.enveloped(id, request);
      if (binding === 'soap') return { method: 'POST', url: sp.slo, type: 'text/xml', body: soapEnvelope(signed) };
      const body = new URLSearchParams({ SAMLRequest: base64(signed), RelayState: 'bench' }).toString();
      return { method: 'POST', url: sp.slo, type: 'application/x-www-form-urlencoded', body };
    },
  };
}

/** People who have never been there before. */
export const newPerson = (number: number): Person => ({
  nameId: newId(),
  sessionIndex: newId(),
  uid: `user${number}`,
  groups: ['staff', `group${number % 10}`, 'all'],
});

/** In exclusive canonical form, so that its text is what is signed. */
function assertionOf(sp: SamlService, person: Person, id: string): Markup {
  const { uid } = person;
  const facts: readonly [string, readonly string[]][] = [
    ['uid', [uid]],
    ['mail', [`${uid}@example.org`]],
    ['displayName', [`Person ${uid}`]],
    ['groups', person.groups],
  ];
  const attributes = facts.map(([name, values]) => {
    const written = values.map((value) => xml`<saml:AttributeValue>${value}</saml:AttributeValue>`);
    return xml`<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">${written}</saml:Attribute>`;
  });
  return xml`<saml:Assertion${ASSERTION} ID="${id}" IssueInstant="${at(0)}" Version="2.0"><saml:Issuer>${ENTITY_ID}</saml:Issuer><saml:Subject>${nameIdOf(sp, person)}<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${at(600)}" Recipient="${sp.acs}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(-60)}" NotOnOrAfter="${at(600)}"><saml:AudienceRestriction><saml:Audience>${sp.entityId}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="${person.sessionIndex}" SessionNotOnOrAfter="${at(8 * 3600)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes}</saml:AttributeStatement></saml:Assertion>`;
}

const nameIdOf = (sp: SamlService, { nameId }: Person, declared = NOTHING): Markup =>
  xml`<saml:NameID${declared} Format="${TRANSIENT}" SPNameQualifier="${sp.entityId}">${nameId}</saml:NameID>`;

const newId = (): string => `_${randomBytes(16).toString('hex')}`;

/** So many seconds from now, as SAML writes it. */
const at = (seconds: number): string =>
  new Date(plus(systemClock.now(), seconds * 1000)).toISOString().replace(/\.\d+Z$/, 'Z');

const base64 = (text: string): string => Buffer.from(text).toString('base64');
