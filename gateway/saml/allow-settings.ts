// The weaknesses that an identity provider may be allowed, each with what it costs.

import * as z from 'zod';

/** `identityProviders[].allow` in gateway.yaml. */
export const allowSettings = z
  .strictObject({
    tlsInsteadOfSignature: z
      .boolean()
      .default(false)
      .describe(
        'Accept a LogoutRequest without a signature where it comes over `listen.backchannel` with a client certificate of this identity provider (Shibboleth on a port other than 443): one with a key of its metadata, or of `clientCertificateNames`.',
      ),
    unsolicitedResponse: z
      .boolean()
      .default(false)
      .describe(
        'Believe a Response nobody asked for. Lets others sign a person in to an account of theirs. Without it a sign-in that is begun at the identity provider works as well: the identity provider is asked who is there. Only one that cannot be asked needs this.',
      ),
    rsa15: z
      .boolean()
      .default(false)
      .describe(
        'Accept keys encrypted with RSA 1.5. Such a message can be opened, over time, by whoever may ask often enough whether it opens.',
      ),
    tripleDes: z
      .boolean()
      .default(false)
      .describe('Accept Triple DES, where the message is signed around it. Old, slow, and broken for long messages.'),
    sha1: z.boolean().default(false).describe('Accept SHA-1 signatures. They can be forged with money and time.'),
    unsignedLogoutResponse: z
      .boolean()
      .default(false)
      .describe(
        'Accept a LogoutResponse without a signature. Our session has ended by then; only what the page says depends on it.',
      ),
  })
  .prefault({})
  .describe('Weaknesses this identity provider needs. Each is off unless you turn it on.');
