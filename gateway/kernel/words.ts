// The words every room shares. A brand keeps apart what must not be mixed: a SessionId is no cookie
// token, and milliseconds since 1970 are no duration.

declare const brand: unique symbol;
/** A `T` that only a deliberate cast can make, so that it cannot be confused with another `T`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Identifies one session inside the gateway; never sent to a browser. 128 random bits, base64url. */
export type SessionId = Brand<string, 'SessionId'>;

/** A point in time: milliseconds since 1970-01-01T00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** What a browser holds: 256 random bits, base64url. Stored only as its hash. */
export type Token = Brand<string, 'Token'>;

/**
 * A NameID as it was received, byte for byte; an absent attribute stays absent, because identity providers
 * compare what we send back (saml-core §2.2.2).
 */
export interface NameId {
  readonly value: string;
  readonly format?: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
  readonly spProvidedId?: string | undefined;
}

/** Attribute values by name. A Map, so that an attribute called `constructor` is only an attribute. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/** Who signed in, as the identity provider said it. */
export interface Identity {
  /** The identity provider's `name` in gateway.yaml. */
  readonly idp: string;
  /** The app through whose own service provider the person signed in; absent: through the gateway's. */
  readonly sp?: string | undefined;
  /** What apps and rules know the person by. */
  readonly nameId: NameId;
  /** The NameID of the assertion, where the person is known by an attribute instead. */
  readonly issuedNameId?: NameId | undefined;
  /** Every SessionIndex of the assertion; may be empty. */
  readonly sessionIndexes: readonly string[];
  readonly attributes: Attributes;
  readonly authnInstant: EpochMs;
  readonly authnContext?: string | undefined;
  /** When it was last said, by our clock; absent where that was when the session began. */
  readonly provenAt?: EpochMs | undefined;
}

/** What one app is told about a person, worked out once for many requests; behind it what another is told. */
export interface Told {
  readonly app: string;
  /** Whose work it is: a configuration that has changed works out its own. */
  readonly by: object;
  /** A flat list name, value, name, value. */
  readonly headers: readonly string[];
  /** Until when it may be said, where that is not for ever. */
  readonly good: { readonly from: EpochMs; readonly until: EpochMs } | undefined;
  readonly next: Told | undefined;
}

/** How somebody must sign in, where it is more than that they do. */
export interface SignInDemand {
  /** Contexts of authentication of which the session must have one; none: any will do. */
  readonly contexts: readonly string[];
  /** They must sign in anew, because it was too long ago. */
  readonly force: boolean;
}

/** However they sign in. */
export const NO_DEMAND: SignInDemand = { contexts: [], force: false };

/** How TLS is spoken with an application, or an identity provider; PEM texts. What is left out is as the system has it. */
export interface UpstreamTls {
  /** The authorities its certificate may be signed by. */
  readonly ca?: string | undefined;
  /** Who we are, with the key to it: the certificate first, then those it is signed by. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that is asked for and that its certificate must have. Default: the host of its address. */
  readonly servername?: string | undefined;
}

/**
 * Within what a NameID or SessionIndex of an identity provider means a session: one service provider's sessions are nothing to another's, and a
 * logout that was sent to one ends none of the other's. No name has an `@`.
 */
export const realmOf = ({ idp, sp }: Pick<Identity, 'idp' | 'sp'>): string => (sp === undefined ? idp : `${idp}@${sp}`);

/** The NameID by which the identity provider speaks of a person: in its LogoutRequests, and in ours. */
export const issuedNameId = ({ issuedNameId: issued, nameId }: Pick<Identity, 'nameId' | 'issuedNameId'>): NameId =>
  issued ?? nameId;

/** Why a session ended; the same word stands in the log, the audit line and the page. */
export type EndReason =
  'idp-logout' | 'person' | 'administrator' | 'idle' | 'lifetime' | 'replaced' | 'unproven' | 'unconfigured';
