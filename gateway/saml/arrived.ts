// What a binding hands to the guard: octets, and where and how they came. Nothing in it is believed yet.

import type { X509Certificate } from 'node:crypto';
import type { Artifact } from './artifact/artifact.ts';
import type { Binding } from './names.ts';

interface ArrivedAnyhow {
  /** Our own address it arrived at, as registered: publicUrl, path, and the query that is not SAML's. */
  readonly endpoint: string;
  /** Which form field or query parameter it stood in. A SOAP body that is sent to us is a request, one that answers us a response. */
  readonly field: 'SAMLRequest' | 'SAMLResponse';
  /** As sent, to be echoed byte for byte; undefined where there was none, '' where it was empty. */
  readonly relayState: string | undefined;
  /** Who carried it, where it came over the back channel: TLS has verified the chain, and that its key is there. */
  readonly clientCertificate?: X509Certificate | undefined;
}

/** HTTP-Redirect: the message is still deflated, because the signature over the query comes first (bindings §3.4.4.1). */
export interface ArrivedByRedirect extends ArrivedAnyhow {
  readonly binding: Extract<Binding, 'redirect'>;
  readonly deflated: Buffer;
  readonly signature: { readonly octets: Buffer; readonly algorithm: string; readonly value: Buffer } | undefined;
}

/** HTTP-POST and SOAP: the XML as sent; the signature is inside. */
export interface ArrivedAsXml extends ArrivedAnyhow {
  readonly binding: Exclude<Binding, 'redirect'>;
  readonly xml: Buffer;
  /** It came in a query as a form would have carried it; no Response ever does (profiles §4.1.2). */
  readonly inQuery?: true;
  /** It was fetched for an artifact from this identity provider, and no other can be its sender. `isSigned`: what it came in was signed as a whole. */
  readonly resolvedBy?: { readonly idp: string; readonly isSigned: boolean };
}

/** What stands for a message that is to be fetched (bindings §3.6). */
export interface ArrivedArtifact extends Pick<ArrivedAnyhow, 'endpoint' | 'relayState'> {
  readonly binding: 'artifact';
  readonly artifact: Artifact;
}

/** A message as it arrived, over whichever binding. */
export type Arrived = ArrivedByRedirect | ArrivedAsXml;
