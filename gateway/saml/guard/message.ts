// The shapes a message takes on its way through the guard: each stage's rows see one of them and nothing earlier.

import type { KeyObject } from 'node:crypto';
import type { Brand, EpochMs, Identity, NameId, SessionId, SignInDemand } from '../../kernel/words.ts';
import type { Weakness } from '../encryption/algorithms.ts';
import type { Binding, MessageKind } from '../names.ts';
import type { XmlElement } from '../xml/tree.ts';

/** What the guard must know of an identity provider. */
export interface TrustedIdp {
  readonly name: string;
  readonly entityId: string;
  /** Further Issuer values to accept (Entra, WSO2 aliases). */
  readonly issuers: readonly string[];
  /** Signing keys from its metadata; any of them may have signed (key rollover). */
  readonly keys: readonly KeyObject[];
  /** Until when its metadata, and so those keys, may be believed; undefined where it does not say. */
  readonly validUntil: EpochMs | undefined;
  readonly allow: Readonly<Record<Weakness, boolean>> & {
    readonly sha1: boolean;
    readonly unsolicitedResponse: boolean;
    readonly unsignedLogoutResponse: boolean;
    readonly tlsInsteadOfSignature: boolean;
  };
  /** Whose client certificates speak for it over the back channel, beside those with a key of its metadata. */
  readonly clientCertificateNames: readonly string[];
  /** Our names of attributes, and its own for each; what it sends under a name of ours that it has no part in is left out. */
  readonly attributeNames?: ReadonlyMap<string, string> | undefined;
  /** The attribute that people are known by; undefined: by the NameID. */
  readonly nameIdFrom?: string | undefined;
  /** Refuses a Response whose assertion is not encrypted. */
  readonly wantAssertionsEncrypted: boolean;
}

/** Stage 1: well-formed, nothing believed. */
export interface Structure {
  readonly kind: MessageKind;
  readonly binding: Binding;
  /** The message element: the document's root, or the only child of the SOAP Body. */
  readonly root: XmlElement;
  /** A signature that is not in `root` vouches for all of it: that of the query, one that was verified and taken off before a look inside, what it was fetched in, or the client certificate that carried it. */
  readonly signedOutside: boolean;
  /** We fetched it from `idp` ourselves (bindings §3.6): it was sent to no address. */
  readonly isFetched?: boolean | undefined;
  readonly idp: TrustedIdp;
}

/** Stage 2: `element` comes from the bytes that a trusted key signed. */
export interface Signed {
  readonly kind: MessageKind;
  readonly binding: Binding;
  readonly endpoint: string;
  readonly idp: TrustedIdp;
  /** The message. Where `signedRoot` is false it may only be used to refuse: the assertion alone was signed. */
  readonly root: XmlElement;
  readonly signedRoot: boolean;
  readonly isFetched?: boolean | undefined;
  /** The signed assertion of a Response; the message itself for the other kinds. */
  readonly assertion: XmlElement;
}

/** What we sent and now await an answer to. */
export interface SentAuthnRequest {
  readonly idp: string;
  /** Hash of the nonce cookie of the browser that began. */
  readonly browser: string;
  /** The app the sign-in is for, and where the person wanted to go. */
  readonly app: string;
  readonly returnTo: string;
  /** Hash of the app host's nonce cookie, for the ticket; undefined where the sign-in began on the public host. */
  readonly bind?: string | undefined;
  /** The app whose own service provider asked; undefined: the gateway's. */
  readonly sp?: string | undefined;
  /** The session that goes on where the answer is about the same person. */
  readonly about?: SessionId | undefined;
  /** The person was not to be shown anything (IsPassive). */
  readonly passive?: boolean | undefined;
  /** The contexts of authentication of which the answer must carry one; none: any will do. */
  readonly contexts?: readonly string[] | undefined;
  /** When a sign-in anew was asked for (ForceAuthn); undefined: an earlier one will do. */
  readonly forcedAt?: EpochMs | undefined;
  /** What the app asks for, for whoever has to be asked once more. */
  readonly demand?: SignInDemand | undefined;
}

/** A LogoutRequest of ours that awaits its answer. */
export interface SentLogoutRequest {
  readonly idp: string;
  readonly app: string | undefined;
  /** What became of the apps, to be shown when the answer is there. */
  readonly apps?: readonly AppTold[] | undefined;
}

/** Whether an app was told that the person has left. */
export interface AppTold {
  readonly app: string;
  readonly told: boolean;
}

/** The port through which the guard remembers; `sessions` satisfies it, `parts.ts` introduces them. */
export interface MessageMemory {
  readAuthnRequest(id: string): Promise<SentAuthnRequest | undefined>;
  /** Exactly one caller gets it. */
  takeAuthnRequest(id: string): Promise<SentAuthnRequest | undefined>;
  readLogoutRequest(id: string): Promise<SentLogoutRequest | undefined>;
  /** Exactly one caller gets it. */
  takeLogoutRequest(id: string): Promise<SentLogoutRequest | undefined>;
  /** True for the first caller before `until`. */
  useAssertion(idp: string, id: string, until: EpochMs): Promise<boolean>;
}

/** What a message is measured against. */
export interface Expected {
  readonly entityId: string;
  readonly now: EpochMs;
  readonly clockSkewMs: number;
  /** Hash of the browser's nonce cookie; undefined where it sent none. */
  readonly browser: string | undefined;
  readonly memory: MessageMemory;
  /** All keys of ours: any of them may be the one a message is encrypted for (key rollover). */
  readonly decryptionKeys: readonly KeyObject[];
}

interface VerifiedAnyhow {
  readonly id: string;
  readonly idp: TrustedIdp;
  readonly binding: Binding;
  readonly relayState: string | undefined;
}

/** Only guard.ts makes these: what did not pass it does not compile further. */
export type VerifiedResponse = Brand<
  VerifiedAnyhow & {
    readonly kind: 'Response';
    readonly assertionId: string;
    readonly identity: Identity;
    /** SessionNotOnOrAfter: the earliest of all. */
    readonly sessionNotOnOrAfter: EpochMs | undefined;
    /** Undefined: unsolicited, which the identity provider's settings allow. */
    readonly request: SentAuthnRequest | undefined;
  },
  'verified'
>;

/** A LogoutRequest that may be carried out. */
export type VerifiedLogoutRequest = Brand<
  VerifiedAnyhow & {
    readonly kind: 'LogoutRequest';
    readonly issueInstant: EpochMs;
    readonly notOnOrAfter: EpochMs | undefined;
    readonly nameId: NameId;
    /** None: all sessions of the person (saml-core §3.7.3.1). */
    readonly sessionIndexes: readonly string[];
    /** Hash of the signed bytes: tells a repeated message from another one under the same ID. */
    readonly digest: string;
  },
  'verified'
>;

/** The answer to a LogoutRequest of ours. */
export type VerifiedLogoutResponse = Brand<
  VerifiedAnyhow & {
    readonly kind: 'LogoutResponse';
    /** `partial`: PartialLogout at whatever level (Auth0 puts it on top, SimpleSAMLphp under Success). */
    readonly outcome: 'success' | 'partial' | 'failed';
    readonly request: SentLogoutRequest;
  },
  'verified'
>;

/** A message that passed the guard. */
export type Verified = VerifiedResponse | VerifiedLogoutRequest | VerifiedLogoutResponse;

/** The facts of a verified message, without the brand. */
export type Unbranded<V extends Verified> = V extends Brand<infer Facts, 'verified'> ? Facts : never;
