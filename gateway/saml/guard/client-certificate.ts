// A client certificate may take the place of a signature, where the operator says so (P4): bindings §3.2.2.3 lets TLS authenticate the
// requester. An authority certifies many; each speaks for the identity provider it is bound to, and for no other.

import type { X509Certificate } from 'node:crypto';
import type { TrustedIdp } from './message.ts';

/** Whether a verified client certificate speaks for this identity provider: by a key of its metadata, or a name that is configured. */
export const speaksFor = (
  certificate: X509Certificate,
  { allow, keys, clientCertificateNames }: Pick<TrustedIdp, 'allow' | 'keys' | 'clientCertificateNames'>,
): boolean =>
  allow.tlsInsteadOfSignature &&
  (keys.some((key) => key.equals(certificate.publicKey)) ||
    clientCertificateNames.some((name) => certificate.checkHost(name, { wildcards: false }) !== undefined));
