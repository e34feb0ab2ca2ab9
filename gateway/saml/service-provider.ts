// The SAML service provider as the flows see it: it judges what arrives and writes what leaves. Knows no HTTP and no sessions.

import { createPrivateKey } from 'node:crypto';
import { plus } from '../kernel/clock.ts';
import type { EpochMs, Identity, NameId } from '../kernel/words.ts';
import type { Arrived } from './arrived.ts';
import { inspect, type Refusal } from './guard/guard.ts';
import type { MessageMemory, TrustedIdp, Verified } from './guard/message.ts';
import type { IdpMetadata } from './idp-metadata.ts';
import { sameNameId } from './name-id.ts';
import type { Binding } from './names.ts';
import { messageId } from './ours/markup.ts';
import { authnRequest, logoutRequest, logoutResponse, type LogoutStatus } from './ours/messages.ts';
import { openSigner, type Outgoing, type Signer } from './ours/outgoing.ts';
import { ourMetadata, type OurSide } from './ours/metadata.ts';

/** How our own LogoutRequests travel; `auto` takes what the metadata offers, Redirect before POST before SOAP. */
export type LogoutBinding = 'auto' | Binding | 'none';

/** An identity provider with all that is configured about it. */
export interface IdentityProvider extends TrustedIdp {
  readonly metadata: IdpMetadata;
  readonly logoutBinding: LogoutBinding;
  /** Whose sessions a LogoutRequest with SessionIndexes ends: the named person's, or anybody's. */
  readonly logoutMatch: 'nameId' | 'sessionIndex';
}

/** What the service provider is made of. */
export interface ServiceProviderOptions extends OurSide {
  readonly identityProviders: readonly IdentityProvider[];
  readonly clockSkewMs: number;
  readonly memory: MessageMemory;
}

/** An AuthnRequest or LogoutRequest of ours: remember `id` before `message` leaves. */
export interface Request {
  readonly id: string;
  readonly message: Outgoing;
}

/** What the flows may ask of SAML. */
export type ServiceProvider = ReturnType<typeof openServiceProvider>;

/** A LogoutRequest of ours is good for this long; well over the clock skew people have. */
const LOGOUT_REQUEST_MS = 5 * 60_000;

/** Builds everything that does not change between messages: entities, keys, metadata. */
export function openServiceProvider(options: ServiceProviderOptions) {
  const { entityId, acs, identityProviders: idps, clockSkewMs, memory } = options;
  const [key] = options.keys;
  if (key === undefined) throw new TypeError('a key to sign with is needed');
  const decryptionKeys = options.keys.map(({ privateKey }) => createPrivateKey(privateKey));
  const signers = new Map<string, Signer>(idps.map((idp) => [idp.name, openSigner(key, idp.metadata)]));
  const signerOf = (idp: TrustedIdp): Signer => {
    const signer = signers.get(idp.name);
    if (signer === undefined) throw new TypeError(`no identity provider ${idp.name}`);
    return signer;
  };
  const metadataOf = (idp: TrustedIdp): IdpMetadata | undefined => idps.find(({ name }) => name === idp.name)?.metadata;

  return {
    entityId,
    /** SP metadata, as published at /saml/metadata. */
    metadata: ourMetadata(options),

    identityProvider: (name: string): IdentityProvider | undefined => idps.find((idp) => idp.name === name),

    /** Judges what arrived. `browser` is the hash of the nonce cookie that came along, if one did. */
    inspect: (arrived: Arrived, browser: string | undefined, now: EpochMs): Promise<Verified | Refusal> =>
      inspect(arrived, idps, { entityId, now, clockSkewMs, browser, memory, decryptionKeys }),

    /** Asks `idp` for a sign-in; Redirect where it takes it, otherwise POST. */
    signInRequest(idp: IdentityProvider, now: EpochMs): Request {
      const id = messageId();
      const destination = idp.metadata.signOn.redirect ?? idp.metadata.signOn.post;
      return {
        id,
        message: signerOf(idp).authnRequest(id, authnRequest({ id, issuer: entityId, destination, now, acs })),
      };
    },

    /** Tells `idp` that the person has left; undefined where it takes no logout, or its settings say `none`. */
    signOutRequest(idp: IdentityProvider, identity: Identity, now: EpochMs): Request | undefined {
      const binding = bindingFor(idp.logoutBinding, idp.metadata, ['redirect', 'post', 'soap']);
      if (binding === undefined) return undefined;
      const id = messageId();
      const message = logoutRequest({
        id,
        issuer: entityId,
        destination: idp.metadata.logout[binding]?.location,
        now,
        nameId: identity.nameId,
        sessionIndexes: identity.sessionIndexes,
        notOnOrAfter: plus(now, LOGOUT_REQUEST_MS),
      });
      return { id, message: signerOf(idp).logoutRequest(id, message, binding) };
    },

    /**
     * Answers a LogoutRequest over the binding that fits the one it came by: on the same connection where it is read there, through a browser by what
     * the identity provider takes. Undefined where a browser must be answered and the identity provider names no address for it.
     */
    answer(request: Answerable, status: LogoutStatus, now: EpochMs): Outgoing | undefined {
      const metadata = metadataOf(request.idp);
      const order: readonly Binding[] = request.binding === 'redirect' ? ['redirect', 'post'] : ['post', 'redirect'];
      const binding =
        request.binding === 'soap' || request.fromServer === true
          ? request.binding
          : metadata && bindingFor('auto', metadata, order);
      if (metadata === undefined || binding === undefined) return undefined;
      const id = messageId();
      // A synchronous answer has no Destination: it goes back where the question came from.
      const destination = binding === 'soap' ? undefined : metadata.logout[binding]?.responseLocation;
      const message = logoutResponse({ id, issuer: entityId, destination, now, inResponseTo: request.id, status });
      return signerOf(request.idp).logoutResponse(id, message, binding, request.relayState);
    },

    /** Whether a LogoutRequest's NameID names the person of a session at that identity provider. */
    samePerson: (idp: TrustedIdp, a: NameId, b: NameId): boolean =>
      sameNameId(a, b, { idpEntityId: idp.entityId, spEntityId: entityId }),
  };
}

/** What an answer needs of the request it answers. */
export interface Answerable {
  readonly id: string;
  readonly idp: TrustedIdp;
  readonly binding: Binding;
  readonly relayState: string | undefined;
  /** A server posted the form, and reads the answer on the same connection. */
  readonly fromServer?: boolean;
}

function bindingFor(wanted: LogoutBinding, metadata: IdpMetadata, order: readonly Binding[]): Binding | undefined {
  if (wanted === 'none') return undefined;
  const possible = wanted === 'auto' ? order : [wanted];
  return possible.find((binding) => metadata.logout[binding] !== undefined);
}
