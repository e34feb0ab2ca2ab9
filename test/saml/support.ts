// What the tests of the SAML room share: an identity provider with keys, valid messages of each kind in which one thing can be
// changed, and the guard with a memory and a clock that stand still.

import { X509Certificate } from 'node:crypto';
import { postFields, soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { loginFields, logoutRequestFields, logoutResponseFields, newId } from '../../demo/identity-provider/fields.ts';
import { newKeys, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import {
  logoutRequestXml,
  logoutResponseXml,
  responseXml,
  type AssertionFields,
  type LogoutRequestFields,
  type LogoutResponseFields,
  type ResponseFields,
} from '../../demo/identity-provider/messages.ts';
import {
  signedQuery,
  signEnveloped,
  type ParameterName,
  type QueryOptions,
  type SigningOptions,
} from '../../demo/identity-provider/sign.ts';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import { arrivedByPost, arrivedByRedirect } from '../../gateway/saml/bindings/receive.ts';
import { inspect, type Refusal } from '../../gateway/saml/guard/guard.ts';
import type { Expected, TrustedIdp, Verified, SentAuthnRequest } from '../../gateway/saml/guard/message.ts';
import type { Binding } from '../../gateway/saml/names.ts';
import { rememberedMessages } from './memory.ts';

/** The moment all of it happens. */
export const NOW = Date.parse('2026-05-04T12:00:00Z') as EpochMs;
export const SKEW_MS = 180_000;
/** A SAML time so many seconds from NOW. */
export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

export const ENTITY_ID = 'https://login.example.com/saml/metadata';
export const ACS = 'https://login.example.com/saml/acs';
export const SLO = 'https://login.example.com/saml/slo';
export const IDP = 'https://idp.example.test/idp';
export const OTHER_IDP = 'https://other.example.test/idp';
export const BROWSER = 'the browser that began';
export const NAME_ID = {
  value: 'alice@example.test',
  format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
};

const made = new Map<string, Promise<IdentityProviderKeys>>();
/** Keys by name, made once a test process. */
export function keysCalled(name: string): Promise<IdentityProviderKeys> {
  const keys = made.get(name) ?? newKeys(name, new Date(NOW));
  made.set(name, keys);
  return keys;
}

/** Our two keys: messages are encrypted for either. */
export const ourKeys = () => Promise.all([keysCalled('ours'), keysCalled('next')]);

/** An identity provider as configuration would hand it to the guard. */
export function trusted(keys: readonly IdentityProviderKeys[], change: Partial<TrustedIdp> = {}): TrustedIdp {
  return {
    name: 'corp',
    entityId: IDP,
    issuers: [],
    keys: keys.map(({ certificate }) => new X509Certificate(certificate).publicKey),
    ...allowing(),
    clientCertificateNames: [],
    wantAssertionsEncrypted: false,
    validUntil: undefined,
    ...change,
  };
}

/** `trusted`'s `allow` with some weaknesses switched on. */
export const allowing = (...weaknesses: readonly (keyof TrustedIdp['allow'])[]): Pick<TrustedIdp, 'allow'> => ({
  allow: {
    sha1: weaknesses.includes('sha1'),
    rsa15: weaknesses.includes('rsa15'),
    tripleDes: weaknesses.includes('tripleDes'),
    unsolicitedResponse: weaknesses.includes('unsolicitedResponse'),
    unsignedLogoutResponse: weaknesses.includes('unsignedLogoutResponse'),
    tlsInsteadOfSignature: weaknesses.includes('tlsInsteadOfSignature'),
  },
});

/** How a message is signed and how it travels; all of it may be left out. */
export interface Way {
  readonly binding?: Binding | undefined;
  /** Where it arrives. Default: the ACS address for a Response, the SLO address otherwise. */
  readonly endpoint?: string | undefined;
  readonly relayState?: string | undefined;
  readonly keys?: IdentityProviderKeys | undefined;
  /** False leaves it unsigned; for a Response also `response` or `both`. Default: the message, or the assertion of a Response. */
  readonly signs?: false | 'response' | 'both' | undefined;
  readonly signing?: SigningOptions | undefined;
  readonly query?: QueryOptions | undefined;
  /** Changes the XML before it is signed, or after. */
  readonly before?: ((xml: string) => string) | undefined;
  /** Changes a Response between the signature of its assertion and its own. */
  readonly between?: ((xml: string) => string) | undefined;
  readonly after?: ((xml: string) => string) | undefined;
  /** Of the SOAP envelope. */
  readonly soap?: { readonly prefix?: string; readonly header?: string } | undefined;
}

type Change<T> = Partial<T> | ((valid: T) => Partial<T>);
const changed = <T extends object>(valid: T, change: Change<T> | undefined): T => ({
  ...valid,
  ...(typeof change === 'function' ? change(valid) : change),
});

export interface ResponseWay extends Way {
  readonly fields?: Change<ResponseFields>;
  readonly assertion?: Change<AssertionFields>;
  /** Of the AuthnRequest it answers. */
  readonly sent?: Partial<SentAuthnRequest>;
}

export interface LogoutRequestWay extends Way {
  readonly fields?: Change<LogoutRequestFields>;
}

export interface LogoutResponseWay extends Way {
  readonly fields?: Change<LogoutResponseFields>;
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

/** An identity provider `corp` and the guard that trusts it. `change` goes for the identity provider as configured. */
export async function openBench(change: Partial<TrustedIdp> = {}) {
  const keys = await keysCalled('corp');
  const idp = trusted([keys], change);
  const { memory, awaits } = rememberedMessages();
  const decryptionKeys = (await ourKeys()).map(({ privateKey }) => privateKey);
  const expected: Expected = {
    ...{ entityId: ENTITY_ID, now: NOW, clockSkewMs: SKEW_MS, browser: BROWSER, memory, decryptionKeys },
  };

  const judge = (
    arrived: Arrived,
    other: Partial<Expected> = {},
    idps: readonly TrustedIdp[] = [idp],
  ): Promise<Verified | Refusal> => inspect(arrived, idps, { ...expected, ...other });

  const bench = {
    keys,
    idp,
    memory,
    judge,
    /** `accepted`, or the code of the refusal. */
    verdict: async (arrived: Arrived, other?: Partial<Expected>, idps?: readonly TrustedIdp[]): Promise<string> => {
      const result = await judge(arrived, other, idps);
      return result.kind === 'refused' ? result.error.code : 'accepted';
    },
    /** A Response to an AuthnRequest that is awaited. */
    response: (way: ResponseWay = {}): Arrived => arrive('SAMLResponse', bench.responseXml(way), way, ACS, keys),
    responseXml(way: ResponseWay = {}): string {
      const inResponseTo = newId();
      awaits.signIns.set(inResponseTo, { idp: 'corp', browser: BROWSER, app: 'wiki', returnTo: '/', ...way.sent });
      const valid = loginFields({
        ...{ issuer: IDP, audience: ENTITY_ID, assertionConsumer: ACS, inResponseTo, now: NOW },
        ...{ nameId: NAME_ID, sessionIndex: '_s1', attributes: new Map([['groups', ['staff', 'admins']]]) },
      });
      const fields = { ...valid, assertion: changed(valid.assertion ?? {}, way.assertion) };
      return composed(responseXml, changed(fields, way.fields), way, keys);
    },
    logoutRequest: (way: LogoutRequestWay = {}): Arrived =>
      arrive('SAMLRequest', bench.logoutRequestXml(way), way, SLO, keys),
    logoutRequestXml(way: LogoutRequestWay = {}): string {
      const valid = logoutRequestFields({
        ...{ issuer: IDP, destination: way.endpoint ?? SLO, now: NOW, nameId: NAME_ID, sessionIndexes: ['_s1'] },
      });
      return composed(logoutRequestXml, changed(valid, way.fields), way, keys);
    },
    /** A LogoutResponse to a LogoutRequest that is awaited. */
    logoutResponse: (way: LogoutResponseWay = {}): Arrived =>
      arrive('SAMLResponse', bench.logoutResponseXml(way), way, SLO, keys),
    logoutResponseXml(way: LogoutResponseWay = {}): string {
      const inResponseTo = newId();
      awaits.signOuts.set(inResponseTo, { idp: 'corp', app: 'wiki' });
      const valid = logoutResponseFields({ issuer: IDP, destination: way.endpoint ?? SLO, inResponseTo, now: NOW });
      return composed(logoutResponseXml, changed(valid, way.fields), way, keys);
    },
  };
  return bench;
}

/** XML as it would arrive by form POST, by Redirect (signed here, over the query) or by SOAP. */
function arrive(
  name: ParameterName,
  xml: string,
  way: Way,
  usualEndpoint: string,
  corpKeys: IdentityProviderKeys,
): Arrived {
  const endpoint = way.endpoint ?? usualEndpoint;
  switch (way.binding ?? 'post') {
    case 'post':
      return byPost(name, xml, endpoint, way.relayState);
    case 'soap': {
      const arrived = arrivedByPost(Buffer.from(soapEnvelope(xml, way.soap)), endpoint);
      // What answers a SOAP call of ours comes on its connection, not to an address.
      return arrived.binding === 'soap' ? { ...arrived, field: name } : arrived;
    }
    case 'redirect': {
      const options = { ...way.query, ...(way.signs === false && { signed: false }) };
      return arrivedByRedirect(signedQuery(name, xml, way.relayState, way.keys ?? corpKeys, options), endpoint);
    }
  }
}

/** A form, as a browser posts it. */
export const byPost = (name: ParameterName, xml: string, endpoint: string, relayState?: string): Arrived =>
  arrivedByPost(Buffer.from(new URLSearchParams(postFields(name, xml, relayState)).toString()), endpoint);

/** What `run` refuses with, or `accepted`. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (error instanceof CurfewError) return error.code;
    throw error;
  }
}

/** Attribute or element, as written in a message. Throws where it is not there, so that no test breaks nothing. */
export function replaced(xml: string, what: string | RegExp, by: string): string {
  const next = xml.replace(what, () => by);
  if (next === xml) throw new Error(`not in the message: ${String(what)}`);
  return next;
}

function composed<F extends { readonly id?: string | undefined; readonly assertion?: AssertionFields | undefined }>(
  write: (fields: F) => string,
  fields: F,
  way: Way,
  corpKeys: IdentityProviderKeys,
): string {
  const plain = way.before?.(write(fields)) ?? write(fields);
  const keys = way.keys ?? corpKeys;
  const sign = (xml: string, id: string | undefined): string =>
    id === undefined ? xml : signEnveloped(xml, id, keys, way.signing);
  const inner = way.signs !== false && way.signs !== 'response' ? sign(plain, fields.assertion?.id) : plain;
  const assertionFirst = way.between?.(inner) ?? inner;
  const signsRoot = way.signs !== false && (way.signs !== undefined || fields.assertion === undefined);
  const signed = signsRoot && way.binding !== 'redirect' ? sign(assertionFirst, fields.id) : assertionFirst;
  return way.after?.(signed) ?? signed;
}
