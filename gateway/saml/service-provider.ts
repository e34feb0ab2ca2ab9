// The SAML service provider as the flows see it: it judges what arrives and writes what leaves. Knows no HTTP and no sessions.

import { createPrivateKey } from 'node:crypto';
import { plus } from '../kernel/clock.ts';
import {
  issuedNameId,
  NO_DEMAND,
  type EpochMs,
  type Identity,
  type NameId,
  type SignInDemand,
  type UpstreamTls,
} from '../kernel/words.ts';
import type { Arrived, ArrivedArtifact } from './arrived.ts';
import { sourceIdOf, type Artifact } from './artifact/artifact.ts';
import { messageInAnswer, type AskedForArtifact } from './artifact/response.ts';
import { refuse } from './codes.ts';
import { explain, type Capture, type Explanation } from './explain/explain.ts';
import { metadataValid } from './guard/checks/metadata-valid.ts';
import { inspect, type Refusal } from './guard/guard.ts';
import type { MessageMemory, TrustedIdp, Verified } from './guard/message.ts';
import type { IdpMetadata } from './idp-metadata.ts';
import { differences, type NameIdPart } from './name-id.ts';
import type { Binding } from './names.ts';
import { logoutAddress } from './logout-address.ts';
import { openMessageIds, type Markup } from './ours/markup.ts';
import { artifactResolve, authnRequest, logoutRequest, logoutResponse, type LogoutStatus } from './ours/messages.ts';
import { openSigner, type Outgoing, type Signer } from './ours/outgoing.ts';
import { askedAt, ourMetadata, type OurSide } from './ours/metadata.ts';
import { signOnOf, type SignOn, type SignOnSettings } from './sign-on.ts';

/** How our own LogoutRequests travel; `auto` takes what the metadata offers, Redirect before POST before SOAP. */
export type LogoutBinding = 'auto' | Binding | 'none';

/** An identity provider with all that is configured about it. */
export interface IdentityProvider extends TrustedIdp {
  /** What people know it by. */
  readonly title: string;
  readonly metadata: IdpMetadata;
  /** How sign-ins are asked for. */
  readonly signOn: SignOnSettings;
  /** How long its word that somebody is signed in is good; undefined: until the session ends. */
  readonly revalidateMs: number | undefined;
  readonly logoutBinding: LogoutBinding;
  /** How TLS is spoken where it is called by SOAP; undefined: as the system does. */
  readonly soapTls: UpstreamTls | undefined;
  /** Whether it is told of sessions that time out or that an administrator ends. */
  readonly logoutOnTimeout: boolean;
  /** A template of the address at which it ends its session without SAML. */
  readonly logoutUrl: string | undefined;
  /** Whose sessions a LogoutRequest with SessionIndexes ends: the named person's, or anybody's. */
  readonly logoutMatch: 'nameId' | 'sessionIndex';
}

/** What the service provider is made of. */
export interface ServiceProviderOptions extends OurSide {
  /** The app whose own it is; undefined: the gateway's, for all others. */
  readonly app?: string | undefined;
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

/** Why somebody has left. */
export type Leaving = 'person' | 'administrator' | 'idle' | 'lifetime';

/** What the standard has words for (saml-core §3.7.3); that a session timed out only an identity provider may say. */
const REASON: Readonly<Record<Leaving, 'user' | 'admin' | undefined>> = {
  person: 'user',
  administrator: 'admin',
  idle: undefined,
  lifetime: undefined,
};

const LEAVING_ORDER: readonly Binding[] = ['redirect', 'post', 'soap'];

/** WSO2 inflates a Redirect message into 5000 bytes and refuses what is longer. */
const LONGEST_DEFLATED = 4990;

/** A LogoutRequest of ours is good for this long; well over the clock skew people have. */
const LOGOUT_REQUEST_MS = 5 * 60_000;

/** Builds everything that does not change between messages: entities, keys, metadata. */
export function openServiceProvider(options: ServiceProviderOptions) {
  const { entityId, acs, aliases, clockSkewMs, memory } = options;
  const messageId = openMessageIds();
  let idps = options.identityProviders;
  const [key] = options.keys;
  if (key === undefined) throw new TypeError('a key to sign with is needed');
  const decryptionKeys = options.keys
    .map(({ privateKey }) => createPrivateKey(privateKey))
    .filter(({ asymmetricKeyType }) => asymmetricKeyType === 'rsa');
  const signers = new Map<string, Signer>(idps.map((idp) => [idp.name, openSigner(key, idp.metadata)]));
  const signerOf = (idp: TrustedIdp): Signer => {
    const signer = signers.get(idp.name);
    if (signer === undefined) throw new TypeError(`no identity provider ${idp.name}`);
    return signer;
  };
  const metadataOf = (idp: TrustedIdp): IdpMetadata | undefined => idps.find(({ name }) => name === idp.name)?.metadata;

  return {
    entityId,
    app: options.app,
    /** SP metadata, as published at /saml/metadata. */
    metadata: ourMetadata(options),

    /**
     * Puts an identity provider in the place of the one of the same name: its metadata has changed. Messages that are being judged go on with
     * what they began with.
     */
    replace(idp: IdentityProvider): void {
      signers.set(idp.name, openSigner(key, idp.metadata));
      idps = idps.map((known) => (known.name === idp.name ? idp : known));
    },

    identityProvider: (name: string): IdentityProvider | undefined => idps.find((idp) => idp.name === name),

    /** Judges what arrived. `browser` is the hash of the nonce cookie that came along, if one did. */
    inspect: (arrived: Arrived, browser: string | undefined, now: EpochMs): Promise<Verified | Refusal> =>
      inspect(arrived, idps, { entityId, now, clockSkewMs, browser, memory, decryptionKeys }),

    /** How a captured message fares with every check; nothing is done or used up. `at`: the moment to judge it at. */
    explain: (capture: Capture, at: EpochMs | 'issued', now: EpochMs): Promise<Explanation<IdentityProvider>> =>
      explain(capture, {
        ...{ idps, entityId, clockSkewMs, decryptionKeys, at, now },
        endpoints: [acs, options.slo, options.sloSoap, ...(aliases?.acs ?? []), ...(aliases?.slo ?? [])],
      }),

    /** Asks `idp` for a sign-in as its settings and `demand` say; `expects` is what the answer is held to. Throws SAML_METADATA_EXPIRED. */
    signInRequest(
      idp: IdentityProvider,
      now: EpochMs,
      demand: SignInDemand = NO_DEMAND,
      passive = false,
    ): Request & Pick<SignOn, 'expects'> {
      metadataValid({ idp }, { now });
      const id = messageId();
      const { wishes, expects } = signOnOf(idp.signOn, demand, passive, now);
      const { signOn } = idp.metadata;
      const offered = signOn.redirect === undefined ? 'post' : 'redirect';
      const { binding: wanted } = idp.signOn;
      const binding = wanted === 'auto' || signOn[wanted] === undefined ? offered : wanted;
      const common = { id, issuer: entityId, destination: signOn[binding], now, acs: askedAt(options) };
      return { id, message: signerOf(idp).authnRequest(id, authnRequest({ ...common, ...wishes }), binding), expects };
    },

    /**
     * Tells `idp` that somebody has left; undefined where it takes no logout that way, or its settings say `none`. Without a person there is no browser
     * to carry it, and only SOAP is left.
     */
    signOutRequest(
      idp: IdentityProvider,
      identity: Identity,
      now: EpochMs,
      why: Leaving = 'person',
    ): Request | undefined {
      const id = messageId();
      const write = (binding: Binding, longestBytes: number): Markup =>
        logoutRequest({
          ...{ id, issuer: entityId, now, nameId: issuedNameId(identity), sessionIndexes: identity.sessionIndexes },
          destination: idp.metadata.logout[binding]?.location,
          notOnOrAfter: plus(now, LOGOUT_REQUEST_MS),
          reason: REASON[why],
          longestBytes,
        });
      const fits = (binding: Binding): boolean =>
        binding !== 'redirect' || Buffer.byteLength(write(binding, Infinity).text) <= LONGEST_DEFLATED;
      const possible = bindingsFor(idp.logoutBinding, idp.metadata, why === 'person' ? LEAVING_ORDER : ['soap']);
      const binding = possible.find(fits) ?? possible[0];
      if (binding === undefined) return undefined;
      const message = write(binding, binding === 'redirect' ? LONGEST_DEFLATED : Infinity);
      return { id, message: signerOf(idp).logoutRequest(id, message, binding) };
    },

    /** Where a browser is sent instead, at an identity provider that ends its session at a plain address. */
    signOutAddress: ({ logoutUrl }: IdentityProvider, returnTo: string): string | undefined =>
      logoutUrl && logoutAddress(logoutUrl, { returnTo, entityId }),

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
          : metadata && bindingsFor('auto', metadata, order)[0];
      if (metadata === undefined || binding === undefined) return undefined;
      const id = messageId();
      // A synchronous answer has no Destination: it goes back where the question came from.
      const destination = binding === 'soap' ? undefined : metadata.logout[binding]?.responseLocation;
      const message = logoutResponse({ id, issuer: entityId, destination, now, inResponseTo: request.id, status });
      return signerOf(request.idp).logoutResponse(id, message, binding, request.relayState);
    },

    /** Asks the one identity provider whose artifact it is (bindings §3.6.4.2), where its settings let it send any. Throws SAML_ARTIFACT. */
    artifactResolve({ text, sourceId, endpointIndex }: Artifact, now: EpochMs): AskedForArtifact {
      const [idp, second] = idps.filter((one) => sourceIdOf(one.entityId).equals(sourceId));
      const url = idp?.signOn.responseBinding === 'artifact' && idp.metadata.artifactResolution.get(endpointIndex);
      if (idp === undefined || second !== undefined || typeof url !== 'string') {
        throw refuse('SAML_ARTIFACT', { detail: { idp: idp?.name, index: endpointIndex } });
      }
      const id = messageId();
      const message = artifactResolve({ id, issuer: entityId, destination: url, now, artifact: text });
      return { id, idp, url, body: signerOf(idp).artifactResolve(id, message) };
    },

    /** The message in the answer to that, for `inspect`. Throws SAML_* codes. */
    messageFor: (asked: AskedForArtifact, answer: Buffer, arrived: ArrivedArtifact, now: EpochMs): Arrived =>
      messageInAnswer(answer, asked, arrived, { now, clockSkewMs }),

    /** In what a LogoutRequest's NameID differs from that of a session at that identity provider; in nothing where it names that person. */
    differences: (idp: TrustedIdp, a: NameId, b: NameId): readonly NameIdPart[] =>
      differences(a, b, { idp: [idp.entityId, ...idp.issuers], sp: entityId }),
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

function bindingsFor(wanted: LogoutBinding, metadata: IdpMetadata, order: readonly Binding[]): Binding[] {
  return order.filter((binding) => (wanted === 'auto' || wanted === binding) && metadata.logout[binding] !== undefined);
}
