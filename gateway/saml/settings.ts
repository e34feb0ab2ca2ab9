// The settings of SAML: who we are, whom we trust, and which weaknesses an identity provider is allowed.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { durationMs } from '../kernel/units.ts';
import { logoutAddressFault } from './logout-address.ts';

const MAX_SKEW_MS = 5 * 60_000;
const MIN_RSA_BITS = 2048;

const clockSkew = z
  .string()
  .meta({ title: 'duration', examples: ['3m'] })
  .transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms <= MAX_SKEW_MS) return ms;
    context.addIssue(
      ms === undefined
        ? 'is no duration'
        : 'is too much: at most 5m; a longer one keeps stolen messages good for longer',
    );
    return z.NEVER;
  });

const path = (example: string) =>
  z
    .string()
    .meta({ title: 'file', examples: [example] })
    .min(1, 'names no file')
    .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !text.includes('\0'), {
      error: 'is no file on this machine; write its path',
    });

const MAKE_KEYS =
  'run `curfew keys`, which makes a key and its certificate, and write "keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]"';

const keyPair = z.strictObject({
  key: path('../certs/sp.key').describe('The private key: PEM, RSA, at least 2048 bits, without a passphrase.'),
  cert: path('../certs/sp.crt').describe('Its certificate: PEM.'),
});

/** `saml` in gateway.yaml. */
export const samlSettings = z
  .strictObject({
    entityId: z
      .string()
      .min(1, 'is empty')
      .max(1024, 'is longer than 1024 characters')
      .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, {
        error: 'is no URI; write "https://login.example.com/saml/metadata", or leave it out',
      })
      .meta({
        title: 'URI',
        examples: ['https://login.example.com/saml/metadata'],
        description: 'Our name towards identity providers. Default: `publicUrl` followed by `/saml/metadata`.',
      })
      .optional(),
    keys: z
      .array(keyPair, { error: `is missing; ${MAKE_KEYS}` })
      .min(1, `names no key; ${MAKE_KEYS}`)
      .meta({
        description:
          'The first signs, all decrypt, all are published in the metadata: put a new pair last, wait until every identity provider has it, move it to the front, remove the old one.',
      }),
    offerEncryption: z
      .boolean()
      .default(true)
      .describe(
        'Publish the keys in metadata for encryption too; many identity providers then encrypt without being told. What comes encrypted is opened either way.',
      ),
    clockSkew: clockSkew.prefault('3m').describe('How far the clocks of identity providers may be off; at most `5m`.'),
  })
  .transform(({ clockSkew, ...rest }) => ({ ...rest, clockSkewMs: clockSkew }));

/** One of `identityProviders` in gateway.yaml. */
export const identityProviderSettings = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, { error: 'is no name; use lower-case letters, digits and hyphens, such as "corp"' })
    .meta({
      title: 'name',
      examples: ['corp'],
      description: 'What apps, logs and sessions call it. Renaming it ends its sessions.',
    }),
  metadata: path('../certs/corp-idp.xml').describe(
    'Its metadata. Fetch it over a channel you trust: the keys in it are believed.',
  ),
  issuers: z
    .array(z.string().min(1, 'is empty').meta({ title: 'Issuer' }))
    .default([])
    .describe(
      'Further Issuer values that are this identity provider, for those that answer under more than one name (Entra ID, WSO2).',
    ),
  logout: z
    .strictObject({
      binding: z
        .enum(['auto', 'redirect', 'post', 'soap', 'none'])
        .default('auto')
        .describe('How our own LogoutRequests travel. `auto` takes the best its metadata offers; `none` sends none.'),
      url: z
        .string()
        .meta({
          title: 'address',
          examples: ['https://idp.example.com/samlsso?slo=true&spEntityID=${entityId}&returnTo=${returnTo}'],
        })
        .superRefine((text, context) => {
          const fault = logoutAddressFault(text);
          if (fault !== undefined) context.addIssue(fault);
        })
        .describe(
          'Where the browser of a person who leaves is sent instead of carrying a LogoutRequest, for identity providers that end their session at a plain address (WSO2 with `slo=true`, Auth0 with `/v2/logout?federated`). `${returnTo}`, the page to come back to, and `${entityId}`, our name, are put in percent-encoded, behind `?` only. Goes with `binding: auto`.',
        )
        .optional(),
      onTimeout: z
        .boolean()
        .default(false)
        .describe(
          'Tell it also of sessions that time out and of those that an administrator ends. Nobody’s browser is there to carry that, so its metadata must offer logout by SOAP. It may sign the person out of everything else they are using at that moment.',
        ),
      match: z
        .enum(['nameId', 'sessionIndex'])
        .default('nameId')
        .describe(
          'Which sessions its LogoutRequests end. `nameId`: those of the person named, and of them those with a SessionIndex that is named, if any is. `sessionIndex`: every session with a SessionIndex that is named, whoever is named beside it: for identity providers that name somebody else (the front channel of WSO2 names the person as the service that began knows them), and only where no two people ever share a SessionIndex.',
        ),
    })
    .refine(({ url, binding }) => url === undefined || binding === 'auto', {
      path: ['url'],
      error: 'takes the place of a LogoutRequest; leave binding out, or url',
    })
    .prefault({})
    .describe('Single logout, in both directions.'),
  wantAssertionsEncrypted: z
    .boolean()
    .default(false)
    .describe(
      'Refuse a Response whose assertion is not encrypted, so that no browser and nothing beside it sees what it says.',
    ),
  allow: z
    .strictObject({
      unsolicitedResponse: z
        .boolean()
        .default(false)
        .describe(
          'Accept a Response nobody asked for (sign-in begun at the identity provider). Lets others sign a person in to an account of theirs.',
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
    .describe('Weaknesses this identity provider needs. Each is off unless you turn it on.'),
});

/**
 * What is wrong with a key and its certificate, or undefined. The key must be RSA of at least 2048 bits and
 * belong to the certificate; otherwise no identity provider could use what we publish.
 */
export function keyPairFault(keyPem: string, certPem: string): { on: 'key' | 'cert'; message: string } | undefined {
  const key = attempt(() => createPrivateKey(keyPem));
  if (key === undefined) return { on: 'key', message: 'is no PEM private key without a passphrase; run `curfew keys`' };
  if (key.asymmetricKeyType !== 'rsa') return { on: 'key', message: 'is no RSA key; run `curfew keys`' };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS) {
    return { on: 'key', message: `has ${bits} bits, and at least ${MIN_RSA_BITS} are needed; run \`curfew keys\`` };
  }
  const certificate = attempt(() => new X509Certificate(certPem));
  if (certificate === undefined) return { on: 'cert', message: 'is no PEM certificate; run `curfew keys`' };
  if (!certificate.checkPrivateKey(key)) {
    return {
      on: 'cert',
      message: 'does not belong to the key; name the pair that was made together, or run `curfew keys`',
    };
  }
  return undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
